"""
Delta Lake tables on local disk, written by delta-rs and read by DuckDB.

A kind of a controller is two tables. *Fresh* is flat: appending costs one file. *Buckets* is partitioned by person, so that
erasing rewrites a 64th. Every fresh row has a number, ``ord``; a move copies the rows above the number that the bucketed
table's own transaction carries and only then removes them, and readers take fresh rows above that number: whoever
crashes where, each row is read once. Writers take turns (``leases``); within a turn a commit is exact because it is made on
the same snapshot the position was read from, without retries (delta-rs alone refuses no replay).
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from assent.records.lake.contracts import BUCKETS, Cut, Kind, bucket_of, buckets_of
from assent.records.lake.drivers import Can, Limits, duck
from assent.records.lake.leases import lease

__all__ = ["DeltaLake"]

T = TypeVar("T")

FRESH, PARTS = "fresh", "buckets"
ORD, MOVED, SOURCE = "ord", "moved", "source:"
# A reader whose files vanished takes a new snapshot; more often than this in a row, something else is wrong.
SNAPSHOTS = 40
# A part is worth joining from this many files on: each move adds one, and each rewrite costs the whole part.
FILES_PER_PART = 12
IDS_PER_DELETE = 1000
# Each change of bits rewrites its parts whole, so people are named together.
IDS_PER_CUT = 25_000


class DeltaLake:
    """The embedded default; on object storage the leases would need a lock service."""

    can = Can(erase_bytes=True, many_hosts=False)

    def append(self, folder: Path, kind: Kind, rows: pa.Table, *, source: str, position: int) -> bool:
        """Add rows to the fresh table in one commit that carries the source's position; durable on return."""
        if position < 1:
            raise ValueError(f"position {position} of {source}: positions count from 1")
        with _turn(folder, FRESH):
            table = _open_or_create(folder / FRESH, kind, parts=False)
            if position <= (table.transaction_version(SOURCE + source) or 0):
                return False
            last = table.transaction_version(ORD) or 0
            subjects = rows.column("subject").to_numpy()
            numbered = rows.append_column("bucket", pa.array((subjects % BUCKETS).astype(np.int32)))
            numbered = numbered.append_column(ORD, pa.array(np.arange(last + 1, last + 1 + len(rows))))
            _commit(table, numbered, kind, {SOURCE + source: position, ORD: last + len(rows)})
        return True

    def position(self, folder: Path, *, source: str) -> int:
        """Return the position the last commit of this source carried."""

        def read() -> int:
            table = _open(folder / FRESH)
            return (table.transaction_version(SOURCE + source) or 0) if table else 0

        return _steady(read)

    def query(
        self,
        folders: Mapping[str, tuple[Path, Kind]],
        expr: ir.Expr,
        *,
        tables: Mapping[str, pa.Table],
        subjects: Sequence[int] | None,
        limits: Limits,
    ) -> pa.Table:
        """Read one moment of each kind; files that vanish meanwhile were moved or erased, so look again."""

        def read() -> pa.Table:
            with duck.connect(limits, reads=[folder for folder, _ in folders.values()]) as connection:
                for folder, kind in folders.values():
                    duck.view(connection, kind, _files(folder, subjects))
                return duck.run(connection, expr, tables)

        return _steady(read)

    def fresh(self, folder: Path) -> tuple[int, int]:
        """Return files and rows above the number moved last."""

        def read() -> tuple[int, int]:
            table = _open(folder / FRESH)
            if table is None:
                return 0, 0
            return len(table.file_uris()), (table.transaction_version(ORD) or 0) - _moved(_open(folder / PARTS))

        return _steady(read)

    def move(self, folder: Path, kind: Kind, *, limits: Limits) -> int:
        """Copy waiting rows to their parts, then remove them from fresh. Appends go on while the copy is made."""
        duck.sweep_spills(limits.spill)
        with _turn(folder, PARTS):
            fresh = _open(folder / FRESH)
            if fresh is None:
                return 0
            parts = _open_or_create(folder / PARTS, kind, parts=True)
            moved, last = _moved(parts), fresh.transaction_version(ORD) or 0
            if last > moved:
                files = duck.Files(fresh.file_uris(), parts.file_uris() if kind.latest else [], moved)
                whole = Kind(kind.name, _columns(fresh, parts), latest=kind.latest)
                with duck.connect(limits, reads=[folder]) as connection:
                    # The snapshot has no row above `last`, so all waiting rows are meant.
                    placed = f"SELECT *, CAST(subject % {BUCKETS} AS INTEGER) AS bucket FROM ({duck.rows_of(whole, files)})"
                    rows = connection.execute(placed).to_arrow_reader(100_000)
                    _commit(parts, rows, kind, {MOVED: last}, mode="overwrite" if kind.latest else "append")
                if kind.latest:
                    _leave_no_bytes(folder / PARTS)
            with _turn(folder, FRESH):
                table = DeltaTable(folder / FRESH)
                table.delete(f"{ORD} <= {last}")
                _leave_no_bytes(folder / FRESH)
            return last - moved

    def compact(self, folder: Path, kind: Kind, *, seconds: float) -> int:
        """Join the files of parts that have many, giving other writers their turn in between."""
        until = time.monotonic() + seconds
        went = 0
        table = _open(folder / PARTS)
        files = Counter(Path(uri).parent.name for uri in table.file_uris()) if table else {}
        for part in [part for part, many in files.items() if many >= FILES_PER_PART]:
            if time.monotonic() > until:
                break
            with _turn(folder, PARTS):
                only = [("bucket", "=", part.removeprefix("bucket="))]
                went += DeltaTable(folder / PARTS).optimize.compact(partition_filters=only)["numFilesRemoved"]
        if went:
            with _turn(folder, PARTS):
                _leave_no_bytes(folder / PARTS)
        if kind.latest and self.fresh(folder)[0] >= FILES_PER_PART:
            with _turn(folder, FRESH):
                went += DeltaTable(folder / FRESH).optimize.compact()["numFilesRemoved"]
                _leave_no_bytes(folder / FRESH)
        return went

    def erase(self, folder: Path, subjects: Sequence[int], *, limits: Limits) -> int:
        """Delete by part in both tables, then remove old files, files of killed writers, and the log's memory of them."""
        duck.sweep_spills(limits.spill)
        went = 0
        with _turn(folder, PARTS), _turn(folder, FRESH):
            moved = _moved(_open(folder / PARTS))
            if table := _open(folder / FRESH):
                table.delete(f"{ORD} <= {moved}")  # already in the parts: counted there
            for path in (folder / FRESH, folder / PARTS):
                if (table := _open(path)) is None:
                    continue
                for start in range(0, len(subjects), IDS_PER_DELETE):
                    some = subjects[start : start + IDS_PER_DELETE]
                    went += int(
                        table.delete(f"{_in('bucket', buckets_of(some))} AND {_in('subject', some)}")["num_deleted_rows"]
                    )
                _leave_no_bytes(path)
        return went

    def narrow(self, folder: Path, column: str, cuts: Sequence[Cut], *, limits: Limits) -> int:
        """Clear bits by part in both tables, then delete rows without any. Done again after a crash it finds what is left."""
        duck.sweep_spills(limits.spill)
        changed = 0
        with _turn(folder, PARTS), _turn(folder, FRESH):
            moved = _moved(_open(folder / PARTS))
            if table := _open(folder / FRESH):
                table.delete(f"{ORD} <= {moved}")  # already in the parts: changed there
            for path in (folder / FRESH, folder / PARTS):
                if (table := _open(path)) is None:
                    continue
                for cut in cuts:
                    for start in range(0, len(cut.subjects), IDS_PER_CUT):
                        changed += _clear(table, column, cut, cut.subjects[start : start + IDS_PER_CUT])
                whose = [subject for cut in cuts for subject in cut.subjects]
                table.delete(f"{_in('bucket', buckets_of(whose))} AND {column} = 0")
                _leave_no_bytes(path)
        return changed

    def drop(self, folder: Path) -> None:
        """Remove both tables; a reader finds nothing until rows are added again."""
        with _turn(folder, PARTS), _turn(folder, FRESH):
            # Parts first: with the numbers gone but old parts left, new rows would count as moved.
            shutil.rmtree(folder / PARTS, ignore_errors=True)
            shutil.rmtree(folder / FRESH, ignore_errors=True)

    def merge(self, folder: Path, *, into: int, other: int) -> int:
        """Rename the rows in one commit per table; done again after a crash it finds what is left."""
        changed = 0
        whose = f"bucket = {bucket_of(other)} AND subject = {other}"
        with _turn(folder, PARTS), _turn(folder, FRESH):
            for path in (folder / FRESH, folder / PARTS):
                if table := _open(path):
                    updates = {"subject": str(into), "bucket": f"CAST({bucket_of(into)} AS INT)"}
                    changed += int(table.update(predicate=whose, updates=updates)["num_updated_rows"])
                    _leave_no_bytes(path)
        return changed

    def pin(self, folder: Path, into: Path) -> int:
        """Link the files of both tables' present versions and of their logs, within their turns."""
        linked = 0
        with _turn(folder, PARTS), _turn(folder, FRESH):
            for name in (FRESH, PARTS):
                table = _open(folder / name)
                if table is None:
                    continue
                wanted = [Path(uri.removeprefix("file://")) for uri in table.file_uris()]
                wanted += [one for one in (folder / name / "_delta_log").iterdir() if one.is_file()]
                for one in wanted:
                    place = into / name / one.relative_to(folder / name)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    os.link(one, place)
                linked += len(wanted)
        return linked


