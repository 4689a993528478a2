"""Whom a breach affects: computed from the book, kept as sets."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.columns import Ints
from assent.privacy.breaches import models, rows, rules
from assent.privacy.breaches.contracts import BreachInfo, Deed, NotNow, Reach, State

__all__ = ["affected", "find_affected", "mine", "on_merge", "state_affected"]

AS_KEPT = np.dtype("<i8")
A_PART = 1_000  # people whose letters are queued in one lease: seconds, at the pace of sealing


def find_affected(*, controller: int, breach: int, reach: Reach, by: Actor, at: datetime) -> BreachInfo:
    """
    Find everybody whose data these reads and writes touched, and keep them with the breach; asked again, it finds anew.

    What the book knows by number only is counted, and said, as is a line whose people no longer fit its digest.

    :raises NotNow: if the breach is closed, or letters are on their way to those found before
    """
    found = {}
    for reading in reach.readings:
        words = [word.value for word in rules.READS[reading]]
        lines = audit.concerned(controller=controller, by=reach.by, did=words, since=reach.since, until=reach.until)
        if lines:
            found[reading] = lines
    flat = [one for lines in found.values() for one in lines]
    people = np.unique(np.concatenate([one.subjects for one in flat])) if flat else np.empty(0, np.int64)
    counts = {
        reading.value: (sum(one.lines for one in lines), len(np.unique(np.concatenate([one.subjects for one in lines]))))
        for reading, lines in found.items()
    }
    with scope.controller(controller), transaction.atomic():
        row = _to_change(controller, breach)
        _keep(row, people)
        row.reach, row.readings, row.stated = rows.packed_reach(reach), counts, False
        row.people, row.records = len(people), sum(one.lines for one in flat)
        row.unnamed, row.altered = sum(one.unnamed for one in flat), sum(one.altered for one in flat)
        row.began_at = row.began_at or reach.since
        row.save(update_fields=["reach", "readings", "stated", "people", "records", "unnamed", "altered", "began_at"])
        rows.step(row, Deed.SCOPED, by=by, at=at, people=len(people))
        return rows.info(row)


def state_affected(*, controller: int, breach: int, people: int, records: int, by: Actor, at: datetime) -> BreachInfo:
    """
    Keep how many are affected as staff estimate it, where the book can't know (a lost notebook, a letter to the wrong door).

    :raises NotNow: as :func:`find_affected`
    """
    with scope.controller(controller), transaction.atomic():
        row = _to_change(controller, breach)
        _keep(row, np.empty(0, np.int64))
        row.reach, row.readings, row.stated = None, {}, True
        row.people, row.records, row.unnamed, row.altered = max(0, people), max(0, records), 0, 0
        row.save(update_fields=["reach", "readings", "stated", "people", "records", "unnamed", "altered"])
        rows.step(row, Deed.SCOPED, by=by, at=at, people=row.people)
        return rows.info(row)


def _to_change(controller: int, breach: int) -> models.Breach:
    row = rows.find(controller, breach, lock=True)
    rules.after(State(row.state), Deed.SCOPED)
    if row.telling_since is not None:
        message = "letters are on their way to those found before; whoever was missed belongs into a breach of its own"
        raise NotNow(message)
    return row


def _keep(row: models.Breach, people: Ints) -> None:
    models.Part.objects.filter(breach=row).delete()
    models.Part.objects.bulk_create(
        [
            models.Part(
                controller_id=row.controller_id,
                breach=row,
                number=start // A_PART,
                first=int(part[0]),
                last=int(part[-1]),
                size=len(part),
                subjects=part.astype(AS_KEPT).tobytes(),
            )
            for start in range(0, len(people), A_PART)
            for part in [people[start : start + A_PART]]
        ],
        batch_size=100,
    )


def affected(*, controller: int, breach: int, limit: int | None = None) -> Ints:
    """Return the people found, in order of their ids; the first ``limit`` of them."""
    with scope.controller(controller):
        kept = models.Part.objects.filter(breach=breach).order_by("number").values_list("subjects", flat=True)
        parts = kept if limit is None else kept[: limit // A_PART + 1]
        found = [np.frombuffer(bytes(part), AS_KEPT) for part in parts]
    whole = np.concatenate(found) if found else np.empty(0, np.int64)
    return whole if limit is None else whole[:limit]


def mine(subject: int) -> Iterator[models.Part]:
    """Return the parts that somebody is in. The controller is in scope."""
    for part in models.Part.objects.filter(first__lte=subject, last__gte=subject).select_related("breach"):
        ids = np.frombuffer(bytes(part.subjects), AS_KEPT)
        if subject in ids[np.searchsorted(ids, subject) :][:1]:
            yield part


def on_merge(*, controller: int, into: int, other: int, **_: object) -> None:
    """Put somebody in the place of another, as the two turned out to be one: nobody is missed, nobody is told twice."""
    with scope.controller(controller), transaction.atomic():
        there = {part.breach_id for part in mine(into)}
        for part in mine(other):
            ids = set(np.frombuffer(bytes(part.subjects), AS_KEPT).tolist()) - {other}
            if part.breach_id not in there:
                ids.add(into)
            else:
                models.Breach.objects.filter(pk=part.breach_id).update(people=part.breach.people - 1)
            if not ids:
                part.delete()
                continue
            part.subjects = np.array(sorted(ids), AS_KEPT).tobytes()
            part.first, part.last, part.size = min(ids), max(ids), len(ids)
            part.save(update_fields=["subjects", "first", "last", "size"])
        for order in models.Order.objects.all():
            if str(other) in order.subjects:
                order.subjects = sorted({str(into) if one == str(other) else one for one in order.subjects})
                order.save(update_fields=["subjects"])
