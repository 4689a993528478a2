"""The drill: the latest copy put back in a scratch place by the very command that would be used, and what came of it."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

import assent
from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.backups import postgres, shelf
from assent.backups.contracts import Backup, Drill, Kind, Refused
from assent.foundation.clock import from_millis, millis

__all__ = ["drill", "last"]

# What the scratch house must not share: it sends nothing, copies nothing, and its journal ends with it.
QUIET = {"ASSENT_SMTP_URL": "", "ASSENT_JOURNAL_COPY": "", "ASSENT_BACKUP_FOLDER": "", "ASSENT_BACKUP_IDENTITY": ""}


def _file() -> Path:
    return Path(settings.ASSENT_VAR) / "backups" / "drill.json"


def last() -> Drill | None:
    """Return the result of the last drill, None if there was none."""
    try:
        found = json.loads(_file().read_text())
    except (FileNotFoundError, ValueError):
        return None
    made = found["made_at"]
    return Drill(
        **{
            **found,
            "at": from_millis(found["at"]),
            "made_at": None if made is None else from_millis(made),
            "differences": tuple(found["differences"]),
        }
    )


def drill(
    *,
    identity: Path,
    by: Actor,
    at: datetime,
    passphrase_file: Path | None = None,
    database: str = "",
    backup: Backup | None = None,
) -> Drill:
    """
    Restore a copy into a scratch place, replay the journal there, compare counts, and write down how it went.

    :param identity: file of the private key
    :param database: on PostgreSQL, the address of an empty database (with its `_keys` and `_profiles`) to restore into; if
        none is named, the house makes some beside its own and drops them afterwards
    :param backup: a copy of the data; the latest if none is named
    :raises Refused: if there is nothing to restore, another copy is being made or put back, or the house's role on PostgreSQL
        may not make databases
    """
    chosen = backup or next(iter(shelf.backups(Kind.DATA)), None)
    keys = next(iter(shelf.backups(Kind.KEYS)), None)
    if chosen is None or keys is None:
        message = "there is no backup to try: `assent backup make` makes one"
        raise Refused(message)
    with shelf.one_at_a_time():
        began = time.monotonic()
        try:
            with _place(database) as address:
                found, problem = _restore(chosen, keys, identity, passphrase_file, address)
        finally:
            shutil.rmtree(shelf.scratch(), ignore_errors=True)
        differences = tuple(found.get("differences", ()))
        done = Drill(
            at=at,
            backup=chosen.id,
            made_at=chosen.made_at,
            passed=not problem and not differences,
            seconds=round(time.monotonic() - began, 1),
            tables=found.get("tables", 0),
            rows=found.get("rows", 0),
            people=found.get("people", 0),
            replayed={name: count for name, count in found.get("replayed", {}).items() if count},
            differences=differences,
            problem=problem,
        )
        _keep(done)
    detail: dict[str, str | int | bool] = {"passed": done.passed, "seconds": int(done.seconds), "rows": done.rows}
    audit.write(Did.BACKUP_DRILLED, controller=None, by=by, at=at, on=chosen.id, detail=detail)
    return done


def _place(database: str) -> AbstractContextManager[str]:
    """Give the address of databases to try it in; empty on SQLite, where the scratch folder has its own."""
    own = settings.ASSENT_ENGINE == "postgresql" and not database
    return postgres.scratch() if own else nullcontext(database)


def _restore(
    data: Backup, keys: Backup, identity: Path, passphrase_file: Path | None, database: str
) -> tuple[dict[str, Any], str]:
    place = shelf.scratch() / "drill"
    place.mkdir(mode=0o700, parents=True)
    report = place / "report.json"
    env = {
        **os.environ,
        **QUIET,
        "ASSENT_VAR": str(place / "var"),
        "ASSENT_MASTER_KEY_FILE": str(settings.ASSENT_MASTER_KEY_FILE),
        **({"ASSENT_DATABASE": database} if database else {}),
    }
    words = [data.file, "--keys", keys.file, "--identity", str(identity), "--report", str(report)]
    if passphrase_file is not None:
        words += ["--passphrase-file", str(passphrase_file)]
    journal = audit.journal_file()
    words += ["--journal", str(journal)] if journal.exists() else ["--without-journal"]  # nothing was ever written into it
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "assent", "restore", *words],
        env=env,
        cwd=Path(assent.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not report.exists():
        return {}, (done.stderr.strip().splitlines() or ["the restore ended without a word"])[-1][:300]
    return json.loads(report.read_text()), ""


def _keep(done: Drill) -> None:
    told = {**asdict(done), "at": millis(done.at), "made_at": millis(done.made_at) if done.made_at else None}
    draft = _file().with_suffix(".draft")
    draft.write_text(json.dumps(told))
    draft.replace(_file())
