"""
Turns at writing: one writer per table at a time, across threads and processes of one host.

An advisory lock of the kernel (``flock``) on a file beside the table: it goes with its holder, so ``kill -9`` leaves none
behind. Delta's own optimistic commits would let writers collide and an erasure starve.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assent.records.lake.contracts import Busy

__all__ = ["free", "lease"]

PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.003


@contextmanager
def lease(path: Path, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """
    Hold the turn named by ``path`` for the block.

    :raises Busy: if nobody let go within ``patience_s`` seconds
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + patience_s
    try:
        while not _taken(handle):
            if time.monotonic() > until:
                message = f"{path.parent.name}/{path.name} is held by another writer for over {patience_s:.0f} s"
                raise Busy(message)
            time.sleep(LOOK_AGAIN_S)
        yield
    finally:
        os.close(handle)


def free(path: Path) -> bool:
    """Tell whether nobody holds the turn named by ``path`` right now."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return _taken(handle)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
