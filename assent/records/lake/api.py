"""What may be done with columns. Rows of any kind; what they mean is known above."""

__all__ = [
    "append",
    "compact",
    "drop",
    "erase",
    "fresh",
    "merge_subject",
    "move",
    "narrow",
    "pin",
    "position",
    "query",
    "turn",
    "unbound",
]

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from django.conf import settings

from assent.records.lake.contracts import Cut, Kind
from assent.records.lake.drivers import Driver, Limits, named
from assent.records.lake.leases import lease

if TYPE_CHECKING:
    import ibis.expr.types as ir


def append(*, controller: int, kind: Kind, table: pa.Table, source: str, position: int) -> bool:
    """
    Add rows, exactly once per source and position.

    :param position: how far ``source`` has come with these rows; counts from 1 and only grows
    :return: False if the lake already holds this position of the source, and nothing was added
    """
    return _driver().append(_folder(controller, kind), kind, table, source=source, position=position)


def position(*, controller: int, kind: Kind, source: str) -> int:
    """Return how far a source has come, 0 at the start."""
    return _driver().position(_folder(controller, kind), source=source)


def unbound(kind: Kind) -> "ir.Table":
    """Return the table of a kind for expressions; it is bound to a controller's rows by ``query`` alone."""
    import ibis

    return ibis.table({field.name: _IBIS.get(str(field.type), str(field.type)) for field in kind.schema}, name=kind.name)


def query(
    *,
    controller: int,
    expr: "ir.Expr",
    kinds: Sequence[Kind],
    tables: Mapping[str, pa.Table] | None = None,
    subjects: Sequence[int] | None = None,
) -> pa.Table:
    """
    Evaluate an expression over one controller's rows.

    :param kinds: the kinds the expression reads
    :param tables: further tables it reads, by name
    :param subjects: read only where these people's rows lie; the expression still has to filter them
    """
    folders = {kind.name: (_folder(controller, kind), kind) for kind in kinds}
    return _driver().query(folders, expr, tables=tables or {}, subjects=subjects, limits=_limits())


def fresh(*, controller: int, kind: Kind) -> tuple[int, int]:
    """Return how many files and rows wait to be moved."""
    return _driver().fresh(_folder(controller, kind))


def move(*, controller: int, kind: Kind) -> int:
    """Take fresh rows to the parts where their people's rows lie; return how many."""
    return _driver().move(_folder(controller, kind), kind, limits=_limits())


def compact(*, controller: int, kind: Kind, seconds: float = 2.0) -> int:
    """Join small files for about so many seconds; return how many went."""
    return _driver().compact(_folder(controller, kind), kind, seconds=seconds)


def erase(*, controller: int, kind: Kind, subjects: Sequence[int]) -> int:
    """Remove people's rows so that no file holds a byte of them; return how many rows went."""
    return _driver().erase(_folder(controller, kind), subjects, limits=_limits())


def narrow(*, controller: int, kind: Kind, column: str, cuts: Sequence[Cut]) -> int:
    """Clear bits of a column of bits; rows without any go, and no file holds a byte of what went. Return how many changed."""
    return _driver().narrow(_folder(controller, kind), column, cuts, limits=_limits())


def drop(*, controller: int, kind: Kind) -> None:
    """Remove all rows of a kind and how far its sources have come, so that it can be made anew."""
    _driver().drop(_folder(controller, kind))


def merge_subject(*, controller: int, kind: Kind, into: int, other: int) -> int:
    """Give all rows of ``other`` to ``into``; return how many."""
    return _driver().merge(_folder(controller, kind), into=into, other=other)


def pin(*, controller: int, kind: Kind, into: Path) -> int:
    """
    Keep the rows of a kind as they are now, in a folder on the same disk, and return how many files that are.

    Links, not copies: it takes milliseconds, and no later move or erasure changes what is pinned. Whoever pins sees to it
    that the links go again soon, for they hold what is being erased.
    """
    return _driver().pin(_folder(controller, kind), into / str(controller) / kind.name)


@contextmanager
def turn(*, controller: int, kind: Kind, name: str) -> Iterator[None]:
    """Hold a named turn beside a kind's tables, across processes: for work that reads elsewhere and appends here."""
    with lease(_folder(controller, kind) / f"{name}.lease"):
        yield


# Where Ibis calls a type by another name than Arrow. (Its own translation needs a package we do without.)
_IBIS = {"double": "float64", "bool": "boolean", "fixed_size_binary[16]": "binary"}


def _driver() -> Driver:
    return named("delta")


def _folder(controller: int, kind: Kind) -> Path:
    return Path(settings.ASSENT_VAR) / "lake" / str(controller) / kind.name


def _limits() -> Limits:
    return Limits(
        memory_mb=settings.ASSENT_QUERY_MEMORY_MB,
        threads=settings.ASSENT_QUERY_THREADS,
        spill=Path(settings.ASSENT_VAR) / "lake" / ".spill",
    )
