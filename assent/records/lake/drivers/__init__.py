"""Drivers: the ways to keep columns. A new one is a new module here and a line in ``DRIVERS``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from assent.records.lake.contracts import Cut, Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["DRIVERS", "Can", "Driver", "Limits", "named"]

DRIVERS = {"delta": "delta:DeltaLake"}


@dataclass(frozen=True, slots=True)
class Can:
    """
    What a driver is able to do, said instead of asked by name.

    :param erase_bytes: after an erasure no file holds a byte of what was erased
    :param many_hosts: writers on several hosts take turns, too
    """

    erase_bytes: bool
    many_hosts: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use: memory in MB, threads, and the folder it may spill into."""

    memory_mb: int
    threads: int
    spill: Path


class Driver(Protocol):
    """One way to keep rows of a kind in a folder. Every verb may be repeated after a crash."""

    can: Can

    def append(self, folder: Path, kind: Kind, rows: pa.Table, *, source: str, position: int) -> bool:
        """Add rows, unless this source has already come so far; then return False."""
        ...

    def position(self, folder: Path, *, source: str) -> int:
        """Return how far a source has come, 0 at the start."""
        ...

    def query(
        self,
        folders: Mapping[str, tuple[Path, Kind]],
        expr: "ir.Expr",
        *,
        tables: Mapping[str, pa.Table],
        subjects: Sequence[int] | None,
        limits: Limits,
    ) -> pa.Table:
        """Evaluate an expression over kinds (by name) and given tables; ``subjects`` narrows to where their rows lie."""
        ...

    def fresh(self, folder: Path) -> tuple[int, int]:
        """Return files and rows that wait to be moved."""
        ...

    def move(self, folder: Path, kind: Kind, *, limits: Limits) -> int:
        """Take waiting rows to their parts; return how many."""
        ...

    def compact(self, folder: Path, kind: Kind, *, seconds: float) -> int:
        """Join small files, for about so long; return how many went."""
        ...

    def erase(self, folder: Path, subjects: Sequence[int], *, limits: Limits) -> int:
        """Remove these people's rows and every old byte of them; return how many rows went."""
        ...

    def narrow(self, folder: Path, column: str, cuts: Sequence[Cut], *, limits: Limits) -> int:
        """Clear bits, remove rows that have none left and every old byte of them; return how many rows changed."""
        ...

    def drop(self, folder: Path) -> None:
        """Remove all rows and positions."""
        ...

    def merge(self, folder: Path, *, into: int, other: int) -> int:
        """Give one person's rows to another; return how many."""
        ...

    def pin(self, folder: Path, into: Path) -> int:
        """Keep the present version in another folder, whatever becomes of the table; return how many files it is."""
        ...


@cache
def named(name: str) -> Driver:
    """Return the driver of that name, importing its engine only now."""
    module, _, factory = DRIVERS[name].partition(":")
    made: Driver = getattr(import_module(f"{__name__}.{module}"), factory)()
    return made
