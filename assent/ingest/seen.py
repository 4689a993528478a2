"""
Which messages were here before: the index by which a resend is recognised, in a file of its own.

A key is the minute a client says plus 64 bits of the hash of (property, messageId): keys of one hour lie together, so the
index stays fast however large it grows, and among the two million events of a busy minute two share a key by chance once
in six million such minutes. Each key keeps the place in the log where it was first seen, so that a message read again after a
crash is never taken for its own duplicate. Kept 35 days; clients give up within hours.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["DAYS", "Key", "Seen"]

Key = tuple[int, int]

DAYS = 35
PARTITIONS = 1024
SLICE = 2_000  # rows forgotten at once, so that a clean-up never holds up the line

_TABLES = """
CREATE TABLE IF NOT EXISTS partition
    (name TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, planned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS seen (minute INTEGER, hash INTEGER, place INTEGER NOT NULL, day INTEGER NOT NULL,
    PRIMARY KEY (minute, hash)) WITHOUT ROWID;
"""


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

    def claim(self, keys: Mapping[str, Mapping[Key, int]], *, upto: Mapping[str, int], day: int) -> set[tuple[str, Key]]:
        """
        Note the end of the stretch that is about to be committed, and all its messages; return those seen elsewhere before.

        Each with its partition: of a message that stands in two, one is the first.

        :param keys: by partition, the place in its log (a sequence number) by key
        :param upto: by partition, where the stretch ends
        :param day: days since 1970, by which keys are forgotten
        """
        with self._transaction():
            rows: list[tuple[int, int, int, int]] = []
            for partition, end in upto.items():
                number = self._number(partition)
                found = keys.get(partition, {})
                rows += [(minute, hash_, seq * PARTITIONS + number, day) for (minute, hash_), seq in found.items()]
                self._db.execute("UPDATE partition SET planned = ? WHERE number = ?", (end, number))
            rows.sort()
            before = self._db.total_changes
            self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", rows)
            all_new = self._db.total_changes - before == len(rows)
            return set() if all_new else self._elsewhere(rows)

    def forget(self, *, before_day: int) -> int:
        """
        Forget keys taken in before a day; return how many.

        Looked for by the client's minute, which leads the key, in what is older and in what clocks put into the future.
        """
        gone = 0
        oldest, newest = before_day * 1440, (before_day + DAYS + 2) * 1440
        for where, bound in (("minute < ?", oldest), ("minute > ?", newest)):
            while True:
                found = self._db.execute(
                    f"SELECT minute, hash FROM seen WHERE {where} AND day < ? LIMIT {SLICE}", (bound, before_day)
                ).fetchall()
                if not found:
                    break
                with self._transaction():
                    self._db.executemany("DELETE FROM seen WHERE minute = ? AND hash = ?", found)
                gone += len(found)
        return gone

    def _elsewhere(self, rows: Sequence[tuple[int, int, int, int]]) -> set[tuple[str, Key]]:
        find = "SELECT place FROM seen WHERE minute = ? AND hash = ?"
        names = {number: name for name, number in self._numbers.items()}
        return {
            (names[place % PARTITIONS], (minute, hash_))
            for minute, hash_, place, _ in rows
            if self._db.execute(find, (minute, hash_)).fetchone() != (place,)
        }

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
