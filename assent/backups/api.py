"""Backups: make, list, check, prune and try copies of the house, put one back, and say when nothing erased can return."""

import json
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
from django.conf import settings

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.backups import rules, shelf
from assent.backups.archive import identities, unpack
from assent.backups.contracts import Backup, Freshness, Kind, Refused, Status
from assent.backups.drilling import drill, last as last_drill
from assent.backups.making import horizon, make, periods, prune
from assent.backups.restoring import Wanted, restore, resume
from assent.backups.shelf import backups, find
from assent.backups.stopped import occupy
from assent.foundation.clock import from_millis, millis

__all__ = [
    "Wanted", "backups", "drill", "find", "freshness", "horizon", "identities", "last_drill", "make", "new_key", "occupy",
    "periods", "prune", "restore", "resume", "status", "tend", "verify",
]  # fmt: skip

log = logging.getLogger(__name__)

US = Actor.system("backups")


def verify(one: Backup, *, opening: list[pyrage.x25519.Identity] | None = None) -> bool:
    """
    Check a copy: against its note, and with a private key to its last byte; return whether the latter was done.

    :raises Refused: if it is damaged, another house's, or does not open
    """
    shelf.check(one)
    if not opening:
        return False
    unpack(Path(one.file), None, opening=opening)
    return True


def new_key(file: Path, *, passphrase: str = "") -> str:
    """
    Make a private key in a file of mode 0600 and return the public key to encrypt to.

    :param passphrase: protects the file; empty for none
    :raises Refused: if the file is there already
    """
    made = pyrage.x25519.Identity.generate()
    public = str(made.to_public())
    text = f"# public key: {public}\n{made}\n".encode()
    data = pyrage.passphrase.encrypt(text, passphrase) if passphrase else text
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        message = f"{file} is there already: a key that is overwritten opens no backup any more"
        raise Refused(message) from None
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return public


def status(*, at: datetime) -> Status:
    """Return how the house stands with its copies. Cheap: it reads notes, not archives."""
    trouble = _trouble()
    return Status(
        configured=bool(settings.ASSENT_BACKUP_FOLDER and settings.ASSENT_BACKUP_RECIPIENTS),
        every=timedelta(hours=settings.ASSENT_BACKUP_EVERY_HOURS),
        backups=tuple(backups()),
        periods=periods(at=at),
        horizon=horizon(at=at),
        drill=last_drill(),
        journal=audit.journal_copied(),
        trouble=str(trouble.get("problem", "")),
        trouble_at=from_millis(int(str(trouble["at_ms"]))) if trouble else None,
    )


def freshness(*, at: datetime) -> Freshness:
    """Return whether the last copies are young, and whether the way back from one was tried. It reads notes, not archives."""
    every = timedelta(hours=settings.ASSENT_BACKUP_EVERY_HOURS)
    return rules.freshness(backups(), last_drill(), periods(at=at), every=every, at=at)


def tend(*, at: datetime) -> bool:
    """Make a copy when one is due, delete those whose time is over, and try the latest when that is due. The worker's job."""
    if not settings.ASSENT_BACKUP_FOLDER or not settings.ASSENT_BACKUP_RECIPIENTS:
        return False
    try:
        newest = next(iter(backups(Kind.DATA)), None)
        if newest is None or newest.made_at <= at - timedelta(hours=settings.ASSENT_BACKUP_EVERY_HOURS):
            make(by=US, at=at)
        prune(by=US, at=at)
        tried = last_drill()
        days, every = settings.ASSENT_BACKUP_DRILL_DAYS, timedelta(hours=settings.ASSENT_BACKUP_EVERY_HOURS)
        due = tried is None or rules.drill_due_at(tried, periods(at=at), days=days, every=every) <= at
        if settings.ASSENT_BACKUP_IDENTITY and due:
            drill(identity=Path(settings.ASSENT_BACKUP_IDENTITY), by=US, at=at)
    except (Refused, OSError) as refused:
        log.error("no backup could be made, deleted or tried: see the console's page Backups", extra={"safe": True})  # noqa: TRY400 - said in words there
        _note_trouble({"at_ms": millis(at), "problem": str(refused)})
    else:
        _note_trouble({})
    return False


def _trouble_file() -> Path:
    return Path(settings.ASSENT_VAR) / "backups" / "trouble.json"


def _trouble() -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(_trouble_file().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _note_trouble(found: dict[str, object]) -> None:
    path = _trouble_file()
    if not found:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps(found))
