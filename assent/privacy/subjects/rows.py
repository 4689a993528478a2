"""Plain rows, many at once: where thousands of small ones are written, model instances would cost more than the rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, connections, models, router

__all__ = ["MOST_PER_QUERY", "MOST_PER_TRANSACTION", "delete", "insert", "portions", "select_in", "take_turn"]

T = TypeVar("T")

MOST_PER_TRANSACTION = 1_500  # with more, other writers on SQLite would wait longer than 50 ms
MOST_PER_QUERY = 1_000


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces of at most ``size``."""
    return (items[start : start + size] for start in range(0, len(items), size))


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """
    Insert rows of values the engines take as they are: integers, texts, bytes.

    The manager's scope does not reach raw SQL, so ``columns`` begins with the controller, and PostgreSQL checks it.
    """
    if not rows:
        return
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places})", rows)


def delete(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Delete the rows that have these values; ``columns`` begins with the controller."""
    if not rows:
        return
    same = " AND ".join(f"{column} = %s" for column in columns)
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.executemany(f"DELETE FROM {model._meta.db_table} WHERE {same}", rows)


def take_turn(controller: int) -> None:
    """
    Let writers of one controller's people take turns until the transaction ends.

    Otherwise two imports at once would each find nobody with an e-mail and both make a person. On SQLite the IMMEDIATE
    transaction is that turn already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assent.subjects'), %s)", (controller % 2**31,))


def select_in(
    model: type[models.Model], columns: Sequence[str], same: Mapping[str, Any], column: str, values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """
    Read columns of the rows whose ``column`` is one of ``values``; ``same`` begins with the controller.

    Django's own query spends several times what the engine does on a thousand bytes values, and ingest asks all day.
    """
    if not values:
        return []
    where = " AND ".join(f"{name} = %s" for name in same)
    places = ", ".join(["%s"] * len(values))
    sql = f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE {where} AND {column} IN ({places})"
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(sql, [*same.values(), *values])
        return cursor.fetchall()
