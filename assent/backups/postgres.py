"""PostgreSQL's side of a copy: pg_dump of an exported snapshot, pg_restore into an emptied database. Private to this room."""

import errno
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connections

from assent.backups.contracts import Refused
from assent.foundation.clock import now

__all__ = ["Snapshots", "count_rows", "load", "scratch", "snapshots"]

# Forced row-level security holds for us, too: the copy is made for all controllers, as the policies allow it (EVERY).
EVERYBODY = "-c assent.controller=*"
SCRATCH = "_drill"  # ends the names of the databases in which a restore is tried
# What the tools say, and the errors beneath them, when nothing more can be written.
NO_ROOM = ("No space left on device", "File too large", "Disk quota exceeded")


class Snapshots:
    """One exported snapshot of each database, alive while this is open."""

    def __init__(self, found: dict[str, tuple[Any, str]], at_ms: int) -> None:
        self._found, self.at_ms = found, at_ms

    def dump(self, alias: str, path: Path) -> dict[str, int]:
        """Write a database into a file as the snapshot sees it, and return how many rows each table has."""
        connection, snapshot = self._found[alias]
        words = ["--format=custom", "--enable-row-security", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        _run(program("pg_dump"), [*words, f"--file={path}"], alias)
        with connection.cursor() as cursor:
            return _counts(cursor, alias)


@contextmanager
def snapshots(aliases: Sequence[str]) -> Iterator[Snapshots]:
    """
    Open a snapshot of each database, in this order.

    :raises Refused: if the tool is missing, before anything is opened
    """
    program("pg_dump")
    found: dict[str, tuple[Any, str]] = {}
    with ExitStack() as closing:
        for alias in aliases:
            # A connection of its own: the caller's may be in the middle of something.
            connection = connections.create_connection(alias)
            closing.callback(connection.close)
            with connection.cursor() as cursor:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT set_config('assent.controller', '*', false), pg_export_snapshot()")
                found[alias] = connection, str(cursor.fetchone()[1])
        yield Snapshots(found, int(now().timestamp() * 1000))


@contextmanager
def scratch() -> Iterator[str]:
    """
    Make empty databases beside the house's own, give the address of the first, and drop them afterwards.

    What a killed one left is dropped first. Called by whoever holds the right to copy, so there is one at a time.

    :raises Refused: if the house's role may not make databases
    """
    to = connections["default"].settings_dict
    names = [f"{to['NAME']}{SCRATCH}{ending}" for ending in ("", "_keys", "_profiles")]
    connection = connections.create_connection("default")
    try:
        connection.ensure_connection()
        connection.set_autocommit(True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper, current_user FROM pg_roles WHERE rolname = current_user")
            may, role = cursor.fetchone()
            if not may:
                message = (
                    f"the role {role} may not make the databases the restore is tried in: as a superuser run "
                    f'`ALTER ROLE "{role}" CREATEDB`, or name empty databases with --database'
                )
                raise Refused(message)
            try:
                for name in names:
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                    cursor.execute(f'CREATE DATABASE "{name}"')
                yield _address(to, names[0])
            finally:
                for name in names:
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        connection.close()


def _address(to: Mapping[str, Any], name: str) -> str:
    """Write where a database is, as the setting ASSENT_DATABASE has it."""
    who = quote(str(to["USER"] or ""), safe="")
    if to["PASSWORD"]:
        who += f":{quote(str(to['PASSWORD']), safe='')}"
    where = f"{to['HOST']}:{to['PORT']}" if to["PORT"] else str(to["HOST"] or "")
    return f"postgresql://{who}@{where}/{quote(name, safe='')}" if who else f"postgresql://{where}/{quote(name, safe='')}"


def load(alias: str, path: Path) -> None:
    """Empty a database and fill it from a dump. Done again after a crash it begins anew."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY CURRENT_USER")
    connection.close()
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(program("pg_restore"), [*words, f"--dbname={connections[alias].settings_dict['NAME']}", str(path)], alias, named=True)


def count_rows(alias: str) -> dict[str, int]:
    """Count the rows of each table as they are now."""
    connection = connections.create_connection(alias)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('assent.controller', '*', false)")
            return _counts(cursor, alias)
    finally:
        connection.close()


def _counts(cursor: Any, alias: str) -> dict[str, int]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        found[f"{alias}.{table}"] = int(cursor.fetchone()[0])
    return found


def program(name: str) -> str:
    """
    Return a program of PostgreSQL's client: the newest of Debian's layout, else what PATH has.

    :raises Refused: if there is none
    """
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if found is None:
        message = f"{name} is not installed: install PostgreSQL's client (Debian: `apt-get install postgresql-client`)"
        raise Refused(message)
    return found


def _run(path: str, words: Sequence[str], alias: str, *, named: bool = False) -> None:
    to = connections[alias].settings_dict
    env = {
        **os.environ,
        "PGHOST": to["HOST"],
        "PGPORT": to["PORT"],
        "PGUSER": to["USER"],
        "PGPASSWORD": to["PASSWORD"],
        "PGOPTIONS": EVERYBODY,
        "LC_ALL": "C",
    }
    command = [path, "--no-password", *words, *([] if named else [to["NAME"]])]
    given = {name: value for name, value in env.items() if value}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode == -signal.SIGXFSZ or any(words in done.stderr for words in NO_ROOM):
        raise OSError(errno.ENOSPC, f"no room for what {Path(path).name} writes")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        message = f"{Path(path).name} of the database {to['NAME']} failed: {last[0]}"
        raise Refused(message)
