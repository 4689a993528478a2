"""Files of the book that lie outside the databases: signed checkpoints and the journal. Private to this room."""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from assent.foundation import keys
from assent.foundation.canonical import dumps

__all__ = ["append", "checkpoint_file", "journal_file", "lines", "public_key", "sign", "signed_by_us"]

_CONTEXT = b"audit signing key"


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


def lines(path: Path) -> Iterator[dict[str, object]]:
    """Return the lines of a file, leaving out one that a crash cut short."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _signing_key() -> Ed25519PrivateKey:
    path = Path(settings.ASSENT_VAR) / "keys" / "audit.key"
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


def public_key() -> str:
    """Return the key that others check our signatures with, in hexadecimal."""
    return _signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def signed_by_us(entry: dict[str, object]) -> bool:
    """Return whether a checkpoint carries our signature over the rest of it."""
    body = {name: value for name, value in entry.items() if name != "signature"}
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key()))
    try:
        key.verify(bytes.fromhex(str(entry.get("signature", ""))), dumps(body))
    except (InvalidSignature, ValueError):
        return False
    return True
