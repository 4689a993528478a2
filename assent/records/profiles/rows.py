"""Many profiles at once, in the SQL that SQLite and PostgreSQL share: objects would cost ten times as much."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import connections

from assent.records.profiles.contracts import Delta
from assent.records.profiles.rules import grown

__all__ = ["DATABASE", "drop", "fold", "next_rev", "read", "replace", "since"]

DATABASE = "profiles"
_PER_READ = 1000  # parameters of one statement

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


def next_rev(controller: int) -> int:
    """Return the number of the change being made, and hold it against other writers until the transaction ends."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            "INSERT INTO profiles_head (controller_id, rev) VALUES (%s, 1)"
            " ON CONFLICT (controller_id) DO UPDATE SET rev = profiles_head.rev + 1 RETURNING rev",
            [controller],
        )
        return int(cursor.fetchone()[0])


def read(controller: int, subjects: Sequence[int]) -> dict[int, tuple[dict[str, Any], dict[str, int]]]:
    """Return attributes and their times of those who have any."""
    found = {}
    with connections[DATABASE].cursor() as cursor:
        for start in range(0, len(subjects), _PER_READ):
            some = subjects[start : start + _PER_READ]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT subject, attributes, times FROM profiles_profile WHERE controller_id = %s AND subject IN ({marks})",
                [controller, *some],
            )
            for subject, attributes, times in cursor.fetchall():
                found[int(subject)] = _decode(attributes), _decode(times)
    return found


def fold(controller: int, changes: Mapping[int, Sequence[Delta]]) -> None:
    """Let these people's attributes grow. In a transaction of the caller's, and for no more than 2,000 people."""
    rev = next_rev(controller)
    before = read(controller, list(changes))
    rows = []
    for subject, some in changes.items():
        attributes, times = grown(*before.get(subject, ({}, {})), some)
        rows.append((controller, subject, _encode(attributes).decode(), _encode(times).decode(), rev))
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            "INSERT INTO profiles_profile (controller_id, subject, attributes, times, rev) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (controller_id, subject)"
            " DO UPDATE SET attributes = excluded.attributes, times = excluded.times, rev = excluded.rev",
            rows,
        )


def replace(controller: int, people: Mapping[int, tuple[Mapping[str, Any], Mapping[str, int]]]) -> None:
    """Put attributes and times in the place of what people have. In a transaction of the caller's, for no more than 2,000."""
    rev = next_rev(controller)
    with connections[DATABASE].cursor() as cursor:
        cursor.executemany(
            "UPDATE profiles_profile SET attributes = %s, times = %s, rev = %s WHERE controller_id = %s AND subject = %s",
            [(_encode(a).decode(), _encode(t).decode(), rev, controller, subject) for subject, (a, t) in people.items()],
        )


def since(controller: int, rev: int, *, limit: int) -> list[tuple[int, dict[str, Any], int]]:
    """Return people changed after a number, in order; changes of one number come together or not at all."""
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            "SELECT subject, attributes, rev FROM profiles_profile WHERE controller_id = %s AND rev > %s ORDER BY rev LIMIT %s",
            [controller, rev, limit],
        )
        rows = cursor.fetchall()
    if len(rows) == limit and rows[0][2] != rows[-1][2]:
        rows = [row for row in rows if row[2] != rows[-1][2]]
    return [(int(subject), _decode(attributes), int(rev)) for subject, attributes, rev in rows]


def drop(controller: int, subjects: Sequence[int]) -> int:
    """Delete rows of these people; return how many there were."""
    with connections[DATABASE].cursor() as cursor:
        marks = ", ".join(["%s"] * len(subjects))
        cursor.execute(
            f"DELETE FROM profiles_profile WHERE controller_id = %s AND subject IN ({marks})", [controller, *subjects]
        )
        return int(cursor.rowcount)
