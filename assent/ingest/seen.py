"""
Which messages were here before: the index by which a resend is recognised, in a file of its own.

A key is the minute a client says plus 64 bits of the hash of (property, messageId): keys of one hour lie together, so the
index stays fast however large it grows, and among the two million events of a busy minute two share a key by chance once
in six million such minutes. Each key keeps the place in the log where it was first seen, so that a message read again after a
crash is never taken for its own duplicate. Kept 35 days; clients give up within hours.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import msgspec

__all__ = ["DAYS", "Seen", "key"]

DAYS = 35
PARTITIONS = 1024
MINUTE_BYTES = 6
KEY_BYTES = MINUTE_BYTES + 8
EPOCH = 1 << 40  # minutes before 1970 come first, too
SLICE = 2_000  # rows forgotten at once, so that a clean-up never holds up the line

_TABLES = """
CREATE TABLE IF NOT EXISTS partition
    (name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, planned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS seen (key BLOB PRIMARY KEY, place INTEGER NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID;
"""

# All of a stretch in one statement, taken apart by SQLite: a call for each row took more than twice the time.
_NOTE = f"""
INSERT OR IGNORE INTO seen
SELECT substr(:keys, 1 + {KEY_BYTES} * each.key, {KEY_BYTES}), each.value, :day FROM json_each(:places) AS each
"""
_ELSEWHERE = f"""
SELECT seen.key FROM json_each(:places) AS each
CROSS JOIN seen ON seen.key = substr(:keys, 1 + {KEY_BYTES} * each.key, {KEY_BYTES}) WHERE seen.place <> each.value
"""


@lru_cache(maxsize=4096)
def _minute(minute: int) -> bytes:
    return (minute + EPOCH).to_bytes(MINUTE_BYTES, "big")


def key(minute: int, digest: bytes) -> bytes:
    """Return what a message is known by; keys are in the order of their minutes."""
    return _minute(minute) + digest[:8]


class Seen:
    """The index. One object to a process; several processes may use the file."""

    def __init__(self, file: Path) -> None:
        """Open the index, making it on first use."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, timeout=20)
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: a key forgotten in a power cut would let a resend in twice. One commit serves thousands of events.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA cache_size = -65536")
        self._db.execute("PRAGMA wal_autocheckpoint = 8000")
        self._db.executescript(_TABLES)
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def planned(self, partition: str) -> int:
        """Return the end of the stretch that was being committed last; 0 before the first."""
        row = self._db.execute("SELECT planned FROM partition WHERE name = ?", (partition,)).fetchone()
        return 0 if row is None else int(row[0])

    def claim(self, keys: Mapping[bytes, tuple[str, int]], *, upto: Mapping[str, int], day: int) -> set[bytes]:
        """
        Note the end of the stretch that is about to be committed, and all its messages; return those seen elsewhere before.

        :param keys: partition and sequence number of each message in the log
        :param upto: by partition, where the stretch ends
        :param day: days since 1970, by which keys are forgotten
        """
        with self._transaction():
            numbers = {partition: self._number(partition) for partition in upto}
            self._db.executemany(
                "UPDATE partition SET planned = ? WHERE number = ?", [(end, numbers[name]) for name, end in upto.items()]
            )
            # In the order of the index, which is the order in which pages are written.
            ordered = sorted(keys)
            places = [seq * PARTITIONS + numbers[name] for name, seq in map(keys.__getitem__, ordered)]
            given = {"keys": b"".join(ordered), "places": msgspec.json.encode(places).decode(), "day": day}
            if self._db.execute(_NOTE, given).rowcount == len(ordered):
                return set()
            return {one for (one,) in self._db.execute(_ELSEWHERE, given)}

    def forget(self, *, before_day: int) -> int:
        """
        Forget keys taken in before a day; return how many.

        Looked for by the client's minute, which leads the key, in what is older and in what clocks put into the future.
        """
        gone = 0
        oldest, newest = _minute(before_day * 1440), _minute((before_day + DAYS + 2) * 1440)
        for where, bound in (("key < ?", oldest), ("key > ?", newest)):
            while True:
                found = self._db.execute(
                    f"SELECT key FROM seen WHERE {where} AND day < ? LIMIT {SLICE}", (bound, before_day)
                ).fetchall()
                if not found:
                    break
                with self._transaction():
                    self._db.executemany("DELETE FROM seen WHERE key = ?", found)
                gone += len(found)
        return gone

    def _number(self, partition: str) -> int:
        """Return a partition's number, which is part of every place, so that places of two partitions differ."""
        if partition not in self._numbers:
            self._db.execute(
                "INSERT OR IGNORE INTO partition (name, number) SELECT ?, COALESCE(MAX(number) + 1, 0) FROM partition",
                (partition,),
            )
            (number,) = self._db.execute("SELECT number FROM partition WHERE name = ?", (partition,)).fetchone()
            if number >= PARTITIONS:
                message = f"the arrival log has more than {PARTITIONS} partitions; give collectors fixed partition names"
                raise ValueError(message)
            self._numbers[partition] = number
        return self._numbers[partition]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._numbers.clear()
            raise
        self._db.execute("COMMIT")