# Delta has no binary of fixed size.
_TYPES = {pa.binary(16): pa.binary()}


def _turn(folder: Path, table: str) -> AbstractContextManager[None]:
    return lease(folder / f"{table}.lease")


def _open(path: Path) -> DeltaTable | None:
    try:
        return DeltaTable(path)
    except TableNotFoundError:
        return None


def _steady(read: Callable[[], T]) -> T:
    """Read a table whose turn is somebody else's. While its log is tidied a file may go under the reader: then look again."""
    for again in range(SNAPSHOTS):
        try:
            return read()
        except (duck.Gone, DeltaError, FileNotFoundError):
            if again == SNAPSHOTS - 1:
                raise
            time.sleep(0.01 * again)
    raise AssertionError


def _open_or_create(path: Path, kind: Kind, *, parts: bool) -> DeltaTable:
    found = _open(path)
    if found is not None:
        return found
    plain = [
        pa.field(f.name, pa.binary() if pa.types.is_fixed_size_binary(f.type) else f.type, f.nullable) for f in kind.schema
    ]
    extra = [pa.field("bucket", pa.int32())] + ([] if parts else [pa.field(ORD, pa.int64())])
    counted = [*([] if parts else ["bucket", ORD]), *kind.times]
    statistics = {"delta.dataSkippingStatsColumns": ",".join(counted)} if counted else {"delta.dataSkippingNumIndexedCols": "0"}
    return DeltaTable.create(
        path,
        pa.schema([*plain, *extra]),
        partition_by=["bucket"] if parts else None,
        # Values of other columns in the log's statistics, and old log entries, would outlive an erasure.
        configuration={**statistics, "delta.logRetentionDuration": "interval 0 seconds"},
    )


