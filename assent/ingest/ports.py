"""
The arrival log: where events are safe before anybody has looked at them.

One writer to a partition, one consumer to the log, in different processes. A consumer keeps its position beside what it
made of the entries (exactly once is its own doing), and calls ``consume`` when that is durable.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from assent.foundation.crypto import KeyWrapper
from assent.ingest import log
from assent.ingest.arrival import KINDS, Arrival, LogEntry, LogUnavailable, PartitionTaken, Unreadable

__all__ = [
    "KINDS",
    "Arrival",
    "Log",
    "LogEntry",
    "LogUnavailable",
    "LogWriter",
    "PartitionTaken",
    "Unreadable",
    "open_log",
    "open_writer",
]


class LogWriter(Protocol):
    """Writes one partition."""

    partition: str

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """
        Make arrivals durable, all or none, and return the sequence number of the last one (they are consecutive).

        :raises LogUnavailable: if they could not be kept; the next call may succeed
        """
        ...

    def close(self) -> None:
        """Let the partition go."""
        ...


class Log(Protocol):
    """Reads all partitions. Every verb may raise :class:`LogUnavailable`."""

    def read(self, after: Mapping[str, int], *, limit_bytes: int = 4 << 20) -> list[LogEntry | Unreadable]:
        """
        Return the entries behind these positions (of partitions not named: all) in the order of their arrival.

        Stops when ``limit_bytes`` of bodies are reached, but returns at least one entry if there is one.
        """
        ...

    def consume(self, partition: str, upto: int) -> None:
        """Delete the entries of a partition up to and with this one, and destroy the keys that are needed no more."""
        ...

    def tail(self) -> dict[str, int]:
        """Return the highest sequence number of each partition, consumed entries included."""
        ...

    def consumed(self) -> dict[str, int]:
        """Return the position up to which each partition is consumed."""
        ...

    def settle(self) -> bool:
        """Remove what deleted entries left behind; True when no file of the log holds a byte of any consumed entry."""
        ...

    def close(self) -> None:
        """Close all files."""
        ...


def open_log(*, var: Path, master: KeyWrapper) -> Log:
    """Open the log below the data folder for its consumer."""
    return log.SqliteLog(var / "arrival", master)


def open_writer(*, var: Path, master: KeyWrapper, partition: str = "") -> LogWriter:
    """
    Open a partition for writing, or the first free one of ``c0``, ``c1``, … if none is named.

    :raises PartitionTaken: if a living process writes the named one
    """
    return log.SqliteWriter.open(var / "arrival", master, partition)
