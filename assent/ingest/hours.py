"""
Keys of the arrival log, one per partition and hour.

What is deleted from a file may stay on the medium. So every group of entries is sealed under a key of its hour, and the
key is destroyed when the hour is over and all of it was consumed: from then on no copy of those bytes can be read.
The keys lie wrapped by the master key in files of their own, which no data backup needs to hold.
"""

import os
import secrets
from collections.abc import Collection
from pathlib import Path

from assent.foundation.crypto import CannotOpen, KeyWrapper, new_key

__all__ = ["HourKeys"]

HOUR_MS = 3_600_000
RANDOM_BITS = 40


class HourKeys:
    """The keys of one partition. A key's id is its hour and 40 random bits: no id ever stands for two keys."""

    def __init__(self, folder: Path, master: KeyWrapper) -> None:
        """Keep the keys in this folder, wrapped by this master key."""
        self._folder = folder
        self._master = master
        self._known: dict[int, bytes] = {}
        self._sealing: tuple[int, bytes, Path] | None = None

    def current(self, now_ms: int) -> tuple[int, bytes]:
        """
        Return the key to seal under now, making one for a new hour.

        Called inside the write transaction, which ``destroy`` needs too: a key can't vanish between this and the commit.

        :raises OSError: if a new key could not be stored
        """
        if self._sealing is None or _hour(self._sealing[0]) != now_ms // HOUR_MS or not self._sealing[2].exists():
            self._sealing = self._make(now_ms)
        return self._sealing[:2]

    def get(self, key_id: int) -> bytes | None:
        """Return a key to open with, or None if it was destroyed or isn't ours."""
        if key_id not in self._known:
            try:
                wrapped = self._path(key_id).read_bytes()
                self._known[key_id] = self._master.unwrap(wrapped, context=self._context(key_id))
            except (FileNotFoundError, CannotOpen):
                return None
        return self._known[key_id]

    def over(self, now_ms: int) -> set[int]:
        """Return the ids of keys whose hour is not the current one."""
        try:
            found = {int(path.stem) for path in self._folder.glob("*.key")}
        except FileNotFoundError:
            return set()
        return {key_id for key_id in found if _hour(key_id) != now_ms // HOUR_MS}

    def destroy(self, key_ids: Collection[int]) -> None:
        """Overwrite and remove keys, for good."""
        for key_id in key_ids:
            self._known.pop(key_id, None)
            path = self._path(key_id)
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        if key_ids:
            _sync(self._folder)

    def _make(self, now_ms: int) -> tuple[int, bytes, Path]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_id, key = (now_ms // HOUR_MS << RANDOM_BITS) | secrets.randbits(RANDOM_BITS), new_key()
        draft = self._folder / f".{key_id}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self._master.wrap(key, context=self._context(key_id)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(key_id))
        _sync(self._folder)
        return key_id, key, self._path(key_id)

    def _path(self, key_id: int) -> Path:
        return self._folder / f"{key_id}.key"

    def _context(self, key_id: int) -> bytes:
        return f"arrival:{self._folder.name}:{key_id}".encode()


def _hour(key_id: int) -> int:
    return key_id >> RANDOM_BITS


def _sync(folder: Path) -> None:
    """Make names in a folder durable, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
