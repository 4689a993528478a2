"""
The cut: what every store holds at one moment, laid out in a scratch folder for the archive. Private to this room.

Events stand still while it is made, so that the lake, the positions and the arrival log tell one story. On SQLite no database
is written for the milliseconds in which a snapshot of each is opened; the copying comes afterwards. On PostgreSQL each
database has its exported snapshot, operations first: whatever an erasure does after that is found again by its state.
Rows of the lake and files are linked, not copied, so that neither waits for the other.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from assent.audit import api as audit
from assent.audit.contracts import JournalKind, JournalMark
from assent.backups import postgres
from assent.backups.archive import Member
from assent.backups.contracts import Refused
from assent.foundation.clock import now
from assent.foundation.ids import token
from assent.ingest import api as ingest
from assent.records.events.contracts import KIND
from assent.records.lake import api as lake
from assent.tenancy import api as tenancy

__all__ = ["DATA", "KEYS", "Cut", "count_file", "count_rows", "take"]

DATA, KEYS = ("default", "profiles"), ("keys",)
WAIT_S = 30.0  # for writers to end what they are in the middle of


@dataclass(slots=True)
class Cut:
    """What was laid out, and what is known of it."""

    journal: JournalMark
    at_ms: int = 0
    members: list[Member] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    schema: dict[str, list[str]] = field(default_factory=dict)

    def add(self, folder: Path, under: str) -> None:
        """Take up every file of a folder."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.members.append(Member(f"{under}/{path.relative_to(folder)}", path))


def take(into: Path) -> tuple[Cut, Cut]:
    """
    Lay out data and keys of one moment, and return both.

    :raises Refused: if a database can't be held still, or the engine's own tool is missing
    """
    audit.journal(JournalKind.COPY, controller=0, subjects=[], at=now(), detail={"copy": token()})
    mark = audit.journal_mark(at=now())
    data, keys = Cut(mark), Cut(mark)
    into.mkdir(mode=0o700, parents=True)
    with ExitStack() as open_:
        with ingest.standstill():
            if settings.ASSENT_ENGINE == "postgresql":
                snapshots = open_.enter_context(postgres.snapshots((*DATA, *KEYS)))
                data.at_ms = keys.at_ms = snapshots.at_ms
            else:
                sources = _sources()
                readers = open_.enter_context(_snapshots(sources))
                data.at_ms = keys.at_ms = _millis()
            _link_lake(into)
            _link(ingest.hour_keys(), into / "hours", copied=True)  # a destroyed key is overwritten where it lies
        if settings.ASSENT_ENGINE == "postgresql":
            for alias in (*DATA, *KEYS):
                mine = keys if alias in KEYS else data
                path = into / "db" / f"{alias}.dump"
                path.parent.mkdir(exist_ok=True)
                mine.counts |= snapshots.dump(alias, path)
                mine.members.append(Member(f"db/{alias}.dump", path))
            for path in ingest.files():
                _copy_file(path, into / _name(path))
                data.members.append(Member(_name(path), into / _name(path)))
        else:
            for name, reader in readers.items():
                mine = keys if name == "db/keys.sqlite3" else data
                mine.counts |= _copy(reader, into / name, name)
                mine.members.append(Member(name, into / name))
    for mine, aliases in ((data, DATA), (keys, KEYS)):
        mine.schema = {alias: sorted(".".join(one) for one in _applied(alias)) for alias in aliases}
    _link(Path(settings.ASSENT_VAR) / "files", into / "files")
    _link(audit.journal_file().parent, into / "journal")
    _link(Path(settings.ASSENT_VAR) / "audit", into / "audit", copied=True)
    for name in ("lake", "files", "audit"):
        data.add(into / name, name)
    data.add(into / "journal", "journal")
    keys.add(into / "hours", "hours")
    return data, keys


def _millis() -> int:
    return int(now().timestamp() * 1000)


def _applied(alias: str) -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[alias]).applied_migrations())


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _sources() -> dict[str, Path]:
    found = {f"db/{alias}.sqlite3": Path(connections[alias].settings_dict["NAME"]) for alias in (*DATA, *KEYS)}
    return found | {_name(path): path for path in ingest.files()}


@contextmanager
def _snapshots(sources: Mapping[str, Path]) -> Iterator[dict[str, sqlite3.Connection]]:
    """Open a snapshot of each file while none of them is being written."""
    readers: dict[str, sqlite3.Connection] = {}
    with ExitStack() as closing:
        with ExitStack() as held:
            for path in sources.values():
                writer = _connect(path)
                held.callback(writer.close)  # which rolls back
                try:
                    writer.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    message = f"{path.name} was being written for over {WAIT_S:.0f} s ({error}): try again later"
                    raise Refused(message) from None
            for name, path in sources.items():
                readers[name] = _connect(path)
                closing.callback(readers[name].close)
                readers[name].execute("BEGIN")
                readers[name].execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield readers


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_S, isolation_level=None)


def _copy(reader: sqlite3.Connection, path: Path, name: str) -> dict[str, int]:
    """Copy a snapshot into a file of its own and count the rows of each table in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = sqlite3.connect(path, isolation_level=None)
    try:
        reader.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return count_rows(copy, name)
    finally:
        copy.close()


def count_file(path: Path, name: str) -> dict[str, int]:
    """Count the rows of each table of a file."""
    connection = _connect(path)
    try:
        return count_rows(connection, name)
    finally:
        connection.close()


def count_rows(connection: sqlite3.Connection, name: str) -> dict[str, int]:
    """Count the rows of each table of a database."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    label = Path(name).stem
    return {f"{label}.{table}": int(_one(connection, f'SELECT count(*) FROM "{table}"')) for (table,) in tables}


def _one(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def _copy_file(path: Path, into: Path) -> None:
    with _snapshots({path.name: path}) as readers:
        _copy(readers[path.name], into, path.name)


def _link_lake(into: Path) -> None:
    # Not the mirror of profiles: it is made anew from the rows, and so never further than they are.
    for info in tenancy.controllers():
        lake.pin(controller=info.id, kind=KIND, into=into / "lake")


def _link(folder: Path, into: Path, *, copied: bool = False) -> None:
    """Link a folder's files (or copy those that still grow). What goes meanwhile was erased: its rows go by the journal."""
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        place = into / path.relative_to(folder)
        try:
            if path.is_file() and not path.name.startswith("."):
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if copied:
                    place.write_bytes(path.read_bytes())
                else:
                    os.link(path, place)
        except FileNotFoundError:
            continue
