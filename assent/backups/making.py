"""Making copies and ending them. Private to this room."""

import errno
import logging
import shutil
import sqlite3
from datetime import datetime
from typing import Any

from django.conf import settings

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.backups import cut, rules, shelf
from assent.backups.archive import pack
from assent.backups.contracts import Backup, Horizon, Kind, Periods, Refused
from assent.foundation.clock import from_millis
from assent.privacy.policy import api as policies

__all__ = ["horizon", "make", "periods", "prune"]

log = logging.getLogger(__name__)


def periods(*, at: datetime) -> Periods:
    """Return how long copies are kept: the strictest of all policies in force."""
    return rules.strictest([compiled.policy.backups for _, compiled in policies.in_force()], at=at)


def horizon(*, at: datetime) -> Horizon:
    """Return from when on nothing that is erased now can come back, by the policy and by the copies there are."""
    return rules.horizon(shelf.backups(), periods(at=at), at=at)


def recipients(kind: Kind) -> list[str]:
    """
    Return the public keys that a kind of copies is encrypted to.

    :raises Refused: if none is configured
    """
    found: list[str] = settings.ASSENT_BACKUP_RECIPIENTS
    if kind is Kind.KEYS and settings.ASSENT_BACKUP_KEYS_RECIPIENTS:
        found = settings.ASSENT_BACKUP_KEYS_RECIPIENTS
    if not found:
        message = (
            "nobody to encrypt backups to: run `assent backup key` elsewhere and set ASSENT_BACKUP_RECIPIENTS to what it prints"
        )
        raise Refused(message)
    return found


def make(*, by: Actor, at: datetime) -> list[Backup]:
    """
    Copy the house as it is at one moment: an archive of the data and one of the keys, each encrypted.

    Both appear when both are whole. Killed at any moment it leaves nothing that counts as a copy.

    :raises Refused: if it is not configured, another copy is being made, a tool is missing, or the disk is full
    """
    to = {kind: recipients(kind) for kind in Kind}
    for kind in Kind:
        shelf.folder(kind)
    if "files" in settings.STORAGES:
        log.warning("files lie in a storage of their own, which this backup does not copy: let that storage keep versions")
    with shelf.one_at_a_time():
        try:
            return _make(to, by, at)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                message = (
                    "the disk is full: nothing was kept of this backup; make room in ASSENT_BACKUP_FOLDER and in ASSENT_VAR"
                )
                raise Refused(message) from None
            raise
        except sqlite3.Error as error:
            message = f"a database can't be copied ({error}): look whether the disk of ASSENT_VAR is full; nothing was kept"
            raise Refused(message) from None
        finally:
            shutil.rmtree(shelf.scratch(), ignore_errors=True)


def _make(to: dict[Kind, list[str]], by: Actor, at: datetime) -> list[Backup]:
    kept = periods(at=at)
    cuts = dict(zip(Kind, cut.take(shelf.scratch()), strict=True))
    done: list[tuple[str, Kind, int, str]] = []
    for kind, one in cuts.items():
        name = shelf.new_id(kind, at)
        manifest: dict[str, Any] = {
            "id": name,
            "kind": kind.value,
            "engine": settings.ASSENT_ENGINE,
            "cut_ms": one.at_ms,
            "journal": {"start": one.journal.start, "upto": one.journal.upto, "digest": one.journal.digest},
            "book": audit.public_key().hex(),
            "schema": one.schema,
            "counts": one.counts,
            "kept": kept.of(kind),
        }
        with shelf.draft(name, kind) as file:
            size, digest = pack(file, one.members, manifest, recipients=to[kind])
        done.append((name, kind, size, digest))
    made = [
        shelf.put(name, kind, made_at=from_millis(cuts[kind].at_ms), size=size, digest=digest)
        for name, kind, size, digest in done
    ]
    for one_made in made:
        audit.write(
            Did.BACKUP_MADE,
            controller=None,
            by=by,
            at=at,
            on=one_made.id,
            detail={"bytes": one_made.size, "digest": one_made.digest},
        )
    return made


def prune(*, by: Actor, at: datetime) -> list[Backup]:
    """
    Delete the copies whose time is over by the strictest policy, the last one too: that they end is a promise.

    :raises Refused: while a copy is being made or put back
    """
    with shelf.one_at_a_time():
        gone = rules.over(shelf.backups(), periods(at=at), at=at)
        for one in gone:
            shelf.delete(one)
    for one in gone:
        audit.write(Did.BACKUP_PRUNED, controller=None, by=by, at=at, on=one.id)
    return gone
