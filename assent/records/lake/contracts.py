"""What is said to the lake: which kind of rows, and what it may keep statistics of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

__all__ = ["BUCKETS", "Busy", "Cut", "Kind", "bucket_of", "buckets_of"]

# One person's rows lie in one of 64 parts, so erasing rewrites a 64th: 0.06 s instead of 2 s at 10 million rows. More parts
# would mean more small files with every move.
BUCKETS = 64


class Busy(TimeoutError):
    """Another writer held the table for longer than we were willing to wait; trying again later is safe."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of rows: a pair of tables (fresh, buckets) per controller.

    :param name: folder and name of the table in expressions
    :param schema: columns; ``subject`` (int64) among them. A ``latest`` kind may gain columns later
    :param times: columns of which files keep minimum and maximum. Nothing else may have statistics: they hold values in the
        table's log, where an erasure would have to look for them
    :param latest: of one subject only the row appended last counts
    """

    name: str
    schema: pa.Schema
    times: tuple[str, ...] = ()
    latest: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """
    Bits that some people's rows lose.

    :param subjects: whose rows
    :param bits: what is cleared
    :param before: only rows whose column of that name lies before that number; None for all
    """

    subjects: Sequence[int]
    bits: int
    before: tuple[str, int] | None = None


def bucket_of(subject: int) -> int:
    """Return the part a person's rows lie in."""
    return subject % BUCKETS


def buckets_of(subjects: Iterable[int]) -> list[int]:
    """Return the parts these people's rows lie in, sorted."""
    return sorted({bucket_of(subject) for subject in subjects})
