"""Checkpoints as signed notes: the form that every transparency log's tools read (C2SP signed-note, tlog-checkpoint)."""

import base64
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.receipts import key_id

__all__ = ["checkpoint", "log_name", "read_head", "verifier_key"]

PLAIN, TIMED = 1, 4  # signature types: Ed25519 over the text; over a time and the text (tlog-cosignature)


def log_name(public: bytes) -> str:
    """
    Return the log's name, its origin: made from the key, so that it never changes with the address the house answers at.

    Two logs can't share one, and a log that begins anew with a new key is another log.
    """
    return f"assent/{sha256(public).hexdigest()[:16]}"


def verifier_key(public: bytes) -> str:
    """Return name, key id and key in one line, as note tools take it."""
    name = log_name(public)
    return f"{name}+{key_id(name, PLAIN, public).hex()}+{base64.b64encode(bytes([PLAIN]) + public).decode()}"


def checkpoint(size: int, root: bytes, *, at_s: int, key: Ed25519PrivateKey) -> str:
    """
    Return the signed note over a tree head.

    The time stands in a second signature by the same key, where the format has a place for it; extension lines, which the
    format advises against, would be the other way. The two signed texts begin differently, so neither passes for the other.
    """
    public = key.public_key().public_bytes_raw()
    name = log_name(public)
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    plain = key_id(name, PLAIN, public) + key.sign(text.encode())
    timed = key_id(name, TIMED, public) + at_s.to_bytes(8, "big") + key.sign(f"cosignature/v1\ntime {at_s}\n{text}".encode())
    return text + "\n" + "".join(f"— {name} {base64.b64encode(blob).decode()}\n" for blob in (plain, timed))


def read_head(note: str) -> tuple[int, bytes]:
    """Return size and tree head of a note of our own, whose signature was checked."""
    _, size, root = note.split("\n")[:3]
    return int(size), base64.b64decode(root)
