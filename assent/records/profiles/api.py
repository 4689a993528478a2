"""Profiles: declared attributes and counters. Truth in rows, folded exactly once; a mirror in columns serves segments."""

__all__ = [
    "attributes",
    "count",
    "declared",
    "erase",
    "fold",
    "get",
    "mirror",
    "narrow",
    "on_merge",
    "position",
    "rebuild",
    "set_attributes",
    "tend",
]

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
from django.db import transaction

from assent.foundation import scope
from assent.foundation.clock import millis
from assent.foundation.personal import Keep
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import FoldKind
from assent.records.lake import api as lake
from assent.records.profiles import models, rows
from assent.records.profiles.contracts import AttributeInfo, Delta, Value, columns
from assent.records.profiles.rules import declared, fold_kinds, kept_for

PEOPLE_PER_TURN = 2_000  # keeps the writer's turn below 50 ms
MIRRORED_AT_ONCE = 20_000
MIRROR_SOURCE = "rows"
# A move rewrites the whole base, so it waits until the changes weigh something beside it.
MOVE_FROM = 50_000


def fold(*, controller: int, source: str, position: int, deltas: Sequence[Delta]) -> bool:
    """
    Let attributes grow, exactly once per source and position.

    Too much for one transaction is first kept whole, with its position, and then folded in turns; a crash in between is
    made good by the next call.

    :return: False if this position of the source was folded already
    """
    changes = _by_person(deltas)
    with scope.controller(controller):
        finish(controller=controller)
        with transaction.atomic(using=rows.DATABASE):
            come, _ = models.Come.objects.select_for_update().get_or_create(
                controller_id=controller, source=source, defaults={"position": 0}
            )
            if position <= come.position:
                return False
            come.position = position
            come.save(update_fields=["position"])
            if len(changes) > PEOPLE_PER_TURN:
                models.Waiting.objects.bulk_create(
                    models.Waiting(controller_id=controller, changes=msgspec.json.encode(list(some.values())))
                    for some in _turns(changes)
                )
            elif changes:
                rows.fold(controller, changes)
        if len(changes) > PEOPLE_PER_TURN:
            finish(controller=controller)
    return True


def finish(*, controller: int) -> None:
    """Fold what was kept whole, in turns."""
    with scope.controller(controller):
        # A look first: on SQLite the transaction of a turn would make every caller a writer.
        while models.Waiting.objects.exists() and _turn(controller):
            pass


def position(*, controller: int, source: str) -> int:
    """Return how far a source has come, 0 at the start."""
    with scope.controller(controller):
        return models.Come.objects.filter(source=source).values_list("position", flat=True).first() or 0


def set_attributes(*, controller: int, rows: Sequence[tuple[int, Mapping[str, Value]]], at: datetime) -> None:
    """Set attributes as of a moment; a later value stays, None takes one away. Doing it twice changes nothing."""
    at_ms = millis(at)
    _write(
        controller,
        _by_person([Delta(subject, name, FoldKind.SET_LAST, given[name], at_ms) for subject, given in rows for name in given]),
    )


