"""Choices on their way into the tables. Many at once: model instances would cost several times what the rows do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from assent.audit import api as audit
from assent.privacy.consent import leaves, models, rules
from assent.privacy.consent.contracts import ConsentRecord
from assent.privacy.policy.contracts import CHANNEL_CODES
from assent.privacy.subjects import api as subjects

__all__ = ["Codes", "Writing", "keep"]

AT_ONCE = 400  # rows in one statement
COLUMNS = (*leaves.Row._fields, "salt", "line", "place")


class Codes(NamedTuple):
    """The numbers that columns hold: of purposes by key, and of policies by digest."""

    purposes: Mapping[str, int]
    policies: Mapping[str, int]


class Writing:
    """
    Records that one line of the book will tell of, and what it commits to of them.

    A choice of somebody who is nobody here any more is written all the same, but nothing is committed to: a receipt would
    be nobody's. To be used in a transaction, with the controller in scope.
    """

    def __init__(self, rows: Sequence[leaves.Row], *, controller: int, codes: Codes, written_ms: int) -> None:
        self._rows, self._controller, self._codes = rows, controller, codes
        known = subjects.public_ids(controller=controller, subjects=list({row.subject for row in rows}))
        drawn = iter(leaves.salts(len(rows)))
        self._salts = [next(drawn) if row.subject in known else None for row in rows]
        self._commitments = [
            leaves.commit(salt, leaves.facts_of(row, person=known[row.subject], written_ms=written_ms))
            for row, salt in zip(rows, self._salts, strict=True)
            if salt is not None
        ]

    def committed(self) -> dict[str, str]:
        """Return what the line's detail must hold."""
        return {"commitments": audit.tree_head(self._commitments).hex()} if self._commitments else {}

    def put(self, line: int | None = None) -> list[ConsentRecord]:
        """Write records and let them stand, told of in a line, or in one that :meth:`told_in` names afterwards."""
        ids = _insert([(*row, salt, line if salt else None, place) for row, salt, place in self._with_places()])
        _stand(self._rows, ids, controller=self._controller, codes=self._codes)
        if line is not None:
            keep(line, self._commitments, controller=self._controller)
        return [
            leaves.contract(row, record=record, salt=salt)
            for row, salt, record in zip(self._rows, self._salts, ids, strict=True)
        ]

    def told_in(self, line: int, record: int) -> None:
        """Say afterwards which line tells of the one record, since that line names the record."""
        if self._commitments:
            with connection.cursor() as cursor:
                table = models.ConsentRecord._meta.db_table
                cursor.execute(
                    f"UPDATE {table} SET line = %s WHERE controller_id = %s AND id = %s", (line, self._controller, record)
                )

    def _with_places(self) -> Iterator[tuple[leaves.Row, bytes | None, int | None]]:
        place = 0
        for row, salt in zip(self._rows, self._salts, strict=True):
            yield row, salt, place if salt else None
            place += salt is not None


def keep(line: int, commitments: Sequence[bytes], *, controller: int) -> None:
    """Keep the commitments of a line about several, which the proof of each of them passes by."""
    if len(commitments) > 1:
        models.Batch.objects.create(controller_id=controller, line=line, commitments=b"".join(commitments))


def _insert(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    table, places = models.ConsentRecord._meta.db_table, f"({', '.join(['%s'] * len(COLUMNS))})"
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    found: list[int] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([places] * len(part))} RETURNING id",
                [value for row in part for value in row],
            )
            found += [record for (record,) in cursor.fetchall()]
    return found


def _stand(rows: Sequence[leaves.Row], ids: Sequence[int], *, controller: int, codes: Codes) -> None:
    """Let each choice stand if it overrules the one that stands. The engine decides, so that two writers can't both win."""
    table = models.Standing._meta.db_table
    key = ("controller_id", "purpose", "channel", "subject")
    values = ("choice", "explicit", "at_ms", "expires_ms", "record", "version")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(key + values)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in values)} "
            f"WHERE {rules.OVERRULES.format(table=table)}",
            [
                (
                    controller,
                    codes.purposes[row.purpose],
                    CHANNEL_CODES[row.channel],
                    row.subject,
                    row.choice,
                    int(row.explicit),
                    row.at_ms,
                    row.expires_ms,
                    record,
                    codes.policies.get(row.policy_digest, rules.UNKNOWN_VERSION),
                )
                for row, record in zip(rows, ids, strict=True)
            ],
        )
