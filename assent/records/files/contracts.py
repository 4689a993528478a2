"""What crosses the wall of this room: files and what is known of them."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["LARGEST", "FileMeta", "FileTooLarge", "StoredFile", "UnknownFile"]

LARGEST = 25 * 1024 * 1024
"""Bytes. A file is sealed in one piece, in memory; documents and photos of people are smaller than that."""


class UnknownFile(LookupError):
    """The controller has no such file, or the key that opens it is destroyed."""


class FileTooLarge(ValueError):
    """The file is larger than ``LARGEST``."""


@dataclass(frozen=True, slots=True)
class FileMeta:
    """A file as lists show it; ``name`` is what its owner called it."""

    id: int
    subject: int
    kind: str
    name: str
    size: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, opened."""

    meta: FileMeta
    data: bytes
