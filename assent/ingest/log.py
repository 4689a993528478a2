"""
The arrival log in SQLite: one file per partition, one row per group of entries that became durable together.

A group is packed, compressed and sealed as a whole, so that an HTTP request costs the log a few microseconds. Consumed rows
are deleted with ``secure_delete`` and the write-ahead log is truncated, after which no deleted byte is left in the files.
"""

import fcntl
import heapq
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pyarrow as pa

from assent.foundation import clock
from assent.foundation.crypto import CannotOpen, KeyWrapper, open_sealed, seal
from assent.ingest.arrival import Arrival, LogEntry, LogUnavailable, PartitionTaken, Unreadable
from assent.ingest.hours import HourKeys

__all__ = ["SqliteLog", "SqliteWriter"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    last INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    hour_key INTEGER NOT NULL,
    size INTEGER NOT NULL,
    sealed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS consumed (only INTEGER PRIMARY KEY CHECK (only = 1), upto INTEGER NOT NULL);
INSERT OR IGNORE INTO consumed VALUES (1, 0);
"""
# Rows only go once they are consumed, so the two together never fall and no number is given twice.
TAIL = "SELECT max(upto, coalesce((SELECT max(last) FROM entries), 0)) FROM consumed"
WAIT_S = 2.0  # for another process's short transaction; longer than that is a fault worth telling the client
HOLD_S = 0.02  # how long a consumer's delete may make the writer wait

_lz4 = pa.Codec("lz4_raw")
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Arrival]).decode


def _now_ms() -> int:
    return clock.millis(clock.now())


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open a partition's file so that a commit is on the disk and a delete leaves nothing."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=WAIT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "secure_delete=ON", "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}").close()
        if create:
            connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _context(partition: str, first: int, last: int) -> bytes:
    return f"arrival:{partition}:{first}:{last}".encode()


class SqliteWriter:
    """Writes one partition; a lock on a file beside it, which the system lifts when the process dies, keeps others out."""

    @classmethod
    def open(cls, folder: Path, master: KeyWrapper, partition: str = "", now_ms: Callable[[], int] = _now_ms) -> "SqliteWriter":
        """
        Take the named partition, or the first free one.

        :raises PartitionTaken: if a living process writes it
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = [partition] if partition else [f"c{number}" for number in range(1000)]
        for name in names:
            lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            return cls(folder, master, name, lock, now_ms)
        message = f"partition {partition or 'c0 to c999'} of the arrival log is written by another process"
        raise PartitionTaken(message)

    def __init__(self, folder: Path, master: KeyWrapper, partition: str, lock: int, now_ms: Callable[[], int]) -> None:
        """Use ``open``: the partition must be locked."""
        self.partition = partition
        self._path = folder.absolute() / f"{partition}.sqlite3"
        self._keys = HourKeys(folder / "hours" / partition, master)
        self._lock = lock
        self._now_ms = now_ms
        self._connection: sqlite3.Connection | None = None
        self._next = 0

    def write(self, arrivals: Sequence[Arrival]) -> int:
        """
        Make arrivals durable, all or none, and return the sequence number of the last one.

        :raises LogUnavailable: if they could not be kept; the file is opened anew at the next call
        """
        packed = _pack(arrivals)
        small = _lz4.compress(packed, asbytes=True)
        try:
            connection = self._connection or self._reopen()
            connection.execute("BEGIN IMMEDIATE")
            key_id, key = self._keys.current(self._now_ms())
            first, last = self._next, self._next + len(arrivals) - 1
            sealed = seal(key, small, context=_context(self.partition, first, last))
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (last, first, key_id, len(packed), sealed))
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            # Whether a failed COMMIT reached the disk is not known here: the next call reads the true tail.
            self._disconnect()
            raise LogUnavailable(f"arrival log {self.partition}: {error}") from error
        self._next = last + 1
        return last

    def close(self) -> None:
        """Let the partition go."""
        self._disconnect()
        os.close(self._lock)

    def _reopen(self) -> sqlite3.Connection:
        self._connection = _connect(self._path, create=True)
        self._next = self._connection.execute(TAIL).fetchone()[0] + 1
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()  # rolls back
            self._connection = None


