"""
Erasure of people of whom something must stay: what nothing holds back goes now, the rest as soon as nothing holds it any more.

Art. 17(3) lets data stay for a claim or because a law says so; for what serves neither it gives no leave.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.foundation import scope
from assent.foundation.personal import Erased, Keep, Narrowing, registered
from assent.foundation.sqlite3 import overwrite_deleted
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import What
from assent.privacy.policy import api as policy
from assent.privacy.rights import deeds, erasing, models, ports
from assent.privacy.rights.contracts import ErasureReport, ErasureState, Held
from assent.privacy.subjects import api as subjects_api
from assent.tenancy import api as tenancy

__all__ = ["begin", "erase_unheld", "stays", "sweep_held"]

# A hold may be released at any moment; an hour more harms nobody, since nothing is done with the data meanwhile.
LOOK = timedelta(hours=1)
ROWS_AT_ONCE = 20
ALL = -1


def erase_unheld(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> list[ErasureReport]:
    """
    Erase people as far as nothing must stay, and return a report of those who go whole, and one of the others.

    What stays is not used any more, and :func:`sweep_held` erases it when nothing holds it back.
    """
    made = begin(controller=controller, subjects=subjects, by=by, at=at)
    with scope.controller(controller):
        return [erasing.report(row) for row in models.Erasure.objects.filter(pk__in=set(made.values())).order_by("pk")]


def begin(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime, told: bool = False) -> dict[int, int]:
    """Begin it, and return the number of the erasure each person is in."""
    people = sorted(set(subjects))
    held = ports.holds(controller=controller, subjects=people, at=at)
    there = subjects_api.public_ids(controller=controller, subjects=[one for one in people if held.get(one)])
    made: dict[int, int] = {}
    if whole := [one for one in people if one not in there]:
        report = erasing.erase(controller=controller, subjects=whole, by=by, at=at, told=told)
        made |= dict.fromkeys(whole, report.id)
    if there:
        row = _part(controller, {one: held[one] for one in sorted(there)}, by=by, at=at, told=told)
        made |= dict.fromkeys(there, row.pk)
    return made


def _part(controller: int, held: Mapping[int, Sequence[Held]], *, by: Actor, at: datetime, told: bool) -> models.Erasure:
    """Write down that these people are to be erased, stop every use of their data, and erase what nothing holds."""
    people = sorted(held)
    with scope.controller(controller):
        audit.journal(JournalKind.ERASURE_IN_PART, controller=controller, subjects=people, at=at)
        with transaction.atomic():
            row = models.Erasure.objects.create(
                controller_id=controller,
                subjects=[str(subject) for subject in people],
                by=str(by),
                state=ErasureState.HELD,
                requested_at=at,
                lease_until=at + LOOK,
                waits_for=_waits(held),
            )
            mark = f"erasure:{row.pk}"
            if not told:
                disclosures.pass_on(controller=controller, subjects=people, what=What.ERASURE, request=mark, by=by, at=at)
            for subject in people:
                deeds.keep_unused(controller=controller, subject=subject, reason=mark, by=by, at=at)
            audit.write_bulk(
                Did.PERSON_ERASED_IN_PART, controller=controller, by=by, at=at, subjects=people, on=mark,
                detail={"why": ",".join(sorted({one.reason for theirs in held.values() for one in theirs}))},
            )  # fmt: skip
        _narrow(row, held, by=by, at=at)
    return row


def sweep_held(*, at: datetime) -> bool:
    """Look again at what was held back, and erase whole whom nothing holds any more; true if somebody went."""
    moved = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            due = models.Erasure.objects.filter(state=ErasureState.HELD, lease_until__lt=at)
            for row in due.order_by("id")[:ROWS_AT_ONCE]:
                # The update decides who looks when two workers do at once.
                if models.Erasure.objects.filter(pk=row.pk, lease_until=row.lease_until).update(lease_until=at + LOOK):
                    moved = _look(row, at=at) or moved
    return moved


def _look(row: models.Erasure, *, at: datetime) -> bool:
    people = [int(subject) for subject in row.subjects]
    held = ports.holds(controller=row.controller_id, subjects=people, at=at)
    kind, _, number = row.by.partition(":")
    by = Actor(kind, number)
    free = [one for one in people if not held.get(one)]
    if free:
        # Killed after this, the next look finds them free again and erases what is left of them, which is nothing.
        report = erasing.erase(controller=row.controller_id, subjects=free, by=by, at=at, told=True)
        with transaction.atomic():
            models.Request.objects.filter(erasure=row.pk, subject__in=free).update(erasure=report.id)
            row.subjects = [str(one) for one in people if one not in set(free)]
            row.state = ErasureState.HELD if row.subjects else ErasureState.DONE
            row.finished_at = None if row.subjects else at
            row.save(update_fields=["subjects", "state", "finished_at"])
    left = {one: held[one] for one in people if held.get(one)}
    row.waits_for = _waits(left)
    row.save(update_fields=["waits_for"])
    if left:
        _narrow(row, left, by=by, at=at)
    return bool(free)


def _narrow(row: models.Erasure, held: Mapping[int, Sequence[Held]], *, by: Actor, at: datetime) -> None:
    """Erase in every store what serves none of the purposes that something holds, and add it up store by store."""
    codes = policy.purpose_codes(controller=row.controller_id)
    bits: dict[int, int] = defaultdict(int)
    for subject, theirs in held.items():
        for one in theirs:
            bits[subject] |= 1 << codes[one.purpose] if one.purpose in codes else ALL
    keep = Keep({subject: live for subject, live in bits.items() if live != ALL})
    because = _waits(held)
    for store in registered() if keep.purposes else ():
        if isinstance(store, Narrowing):
            found = store.narrow(controller=row.controller_id, keep=keep, remove=True, by=by, at=at)
            before = row.stores.get(store.name, {}).get("removed", 0)
            done = Erased(store.name, before + sum(one.records for one in found), kept_because=because)
            row.stores = {**row.stores, store.name: asdict(done)}
            # At once: what a process removed before it was killed belongs into the report as well.
            row.save(update_fields=["stores"])
    if keep.purposes:
        overwrite_deleted()


def _waits(held: Mapping[int, Sequence[Held]]) -> str:
    reasons = sorted({one.reason for theirs in held.values() for one in theirs})
    return f"hold: {', '.join(reasons)}" if reasons else ""


def stays(held: Sequence[Held]) -> list[list[str]]:
    """Return what stays as a request keeps it: what for, in words, and why and until when as codes."""
    found = []
    for one in held:
        day = one.until.isoformat() if one.until else ""
        until = f" until {day}" if day else ""
        said = f"held back: {one.reason}{until} ({one.refusal.clause})"
        found.append([one.purpose or "everything", said, one.reason, day])
    return found
