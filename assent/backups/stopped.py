"""Is the house running, or being restored? A lock tells the one, a file the other. Private to this room."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from assent.backups.contracts import Refused

__all__ = ["at_rest", "folder", "forget", "note", "occupy", "read"]

_held: list[int] = []


def folder() -> Path:
    """Return the folder in which a restore works."""
    return Path(settings.ASSENT_VAR) / "restore"


def _lock() -> int:
    path = Path(settings.ASSENT_VAR) / "house.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def occupy() -> None:
    """
    Say that this process serves the house, until it ends.

    :raises Refused: while the house is being restored
    """
    handle = _lock()
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        message = "the house is being restored: wait until that has ended"
        raise Refused(message) from None
    _held.append(handle)


@contextmanager
def at_rest() -> Iterator[None]:
    """
    Keep the house from being served.

    :raises Refused: if it is
    """
    handle = _lock()
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "the house is running: stop web server, collector and workers first (`systemctl stop assent`)"
            raise Refused(message) from None
        yield
    finally:
        os.close(handle)


def read() -> dict[str, Any] | None:
    """Return how far the restore is that is under way, None if none is."""
    try:
        found: dict[str, Any] = json.loads((folder() / "state.json").read_text())
    except FileNotFoundError:
        return None
    return found


def note(state: dict[str, Any]) -> None:
    """Write down how far it is, and return when that is on disk."""
    draft = folder() / "state.draft"
    with draft.open("w") as out:
        json.dump(state, out)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(folder() / "state.json")
    _sync()


def forget() -> None:
    """The restore has ended: the house may serve."""
    (folder() / "state.json").unlink(missing_ok=True)
    _sync()


def _sync() -> None:
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
