"""Django's SQLite backend with the settings that the promises need on every connection."""

from django.db import connections

__all__ = ["overwrite_deleted"]


def overwrite_deleted() -> bool:
    """
    Move what was deleted out of the write-ahead logs too; False while a reader still needs an old page (try again).

    ``secure_delete`` overwrites pages in the database file, but the log keeps their old versions until it is truncated.
    """
    done = True
    for alias in connections:
        connection = connections[alias]
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            continue
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
            done = done and busy == 0
    return done
