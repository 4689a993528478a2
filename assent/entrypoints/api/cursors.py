"""Pages by cursor: the next page begins after the last one seen, so nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, Protocol, TypeAlias, TypeVar

from ninja import Query, Schema

from assent.entrypoints.api.problems import Problem

__all__ = ["Cursor", "Limit", "Page", "newest_first", "page_of"]

T = TypeVar("T")

Cursor: TypeAlias = Annotated[str, Query(max_length=80, description="the `next` of the page before; empty for the first")]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=500, description="most items of a page")]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST = 2**62  # of a number in a cursor


class Page(Schema, Generic[T]):
    """Some items, and the cursor of the next page; empty at the end."""

    items: list[T]
    next: str


class Made(Protocol):
    """Anything with a number and the moment it was made."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def made_at(self) -> datetime:
        """When it was made."""


M = TypeVar("M", bound=Made)


def page_of(after: Callable[[int, int], Sequence[int]], *, cursor: str, limit: int) -> tuple[Sequence[int], str]:
    """
    Return a page of ids and the next cursor.

    :param after: returns at most so many ids after a given one, in ascending order
    :raises Problem: 400 for a cursor that we did not make
    """
    (last,) = _read(cursor, 1) or (0,)
    ids = after(last, limit + 1)
    if len(ids) <= limit:
        return ids, ""
    return ids[:limit], _write(ids[limit - 1])


def newest_first(fetch: Callable[[datetime | None, int], Sequence[M]], *, cursor: str, limit: int) -> tuple[Sequence[M], str]:
    """
    Return a page of what was made, newest first, and the next cursor.

    Several things may be made in one moment, so the cursor names the last one seen with its number, too.

    :param fetch: returns at most so many made before a moment, by moment and number descending
    :raises Problem: 400 for a cursor that we did not make
    """
    seen = _read(cursor, 2)
    # A little more than the moment: some rooms store whole milliseconds.
    before = EPOCH + timedelta(milliseconds=2) + seen[0] * MICROSECOND if seen else None
    size = limit + 1
    while True:
        rows = fetch(before, size)
        kept = [row for row in rows if not seen or _place(row) < seen]
        if len(kept) > limit or len(rows) < size:
            break
        size *= 2
    return (kept[:limit], _write(*_place(kept[limit - 1]))) if len(kept) > limit else (kept, "")


def _place(row: Made) -> tuple[int, ...]:
    return (row.made_at - EPOCH) // MICROSECOND, row.id


def _write(*numbers: int) -> str:
    return base64.urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def _read(cursor: str, count: int) -> tuple[int, ...]:
    if not cursor:
        return ()
    try:
        words = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii").split(".")
        numbers = tuple(int(word) for word in words if word.isdecimal())
    except (ValueError, binascii.Error):
        numbers = ()
    if len(numbers) != count or max(numbers) > 2 * MOST:
        raise Problem(400, "Unknown cursor", "use the `next` of the page before, or none for the first page")
    return numbers
