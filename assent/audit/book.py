"""Files of the book that lie outside the databases: signed checkpoints and the journal. Private to this room."""

import fcntl
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from assent.audit import notes
from assent.foundation import keys
from assent.foundation.canonical import dumps

__all__ = [
    "append", "around", "checkpoint_file", "forget_key", "journal_file", "last_checkpoint", "lines", "public_key", "sign",
    "sign_note", "sign_text", "signed_by_us",
]  # fmt: skip

_CONTEXT = b"audit signing key"
_NEARBY = 16_384  # bytes; some thirty checkpoints


def checkpoint_file() -> Path:
    """Return the file of signed checkpoints."""
    return Path(settings.ASSENT_VAR) / "audit" / "checkpoints.jsonl"


def journal_file() -> Path:
    """Return the journal that a restore replays."""
    return Path(settings.ASSENT_VAR) / "journal" / "journal.jsonl"


def append(path: Path, entry: dict[str, object]) -> None:
    """Add a line and return when it is on disk. A half line left by a crash is closed first, so that nothing is glued to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        broken = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        data = (b"\n" if broken else b"") + dumps(entry) + b"\n"
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def lines(path: Path, after: int = 0) -> Iterator[dict[str, object]]:
    """Return the lines of a file from a byte on, leaving out one that a crash cut short."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(after)
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def last_checkpoint() -> dict[str, object] | None:
    """Return the last checkpoint that we signed as a note."""
    return around(1 << 62)[0]


def around(number: int) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    """
    Return the last checkpoint that ends before a line and the first that has it, each None where there is none.

    The file is in order of number, so it is searched by halves; what we did not sign as a note is passed over.
    """
    path = checkpoint_file()
    if not path.exists():
        return None, None
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while high - low > _NEARBY:
            middle = (low + high) // 2
            found = next(_noted(file, middle, high), None)
            if found is None or _number(found) >= number:
                high = middle
            else:
                low = middle
        # Where the search moved up, it did so onto a checkpoint before the line: that one comes first here.
        before: dict[str, object] | None = None
        for entry in _noted(file, low, None):
            if _number(entry) >= number:
                return before, entry
            before = entry
    return before, None


def _noted(file: IO[bytes], start: int, end: int | None) -> Iterator[dict[str, object]]:
    """Return our noted checkpoints whose lines begin within a stretch of the file."""
    file.seek(max(0, start - 1))
    if start:
        file.readline()
    while (end is None or file.tell() < end) and (line := file.readline()):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "note" in entry and signed_by_us(entry):
            yield entry


def _number(entry: dict[str, object]) -> int:
    return int(str(entry["number"]))


def _signing_key() -> Ed25519PrivateKey:
    return _key_in(Path(settings.ASSENT_VAR) / "keys" / "audit.key")


@cache
def _key_in(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        fresh = Ed25519PrivateKey.generate().private_bytes_raw()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(keys.master().wrap(fresh, context=_CONTEXT))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Ed25519PrivateKey.from_private_bytes(keys.master().unwrap(path.read_bytes(), context=_CONTEXT))


def sign(body: dict[str, object]) -> str:
    """Return the Ed25519 signature over the canonical form of a body, in hexadecimal."""
    return _signing_key().sign(dumps(body)).hex()


def sign_text(text: bytes) -> bytes:
    """Return the Ed25519 signature over a text. Texts of different kinds must begin differently, since the key is one."""
    return _signing_key().sign(text)


def sign_note(size: int, root: bytes, *, at_s: int) -> str:
    """Return the signed note over a tree head."""
    return notes.checkpoint(size, root, at_s=at_s, key=_signing_key())


def public_key() -> bytes:
    """Return the key that others check our signatures with."""
    return _signing_key().public_key().public_bytes_raw()


def forget_key() -> None:
    """Remove the signing key, for good: the log it signed has ended, and the next one has a key of its own."""
    path = Path(settings.ASSENT_VAR) / "keys" / "audit.key"
    path.unlink(missing_ok=True)
    _key_in.cache_clear()


def signed_by_us(entry: dict[str, object], key_bytes: bytes = b"") -> bool:
    """Return whether a checkpoint carries our signature over the rest of it, by the present key or an earlier one."""
    body = {name: value for name, value in entry.items() if name != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(key_bytes or public_key())
        key.verify(bytes.fromhex(str(entry.get("signature", ""))), dumps(body))
    except (InvalidSignature, ValueError):
        return False
    return True