class SqliteLog:
    """Reads and consumes all partitions of a folder. For one thread at a time."""

    def __init__(self, folder: Path, master: KeyWrapper, now_ms: Callable[[], int] = _now_ms) -> None:
        """Read below this folder, which need not exist yet."""
        self._folder = folder.absolute()
        self._master = master
        self._now_ms = now_ms
        self._open: dict[str, tuple[sqlite3.Connection, HourKeys]] = {}
        self._unsettled: dict[str, float] = {}

    def read(self, after: Mapping[str, int], *, limit_bytes: int = 4 << 20) -> list[LogEntry | Unreadable]:
        """
        Return the entries behind these positions in the order of arrival across partitions, within the limit.

        :raises LogUnavailable: if a file can't be read now
        """
        found: list[LogEntry | Unreadable] = []
        size = 0
        with self._unavailable():
            streams = [self._stream(name, after.get(name, 0)) for name in self._partitions()]
            try:
                for entry in heapq.merge(*streams, key=_arrived):
                    found.append(entry)
                    size += len(entry.body) if isinstance(entry, LogEntry) else 0
                    if size >= limit_bytes:
                        break
            finally:
                for stream in streams:
                    stream.close()
        if not found and self._unsettled:
            self.settle()
        return found

    def consume(self, partition: str, upto: int) -> None:
        """
        Delete a partition's entries up to and with this one, in transactions short enough for the writer.

        :raises LogUnavailable: if the file is locked or full; call it again, it goes on where it was
        """
        with self._unavailable():
            connection, _keys = self._partition(partition)
            # Never beyond the tail: the writer's next entry would count as consumed.
            connection.execute(f"UPDATE consumed SET upto = max(upto, min(?, ({TAIL})))", (upto,))
            self._unsettled.setdefault(partition, time.monotonic())
            while self._delete_some(connection):
                pass
            if time.monotonic() - self._unsettled[partition] > 1:
                self._settle(partition)

    def tail(self) -> dict[str, int]:
        """Return the highest sequence number of each partition."""
        return self._position(TAIL)

    def consumed(self) -> dict[str, int]:
        """Return the position up to which each partition is consumed."""
        return self._position("SELECT upto FROM consumed")

    def settle(self) -> bool:
        """Remove what deleted entries left behind; True when no file holds a byte of any consumed entry."""
        with self._unavailable():
            left = [name for name in self._partitions() if not self._settle(name)]
        return not left

    def close(self) -> None:
        """Close all files."""
        while self._open:
            self._open.popitem()[1][0].close()

    def _partitions(self) -> list[str]:
        """Return the partitions that hold tables by now, oldest name first."""
        found = sorted(path.stem for path in self._folder.glob("*.sqlite3"))
        return [name for name in found if name in self._open or self._ready(name)]

    def _ready(self, partition: str) -> bool:
        connection, _keys = self._partition(partition)
        if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'consumed'").fetchone()[0]:
            return True
        connection.close()  # its writer is only just making it
        del self._open[partition]
        return False

    def _partition(self, name: str) -> tuple[sqlite3.Connection, HourKeys]:
        if name not in self._open:
            keys = HourKeys(self._folder / "hours" / name, self._master)
            self._open[name] = (_connect(self._folder / f"{name}.sqlite3"), keys)
        return self._open[name]

    def _stream(self, partition: str, after: int) -> Generator[LogEntry | Unreadable, None, None]:
        connection, keys = self._partition(partition)
        # What was consumed never comes back, whatever position a consumer that lost its own asks from.
        start = max(after, connection.execute("SELECT upto FROM consumed").fetchone()[0])
        rows = connection.execute(
            "SELECT first, last, hour_key, size, sealed FROM entries WHERE last > ? ORDER BY last", (start,)
        )
        try:
            for group in rows:
                yield from _opened(partition, group, keys.get(group[2]), start)
        finally:
            rows.close()

    def _delete_some(self, connection: sqlite3.Connection) -> bool:
        """Delete consumed rows for a moment; True if some are left."""
        until = time.monotonic() + HOLD_S
        with _transaction(connection):
            while time.monotonic() < until:
                done = connection.execute(
                    "DELETE FROM entries WHERE last = (SELECT min(last) FROM entries) AND last <= (SELECT upto FROM consumed)"
                ).rowcount
                if not done:
                    return False
        return True

    def _settle(self, partition: str) -> bool:
        connection, keys = self._partition(partition)
        while self._delete_some(connection):
            pass
        self._destroy_keys(connection, keys)
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        # A group of which only a part is consumed stays as it is until the rest is.
        oldest = connection.execute("SELECT first <= (SELECT upto FROM consumed) FROM entries ORDER BY last LIMIT 1").fetchone()
        if busy or (oldest and oldest[0]):
            self._unsettled[partition] = time.monotonic()
            return False
        self._unsettled.pop(partition, None)
        return True

    def _destroy_keys(self, connection: sqlite3.Connection, keys: HourKeys) -> None:
        over = keys.over(self._now_ms())
        oldest = connection.execute("SELECT hour_key FROM entries ORDER BY last LIMIT 1").fetchone()
        if not over or (oldest and oldest[0] in over):
            return
        with _transaction(connection):  # holds the writer off: see HourKeys.current
            used = {key_id for (key_id,) in connection.execute("SELECT DISTINCT hour_key FROM entries")}
            keys.destroy(over - used)

    def _position(self, query: str) -> dict[str, int]:
        with self._unavailable():
            return {name: self._partition(name)[0].execute(query).fetchone()[0] for name in self._partitions()}

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self.close()  # opened anew at the next call
            raise LogUnavailable(f"arrival log: {error}") from error


def _arrived(entry: LogEntry | Unreadable) -> int:
    return entry.received_ms if isinstance(entry, LogEntry) else 0


def _opened(
    partition: str, group: tuple[int, int, int, int, bytes], key: bytes | None, start: int
) -> Iterator[LogEntry | Unreadable]:
    """Yield the entries of a group that lie behind a position."""
    first, last, _key_id, size, sealed = group
    wanted = range(max(first, start + 1), last + 1)
    if key is None:
        yield from (Unreadable(partition, seq, "its hour's key is gone") for seq in wanted)
        return
    try:
        small = open_sealed(key, sealed, context=_context(partition, first, last))
        arrivals = _unpack(_lz4.decompress(small, decompressed_size=size, asbytes=True))
    except (CannotOpen, OSError, msgspec.MsgspecError):
        yield from (Unreadable(partition, seq, "its bytes were altered") for seq in wanted)
        return
    for seq in wanted:
        one = arrivals[seq - first]
        yield LogEntry(partition, seq, one.received_ms, one.property, one.secret, one.kind, one.gpc, one.ip_short, one.body)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
