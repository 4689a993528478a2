"""Identifiers that say nothing about whom they stand for."""

import secrets

__all__ = ["random_id", "random_ids", "token"]


def random_id() -> int:
    """Return a random positive 63-bit integer: a key that fits SQLite, PostgreSQL, Arrow and Parquet alike."""
    return secrets.randbits(63) or 1


def random_ids(count: int) -> list[int]:
    """
    Return random positive 63-bit integers that lie close together: each has 31 random bits of its own behind 32 shared ones.

    Rows that are made at once then share pages of an index instead of touching one each, which is most of what writing
    them costs. What it tells is that they were made at once, as the time in the row does.
    """
    block = secrets.randbits(32) << 31
    ids: set[int] = set()
    while len(ids) < count:
        ids.add(block | secrets.randbits(31) or 1)
    return sorted(ids)


def token() -> str:
    """Return 256 random bits in URL-safe letters, for links and keys that must not be guessed."""
    return secrets.token_urlsafe(32)
