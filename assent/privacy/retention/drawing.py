"""What follows at once from a no, and what is left over: consequences, endings as people read them, and the full scan."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.consent import api as consent
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Counted
from assent.privacy.retention import models, rules, running
from assent.privacy.retention.contracts import Ended, Noted, Remains, Why
from assent.privacy.retention.facts import Batch
from assent.privacy.subjects import api as subjects
from assent.privacy.suppression import api as suppression

__all__ = ["draw", "ended", "note", "orphans", "settle_people"]

AT_ONCE = 1_000
CHOICES, STOPS, ENDS, SILENCES = "choices", "stops", "ends", "silences"
SYSTEM = Actor.system("retention")


def draw(*, at: datetime) -> bool:
    """
    Draw the consequences of what people took back, refused or objected to since the last look (art. 17(1)(b) and (c)).

    And of consents that ran out, and of people asked again whose time for an answer is over: both are found by their day.

    What no other purpose holds is erased at once; what ended, why, and what stays is written down for the person. True if
    there was something to look at.
    """
    moved = False
    for controller, _compiled in policy.in_force():
        for source in (CHOICES, STOPS):
            moved = _draw(controller, source, at=at) or moved
        for source in (ENDS, SILENCES):
            moved = _draw_due(controller, source, at=at) or moved
    return moved


def _draw(controller: int, source: str, *, at: datetime) -> bool:
    with scope.controller(controller):
        come = models.Come.objects.filter(source=source).values_list("position", flat=True).first() or 0
    if source == CHOICES:
        found = consent.withdrawn_since(controller=controller, record=come, limit=AT_ONCE)
    else:
        found = suppression.changed_since(controller=controller, suppression=come, limit=AT_ONCE)
    if not found:
        return False
    settle_people(controller=controller, subjects_=[subject for _, subject in found], by=SYSTEM, at=at)
    # Only now: whoever is killed before looks at the same people again, and finds done what was done.
    with scope.controller(controller):
        models.Come.objects.update_or_create(
            controller_id=controller, source=source, defaults={"position": max(number for number, _ in found)}
        )
    return True


def _draw_due(controller: int, source: str, *, at: datetime) -> bool:
    """Draw what follows from a day that came: a consent that ran out, somebody asked again who said nothing."""
    with scope.controller(controller):
        row = models.Come.objects.filter(source=source).first()
        come = row.position if row else 0
        if source == ENDS:
            found = consent.ran_out(controller=controller, after_ms=come, upto_ms=millis(at), limit=AT_ONCE)
        else:
            found = _silent(controller, come, at=at)
    if not found:
        return False
    people = sorted({subject for _, subject in found})
    for start in range(0, len(people), running.BATCH):
        settle_people(controller=controller, subjects_=people[start : start + running.BATCH], by=SYSTEM, at=at)
    with scope.controller(controller):
        models.Come.objects.update_or_create(controller_id=controller, source=source, defaults={"position": found[-1][0]})
    return True


def _silent(controller: int, come: int, *, at: datetime) -> list[tuple[int, int]]:
    """Return who was asked so long ago that the time for an answer is over, by when they were asked."""
    over = rules.before(at, running.wait(policy.current(controller=controller)))
    rows = models.Asked.objects.filter(at_ms__gt=come, at_ms__lt=over).order_by("at_ms")
    found = list(rows.values_list("at_ms", "subject")[:AT_ONCE])
    if len(found) == AT_ONCE:
        last = found[-1][0]
        found = [pair for pair in found if pair[0] < last] + list(rows.filter(at_ms=last).values_list("at_ms", "subject"))
    return found


def settle_people(*, controller: int, subjects_: Sequence[int], by: Actor, at: datetime) -> None:
    """Let end what is over for some people, as a run does for everybody."""
    known = subjects.known_since(controller=controller, subjects=sorted(set(subjects_)))
    people = sorted(known)
    if people:
        batch = Batch(np.array(people, np.int64), np.array([known[one] for one in people], np.int64))
        compiled = policy.current(controller=controller)
        running.settle(controller=controller, compiled=compiled, batch=batch, by=by, at=at)


def note(*, controller: int, moments: Sequence[Noted], by: Actor, at: datetime) -> int:
    """
    Note moments that periods are counted from and that no event says: hired, a contract that ended; return how many.

    A later note takes the place of an earlier one about the same.

    :raises ValueError: if the policy has no such purpose, or no such exception
    """
    compiled = policy.current(controller=controller)
    for one in moments:
        purpose = compiled.policy.purposes.get(one.purpose)
        if purpose is None:
            raise ValueError(f"purpose {one.purpose[:63]!r} is not in the policy")
        if one.circumstance and one.circumstance not in purpose.retention.overrides:
            known = ", ".join(purpose.retention.overrides) or "none"
            raise ValueError(f"purpose {one.purpose!r} has no exception {one.circumstance[:63]!r} (it has: {known})")
    rows = [
        models.Noted(
            controller_id=controller, subject=one.subject, purpose=compiled.purpose_codes[one.purpose],
            counted=Counted(one.counted).value, circumstance=one.circumstance, at_ms=millis(one.at),
        )
        for one in moments
    ]  # fmt: skip
    with scope.controller(controller), transaction.atomic():
        models.Noted.objects.bulk_create(
            rows, batch_size=200, update_conflicts=True, update_fields=["circumstance", "at_ms"],
            unique_fields=["controller", "subject", "purpose", "counted"],
        )  # fmt: skip
        if rows:
            whom = sorted({one.subject for one in moments})
            audit.write_bulk(Did.MOMENTS_NOTED, controller=controller, by=by, at=at, subjects=whom)
    return len(rows)


def ended(*, controller: int, subject: int) -> list[Ended]:
    """Return which purposes ended for a person, newest first, why, and what their data were still kept for then."""
    keys = {code: key for key, code in policy.purpose_codes(controller=controller).items()}
    with scope.controller(controller):
        rows = models.Ending.objects.filter(subject=subject, purpose__gte=0).order_by("-ended_ms", "purpose")
        return [
            Ended(
                purpose=keys[row.purpose],
                why=Why(row.why),
                at=from_millis(row.ended_ms),
                stays=tuple(sorted(key for code, key in keys.items() if row.stays >> code & 1)),
            )
            for row in rows
        ]


def orphans(*, controller: int, at: datetime) -> list[Remains]:
    """
    Scan every store for personal data that no live purpose holds, and count them by store and kind.

    People of whom nothing may be kept count as ``person`` of ``subjects``. What is on hold, restricted or waits for an answer
    has its reason and is none. Nothing is changed.

    :raises NoPolicy: if the controller has published none
    """
    compiled = policy.current(controller=controller)
    records: Counter[tuple[str, str]] = Counter()
    people: Counter[tuple[str, str]] = Counter()
    for part in range(running.PARTS):
        after = 0
        while True:
            ids, known = subjects.part(controller=controller, number=part, of=running.PARTS, limit=running.BATCH, after=after)
            if not len(ids):
                break
            after = int(ids[-1])
            for one in running.left_over(controller=controller, compiled=compiled, batch=Batch(ids, known), at=at):
                records[one.store, one.kind] += one.records
                people[one.store, one.kind] += one.people
    return [Remains(store, kind, records[store, kind], people[store, kind]) for store, kind in sorted(records)]