def _clear(table: DeltaTable, column: str, cut: Cut, subjects: Sequence[int]) -> int:
    where = f"{_in('bucket', buckets_of(subjects))} AND {_in('subject', subjects)} AND ({column} & {int(cut.bits)}) != 0"
    if cut.before is not None:
        where += f" AND {cut.before[0]} < {int(cut.before[1])}"
    kept = (1 << 62) - 1 & ~cut.bits
    return int(table.update(predicate=where, updates={column: f"CAST({column} & {kept} AS BIGINT)"})["num_updated_rows"])


def _moved(parts: DeltaTable | None) -> int:
    return (parts.transaction_version(MOVED) or 0) if parts else 0


def _files(folder: Path, subjects: Sequence[int] | None) -> duck.Files:
    # Fresh first: what is moved between the two looks is found in the parts and, by its number, not again in fresh.
    fresh = _open(folder / FRESH)
    parts = _open(folder / PARTS)
    only = None if subjects is None else [("bucket", "in", [str(bucket) for bucket in buckets_of(subjects)])]
    return duck.Files(
        fresh.file_uris() if fresh else [], parts.file_uris(file_pruning_predicate=only) if parts else [], _moved(parts)
    )


def _columns(*tables: DeltaTable) -> pa.Schema:
    """Return all columns these tables have together, without the lake's own."""
    fields = {field.name: field for table in tables for field in pa.schema(table.schema().to_arrow())}
    return pa.schema([field for name, field in fields.items() if name not in {ORD, "bucket"}])


def _commit(table: DeltaTable, rows: Any, kind: Kind, versions: Mapping[str, int], *, mode: str = "append") -> None:
    """Write rows and positions in one commit on this very snapshot, and bring it to the disk."""
    write_deltalake(
        table,
        rows,
        mode=mode,  # type: ignore[call-overload]
        schema_mode="merge" if kind.latest else None,
        commit_properties=CommitProperties(
            app_transactions=[Transaction(name, version) for name, version in versions.items()], max_commit_retries=0
        ),
    )
    _to_disk(Path(table.table_uri.removeprefix("file://")), _open_version(table))


def _open_version(table: DeltaTable) -> int:
    table.update_incremental()
    return table.version()


def _to_disk(path: Path, version: int) -> None:
    """
    Bring a commit to the disk: its data files, then the entry that names them, then the folders.

    delta-rs leaves this to the operating system; the arrival log deletes what it has handed on, so we can't.
    """
    entry = path / "_delta_log" / f"{version:020}.json"
    if not entry.exists():  # a checkpoint just took its place
        os.sync()
        return
    added = [json.loads(line).get("add") for line in entry.read_text().splitlines()]
    files = [path / unquote(add["path"]) for add in added if add]
    for one in (*files, entry, *{file.parent for file in files}, entry.parent, path):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _leave_no_bytes(path: Path) -> None:
    """
    Remove every file no reader needs: old versions, what killed writers left, log entries a checkpoint replaces.

    Only within the table's turn: ``full=True`` would also take the files of a writer that has not committed yet.
    """
    table = DeltaTable(path)
    table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
    # Half-written files end in "#<number>"; the store behind delta-rs doesn't list them, so its vacuum never sees them.
    for half in path.rglob("*#[0-9]*"):
        half.unlink(missing_ok=True)
    table = DeltaTable(path)
    table.create_checkpoint()
    table.cleanup_metadata()


def _in(column: str, values: Sequence[int]) -> str:
    return f"{column} IN ({', '.join(str(int(value)) for value in values)})"
