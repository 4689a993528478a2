"""
Sealing and keyed hashing, from `cryptography`.

Three layers of keys (envelope encryption, NIST SP 800-57): the *master key* wraps a *controller key*, which wraps a
*person key*, which seals values. Values are sealed with AES-256-GCM; the additional data names what is sealed, so that a
ciphertext moved to another person or field no longer opens.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

__all__ = [
    "CannotOpen",
    "FileMasterKey",
    "KeyWrapper",
    "derive",
    "digest",
    "keyed_hash",
    "new_key",
    "open_sealed",
    "seal",
    "seal_all",
]

KEY_BYTES = 32
NONCE_BYTES = 12  # 96 bits, the size GCM is defined for (NIST SP 800-38D, 5.2.1.1)


class CannotOpen(Exception):
    """The key, the additional data or the sealed bytes are not the ones that belong together."""


class KeyWrapper(Protocol):
    """Wraps and unwraps keys without showing the key it wraps with: the port for a KMS (Vault transit, AWS KMS)."""

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return the key sealed under the wrapping key."""
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the key that was wrapped."""
        ...


def new_key() -> bytes:
    """Return a random 256-bit key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, *, context: bytes) -> bytes:
    """Return nonce and AES-256-GCM ciphertext of ``plain``, bound to ``context``."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def seal_all(key: bytes, plains: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Seal pairs of plain bytes and context under one key, each as ``seal`` does, with the key set up once."""
    encrypt, nonces = AESGCM(key).encrypt, os.urandom(NONCE_BYTES * len(plains))
    sealed = []
    for place, (plain, context) in enumerate(plains):
        nonce = nonces[NONCE_BYTES * place : NONCE_BYTES * (place + 1)]
        sealed.append(nonce + encrypt(nonce, plain, context))
    return sealed


def open_sealed(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """
    Return what ``seal`` was given.

    :raises CannotOpen: if key, context or bytes were changed
    """
    opened = open_all(key, [(sealed, context)])[0]
    if opened is None:
        message = "sealed value does not open: wrong key, wrong place or altered bytes"
        raise CannotOpen(message)
    return opened


def open_all(key: bytes, sealed: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
    """Open pairs of sealed bytes and context under one key, set up once; None is what doesn't open."""
    try:
        decrypt = AESGCM(key).decrypt
    except ValueError:
        return [None] * len(sealed)
    opened: list[bytes | None] = []
    for one, context in sealed:
        try:
            opened.append(decrypt(one[:NONCE_BYTES], one[NONCE_BYTES:], context))
        except (InvalidTag, ValueError):
            opened.append(None)
    return opened


def derive(key: bytes, label: str) -> bytes:
    """Return a key for one use, derived from ``key`` (HKDF-Expand, RFC 5869), so that no key serves two uses."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=label.encode()).derive(key)


def keyed_hash(key: bytes, value: str) -> bytes:
    """Return HMAC-SHA-256 of a text: equal texts give equal hashes, and without the key nothing can be tried out."""
    return hmac.digest(key, value.encode(), "sha256")


def digest(data: bytes) -> str:
    """Return SHA-256 in hexadecimal, the form every digest in the house has."""
    return hashlib.sha256(data).hexdigest()


class FileMasterKey:
    """
    The embedded default: the master key in a file only its owner may read (mode 0600).

    :raises PermissionError: if others may read the file
    """

    def __init__(self, path: Path) -> None:
        """Read the key, making it on first use without a moment at which others could read it."""
        self._key = self._read(path)

    @staticmethod
    def _read(path: Path) -> bytes:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        if not path.exists():
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(new_key())
                file.flush()
                os.fsync(file.fileno())
            try:
                # A hard link appears whole or not at all: of two first starts, one key wins and both read it.
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            message = f"{path} may be read by others: run `chmod 600 {path}`"
            raise PermissionError(message)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            message = f"{path} holds {len(key)} bytes where a master key has {KEY_BYTES}: restore it from its copy"
            raise ValueError(message)
        return key

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Seal a key under the master key."""
        return seal(self._key, key, context=context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Open a key sealed by ``wrap``."""
        return open_sealed(self._key, wrapped, context=context)