def get(*, controller: int, subjects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the attributes of those who have any."""
    with scope.controller(controller):
        return {subject: found for subject, (found, _) in rows.read(controller, subjects).items()}


def count(*, controller: int) -> int:
    """Return how many people have attributes."""
    with scope.controller(controller):
        return models.Profile.objects.count()


def attributes(*, controller: int) -> list[AttributeInfo]:
    """
    Return the attributes the policy in force declares, by name.

    :raises NoPolicy: if there is none
    """
    return declared(policies.current(controller=controller).policy)


def mirror(*, controller: int) -> int:
    """Bring changed rows to the columns; return how many. Called about once a second."""
    kind, sent = columns(), 0
    with scope.controller(controller):
        finish(controller=controller)
        with lake.turn(controller=controller, kind=kind, name="mirror"):
            done = lake.position(controller=controller, kind=kind, source=MIRROR_SOURCE)
            while changed := rows.since(controller, done, limit=MIRRORED_AT_ONCE):
                done = changed[-1][2]
                lake.append(controller=controller, kind=kind, table=_table(changed), source=MIRROR_SOURCE, position=done)
                sent += len(changed)
    return sent


def rebuild(*, controller: int) -> int:
    """Make the columns anew from the rows; return how many people. Until it is done, segments see only part of them."""
    kind = columns()
    with lake.turn(controller=controller, kind=kind, name="mirror"):
        lake.drop(controller=controller, kind=kind)
    return mirror(controller=controller)


def tend(*, controller: int) -> int:
    """Fold waiting changes of the mirror into its base when they are many, and join small files; return how many moved."""
    kind = columns()
    _, waiting = lake.fresh(controller=controller, kind=kind)
    moved = lake.move(controller=controller, kind=kind) if waiting >= MOVE_FROM else 0
    lake.compact(controller=controller, kind=kind)
    return moved


def erase(*, controller: int, subjects: Sequence[int]) -> int:
    """Delete people's rows and every byte of them in the mirror; return how many rows went."""
    kind, went = columns(), 0
    with scope.controller(controller):
        finish(controller=controller)
        # The mirror's turn: a batch read before the rows went must not arrive after they are gone.
        with lake.turn(controller=controller, kind=kind, name="mirror"):
            for start in range(0, len(subjects), PEOPLE_PER_TURN):
                with transaction.atomic(using=rows.DATABASE):
                    went += rows.drop(controller, subjects[start : start + PEOPLE_PER_TURN])
            lake.erase(controller=controller, kind=kind, subjects=subjects)
    return went


def kept(*, controller: int, purposes: Sequence[str], subjects: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return of people's attributes what some purposes may keep; those who have none of it are left out."""
    names = kept_for(policies.current(controller=controller).policy, list(purposes))
    found = get(controller=controller, subjects=subjects)
    held = {subject: {name: has[name] for name in has.keys() & names} for subject, has in found.items()}
    return {subject: has for subject, has in held.items() if has}


def narrow(*, controller: int, keep: Keep, remove: bool) -> tuple[int, int]:
    """Let people have the attributes live purposes may keep, and no others; return attributes and people it is about."""
    found = policies.current(controller=controller)
    kept: dict[int, frozenset[str]] = {}
    for live in set(keep.purposes.values()):
        kept[live] = kept_for(found.policy, [key for key, code in found.purpose_codes.items() if live >> code & 1])
    people, attributes = list(keep.purposes), 0
    over: dict[int, set[str]] = {}
    with scope.controller(controller):
        for start in range(0, len(people), PEOPLE_PER_TURN):
            for subject, (has, _) in rows.read(controller, people[start : start + PEOPLE_PER_TURN]).items():
                if surplus := has.keys() - kept[keep.purposes[subject]]:
                    over[subject] = surplus
                    attributes += len(surplus)
        if remove and over:
            _part_with(controller, over)
    return attributes, len(over)


def _part_with(controller: int, over: Mapping[int, set[str]]) -> None:
    """Remove attributes of people from the rows and every byte of them from the mirror, which then learns what is left."""
    whose = list(over)
    with lake.turn(controller=controller, kind=columns(), name="mirror"):
        for start in range(0, len(whose), PEOPLE_PER_TURN):
            with transaction.atomic(using=rows.DATABASE):
                # Read again under the lock of the number of changes: what was folded meanwhile stays.
                rows.next_rev(controller)
                now = rows.read(controller, whose[start : start + PEOPLE_PER_TURN])
                left = {
                    subject: tuple({name: one[name] for name in one.keys() - over[subject]} for one in (has, times))
                    for subject, (has, times) in now.items()
                }
                rows.replace(controller, left)  # type: ignore[arg-type]
        lake.erase(controller=controller, kind=columns(), subjects=whose)


def on_merge(*, controller: int, into: int, other: int, **_: object) -> None:
    """Give one person's attributes to another: counters add up, of two values the later stays."""
    kinds = fold_kinds(policies.current(controller=controller).policy)
    with scope.controller(controller), lake.turn(controller=controller, kind=columns(), name="mirror"):
        finish(controller=controller)
        with transaction.atomic(using=rows.DATABASE):
            found, times = rows.read(controller, [other]).get(other, ({}, {}))
            given = [Delta(into, name, kinds.get(name, FoldKind.SET_LAST), found[name], times.get(name, 0)) for name in found]
            if given:
                rows.fold(controller, {into: given})
                rows.drop(controller, [other])
        lake.erase(controller=controller, kind=columns(), subjects=[other])


def _by_person(deltas: Sequence[Delta]) -> dict[int, list[Delta]]:
    changes: dict[int, list[Delta]] = {}
    for delta in deltas:
        changes.setdefault(delta[0], []).append(delta)
    return changes


def _turns(changes: Mapping[int, list[Delta]]) -> Iterator[dict[int, list[Delta]]]:
    people = list(changes.items())
    for start in range(0, len(people), PEOPLE_PER_TURN):
        yield dict(people[start : start + PEOPLE_PER_TURN])


def _write(controller: int, changes: Mapping[int, list[Delta]]) -> None:
    with scope.controller(controller):
        for some in _turns(changes):
            with transaction.atomic(using=rows.DATABASE):
                rows.fold(controller, some)


@transaction.atomic(using=rows.DATABASE)
def _turn(controller: int) -> bool:
    waiting = models.Waiting.objects.select_for_update().order_by("id").first()
    if waiting is None:
        return False
    people = msgspec.json.decode(bytes(waiting.changes), type=list[list[Delta]])
    rows.fold(controller, {some[0].subject: some for some in people})
    waiting.delete()
    return True


def _table(changed: Sequence[tuple[int, dict[str, Any], int]]) -> pa.Table:
    """Return rows with a column per attribute: numbers as ``n_``, texts as ``t_``; what fits neither has none."""
    found: dict[str, list[Any]] = {}
    for at, (_, given, _) in enumerate(changed):
        for name, value in given.items():
            if isinstance(value, str):
                found.setdefault(f"t_{name}", [None] * len(changed))[at] = value
            elif isinstance(value, bool | int | float):
                found.setdefault(f"n_{name}", [None] * len(changed))[at] = float(value)
    cells = {name: pa.array(found[name], pa.string() if name[0] == "t" else pa.float64()) for name in sorted(found)}
    return pa.table({"subject": pa.array([subject for subject, _, _ in changed], pa.int64()), **cells})
