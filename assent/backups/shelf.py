"""
Where copies lie: a folder for data and one for keys, each archive with a note beside it that anybody may read.

An archive appears under its name only when it is whole and on disk. Private to this room.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from django.conf import settings

from assent.backups.contracts import Backup, Damaged, Kind, Refused
from assent.foundation.clock import from_millis, millis
from assent.foundation.ids import token

__all__ = ["backups", "check", "delete", "draft", "find", "folder", "new_id", "one_at_a_time", "put", "scratch", "sweep"]

ENDING, UNFINISHED = ".age", ".unfinished"


def folder(kind: Kind) -> Path:
    """
    Return the folder of a kind of copies.

    :raises Refused: if none is configured
    """
    if not settings.ASSENT_BACKUP_FOLDER:
        message = "no place for backups: set ASSENT_BACKUP_FOLDER to a folder on another disk or machine"
        raise Refused(message)
    data = Path(settings.ASSENT_BACKUP_FOLDER)
    if kind is Kind.DATA:
        return data
    return Path(settings.ASSENT_BACKUP_KEYS_FOLDER) if settings.ASSENT_BACKUP_KEYS_FOLDER else data / "keys"


def scratch() -> Path:
    """Return the folder in which a copy is put together; nothing lies there longer than that takes."""
    return Path(settings.ASSENT_VAR) / "backups" / "scratch"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """
    Hold the right to copy, delete copies or restore; whatever a killed one left behind goes first.

    :raises Refused: if another process has it
    """
    home = scratch().parent
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another backup or restore of this house is under way: wait until it has ended"
            raise Refused(message) from None
        sweep()
        yield
    finally:
        os.close(handle)


def sweep() -> None:
    """Remove what a killed backup left. To be called by whoever holds the right to copy."""
    shutil.rmtree(scratch(), ignore_errors=True)
    if settings.ASSENT_BACKUP_FOLDER:
        for kind in Kind:
            for left in folder(kind).glob(f"*{UNFINISHED}"):
                left.unlink(missing_ok=True)


def new_id(kind: Kind, at: datetime) -> str:
    """Return a name that sorts by time and is given once."""
    return f"assent-{kind}-{at:%Y%m%dT%H%M%SZ}-{token()[:6].lower().replace('_', '0').replace('-', '0')}"


@contextmanager
def draft(id: str, kind: Kind) -> Iterator[IO[bytes]]:  # noqa: A002 - the word others use
    """Give a file to write an archive into; it is gone again if anything fails before :func:`put`."""
    place = folder(kind)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / f"{id}{UNFINISHED}"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def put(id: str, kind: Kind, *, made_at: datetime, size: int, digest: str) -> Backup:  # noqa: A002 - as above
    """Give a finished draft its name, with its note before it, and return when both are on disk."""
    place = folder(kind)
    made = Backup(id, kind, made_at, size, digest, str(place / f"{id}{ENDING}"))
    note = {**asdict(made), "made_at": millis(made_at), "kind": kind.value}
    note.pop("file")
    path = place / f"{id}.json"
    with path.open("w") as out:
        json.dump(note, out)
        out.flush()
        os.fsync(out.fileno())
    (place / f"{id}{UNFINISHED}").replace(made.file)
    _sync(place)
    return made


def backups(kind: Kind | None = None) -> list[Backup]:
    """Return the copies on the shelf, newest first; a file without its note is none."""
    if not settings.ASSENT_BACKUP_FOLDER:
        return []
    found = []
    for one in Kind if kind is None else (kind,):
        for path in folder(one).glob(f"assent-{one}-*.json"):
            archive = path.with_suffix(ENDING)
            try:
                note = json.loads(path.read_text())
                made = Backup(
                    str(note["id"]), Kind(note["kind"]), from_millis(int(note["made_at"])), int(note["size"]),
                    str(note["digest"]), str(archive),
                )  # fmt: skip
            except (ValueError, KeyError, OSError):
                continue
            if archive.exists() and made.id == path.stem:
                found.append(made)
    return sorted(found, key=lambda made: (made.made_at, made.id), reverse=True)


def find(id: str) -> Backup:  # noqa: A002 - as above
    """
    Return the copy with this id.

    :raises Refused: if there is none
    """
    found = next((one for one in backups() if one.id == id), None)
    if found is None:
        message = f"there is no backup {id}: `assent backup list` shows those there are"
        raise Refused(message)
    return found


def check(one: Backup) -> None:
    """
    Compare a copy with its note, which takes no private key.

    :raises Damaged: if it is cut short or changed
    """
    summed = sha256()
    with Path(one.file).open("rb") as file:
        while data := file.read(1 << 20):
            summed.update(data)
    if summed.hexdigest() != one.digest:
        message = f"{one.id} is damaged: its bytes are not those that were written; take another copy"
        raise Damaged(message)


def delete(one: Backup) -> None:
    """Delete a copy, then its note, and bring that to the disk."""
    path = Path(one.file)
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    _sync(path.parent)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
