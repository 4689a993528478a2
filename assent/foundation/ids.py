"""Identifiers that say nothing about whom they stand for."""

import secrets

__all__ = ["random_id", "token"]


def random_id() -> int:
    """Return a random positive 63-bit integer: a key that fits SQLite, PostgreSQL, Arrow and Parquet alike."""
    return secrets.randbits(63) or 1


def token() -> str:
    """Return 256 random bits in URL-safe letters, for links and keys that must not be guessed."""
    return secrets.token_urlsafe(32)
