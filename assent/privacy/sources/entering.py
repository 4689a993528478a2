"""People brought in with where their data came from, in the transaction that makes them: nobody is ever here without it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled
from assent.privacy.sources import models, rules
from assent.privacy.sources.contracts import UNNAMED, BadMoment, UnknownSource, Way
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput, Upserted

__all__ = ["came_from", "check", "import_people", "name"]

TABLE = models.Origin._meta.db_table
COLUMNS = ("controller_id", "subject", "source", "obtained_ms", "due_ms", "told_ms", "way", "looks")
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """One source and moment, worked out once for all the people of an import."""

    controller: int
    source: str
    obtained_ms: int
    due_ms: int
    told_ms: int | None
    """when the notice given at collection told them; None where art. 14 asks for telling"""


def check(*, controller: int, source: str, obtained_at: datetime, at: datetime) -> None:
    """
    Go on only if people may be brought in as from this source.

    :raises UnknownSource: if the policy in force does not declare it
    :raises BadMoment: if the data were obtained in the future
    :raises NoPolicy: if the controller has published none
    """
    _entry(controller, source, obtained_at, at)


def import_people(
    *, controller: int, people: Sequence[PersonInput], source: str, obtained_at: datetime, by: Actor, at: datetime
) -> list[Upserted]:
    """
    Take people in and keep where their data came from; return what became of each, in order.

    Who is known already keeps what was told before; a source that is new for them has to be told. Without a source only
    those are marked who are made now: nobody writes to them until it is named.

    :param source: a key of the policy's sources; empty if nobody says
    :param obtained_at: when the controller got the data; the month of art. 14(3)(a) runs from it
    :raises UnknownSource: if the policy in force does not declare it
    :raises BadMoment: if the data were obtained in the future
    :raises NoPolicy: if the controller has published none
    """
    entry = _entry(controller, source, obtained_at, at)
    return subjects.upsert_many(
        controller=controller, people=people, by=by, at=at, within=lambda done: _write(entry, done, by=by, at=at)
    )


@transaction.atomic
def came_from(*, controller: int, subject: int, source: str, obtained_at: datetime, by: Actor, at: datetime) -> None:
    """
    Keep that data of somebody who is known came from a source. A second call changes nothing.

    :raises UnknownSource: if the policy in force does not declare it
    :raises BadMoment: if the data were obtained in the future
    """
    entry = _entry(controller, source, obtained_at, at)
    with scope.controller(controller):
        _keep(entry, [subject], [subject], by=by, at=at)


def name(*, controller: int, due: int, source: str, by: Actor, at: datetime) -> int:
    """
    Say where the people of a group came from who were brought in without it, and return how many they were.

    :param due: the group's number (see :class:`Group`)
    :raises UnknownSource: if the policy in force does not declare it
    """
    if source == UNNAMED:
        raise UnknownSource("name a source of the policy")
    entry = _entry(controller, source, at, at)
    done = 0
    with scope.controller(controller):
        while True:
            rows = models.Origin.objects.filter(source=UNNAMED, told_ms=None, due_ms=due)
            some = list(rows.values_list("subject", flat=True)[:ROWS_AT_ONCE])
            if not some:
                return done
            with transaction.atomic():
                _keep(entry, [], some, by=by, at=at)
            done += len(some)


def _entry(controller: int, source: str, obtained_at: datetime, at: datetime) -> _Entry:
    if obtained_at > at:
        raise BadMoment("the data can't have been obtained in the future: send the moment you got them")
    found: Compiled = policy.current(controller=controller)
    if source != UNNAMED:
        rules.which(found.policy, source)
    own = source != UNNAMED and not rules.told_by_law(found.policy, source)
    obtained = millis(obtained_at)
    return _Entry(controller, source, obtained, millis(rules.ends(found.policy, obtained_at)), obtained if own else None)


def _write(entry: _Entry, done: Sequence[Upserted], *, by: Actor, at: datetime) -> None:
    """Keep it for a portion of an import, in its transaction."""
    made = {one.subject for one in done if one.created}
    known = {one.subject for one in done if one.subject} - made if entry.source != UNNAMED else set()
    _keep(entry, sorted(made | known), sorted(known), by=by, at=at)


def _keep(entry: _Entry, people: Sequence[int], known: Sequence[int], *, by: Actor, at: datetime) -> None:
    """
    Write rows; of those known before, what nobody had named takes the name, and keeps the end it had.

    In the caller's transaction. Where all is there already, nothing is written.
    """
    with connections[router.db_for_write(models.Origin)].cursor() as cursor:
        unnamed, there = _there(cursor, entry, known)
        if renamed := unnamed - there:
            told_ms = None if entry.told_ms is None else millis(at)
            cursor.execute(
                f"UPDATE {TABLE} SET source = %s, told_ms = COALESCE(told_ms, %s), way = %s, looks = 0 {_unnamed(renamed)}",
                [entry.source, told_ms, Way.NEW.value, entry.controller, UNNAMED, *renamed],
            )
        if double := unnamed & there:
            cursor.execute(f"DELETE FROM {TABLE} {_unnamed(double)}", [entry.controller, UNNAMED, *double])
        new = [subject for subject in people if subject not in there and subject not in unnamed]
        # One statement for all, and none for who is there: rows as objects would cost several times as much.
        cursor.executemany(
            f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) ON CONFLICT DO NOTHING",
            [
                (entry.controller, subject, entry.source, entry.obtained_ms, entry.due_ms, entry.told_ms, Way.NEW.value, 0)
                for subject in new
            ],
        )
    if noted := sorted({*new, *unnamed}):
        detail: dict[str, str | int | bool] = {"source": entry.source or "unnamed", "obtained_ms": entry.obtained_ms}
        audit.write_bulk(Did.SOURCE_NOTED, controller=entry.controller, by=by, at=at, subjects=noted, detail=detail)


def _unnamed(people: Collection[int]) -> str:
    return f"WHERE controller_id = %s AND source = %s AND subject IN ({', '.join(['%s'] * len(people))})"


def _there(cursor: Any, entry: _Entry, known: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return which of some people have a source that nobody named, and which have this one."""
    if not known or entry.source == UNNAMED:
        return set(), set()
    places = ", ".join(["%s"] * len(known))
    cursor.execute(
        f"SELECT subject, source FROM {TABLE} WHERE controller_id = %s AND source IN (%s, %s) AND subject IN ({places})",
        [entry.controller, UNNAMED, entry.source, *known],
    )
    found = cursor.fetchall()
    return {subject for subject, source in found if not source}, {subject for subject, source in found if source}
