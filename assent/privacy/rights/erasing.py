"""The end of people across every registered store, resumed until it is done."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.foundation import scope
from assent.foundation.personal import Erased, NotYet, registered
from assent.foundation.sqlite3 import overwrite_deleted
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import What
from assent.privacy.rights import models
from assent.privacy.rights.contracts import ErasureReport, ErasureState
from assent.privacy.subjects import api as subjects_api
from assent.privacy.suppression import api as suppression
from assent.tenancy import api as tenancy

__all__ = ["erase", "erasures", "report", "sweep_erasures"]

LEASE = timedelta(minutes=10)  # longer than erasing 5,000 people from the largest store takes


def erase(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime, told: bool = False) -> ErasureReport:
    """
    Erase people whole from every store (art. 17) and return how far it is.

    Whoever asks for it asks first what must stay: :func:`parting.begin` does.

    From the moment this returns nothing is done with their data any more; what needs the arrival log to pass them by is
    finished by ``sweep_erasures``. Asked again for people already gone, it finds nothing and says so.

    :param told: recipients are told already, on account of a request (art. 19)
    """
    people = sorted(set(subjects))
    with scope.controller(controller):
        audit.journal(JournalKind.ERASURE, controller=controller, subjects=people, at=at)
        with transaction.atomic():
            # Their own no outlives them as a keyed hash, so that an old list does not bring them back unasked.
            suppression.keep_no(controller=controller, subjects=people, by=by, at=at)
            row = models.Erasure.objects.create(
                controller_id=controller,
                # Text: JSON readers other than Python's round integers beyond 53 bits.
                subjects=[str(subject) for subject in people],
                by=str(by),
                state=ErasureState.ERASING,
                requested_at=at,
                lease_until=at + LEASE,
            )
            if not told:
                mark = f"erasure:{row.pk}"
                disclosures.pass_on(controller=controller, subjects=people, what=What.ERASURE, request=mark, by=by, at=at)
            subjects_api.begin_erasure(controller=controller, subjects=people, by=by, at=at)
        _advance(row, by, at)
        return report(row)


def sweep_erasures(*, at: datetime) -> bool:
    """Go on with erasures that wait; true if one moved on."""
    moved = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            free = Q(lease_until=None) | Q(lease_until__lt=at)
            waiting = models.Erasure.objects.filter(state__in=[ErasureState.ERASING, ErasureState.WAITING]).filter(free)
            for row in waiting.order_by("id")[:20]:
                # The update decides who works on it when two workers look at once.
                if models.Erasure.objects.filter(free, id=row.id).update(lease_until=at + LEASE):
                    before = row.state
                    kind, _, number = row.by.partition(":")
                    _advance(row, Actor(kind, number), at)
                    moved = moved or row.state != before
    return moved


def _advance(row: models.Erasure, by: Actor, at: datetime) -> None:
    people = [int(subject) for subject in row.subjects]
    waits: list[str] = []
    try:
        for store in registered():
            try:
                done = store.erase(controller=row.controller_id, subjects=people, by=by, at=at)
            except NotYet as reason:
                waits.append(str(reason))
                continue
            _add(row, done)
            # At once: what a process removed before it was killed belongs into the report as well.
            row.save(update_fields=["stores"])
        if not waits:
            _add(row, Erased("subjects", subjects_api.finish_erasure(controller=row.controller_id, subjects=people)))
            if not overwrite_deleted():
                waits.append("a reader still holds an old page of a database open")
    finally:
        row.waits_for = "; ".join(waits)[:200]
        row.lease_until = None
        row.save(update_fields=["stores", "waits_for", "lease_until"])
    with transaction.atomic():
        row.state = ErasureState.WAITING if waits else ErasureState.DONE
        row.finished_at = None if waits else at
        row.save(update_fields=["state", "finished_at"])
        if not waits:
            audit.write_bulk(
                Did.PERSON_ERASED,
                controller=row.controller_id,
                by=by,
                at=at,
                subjects=people,
                on=f"erasure:{row.id}",
                detail={"records": sum(int(s["removed"]) for s in row.stores.values())},
            )


def _add(row: models.Erasure, done: Erased) -> None:
    # A store may be asked several times; what it removed adds up.
    before = row.stores.get(done.store)
    if before:
        done = Erased(done.store, done.removed + before["removed"], done.kept, done.kept_because, done.notes)
    row.stores = {**row.stores, done.store: asdict(done)}


def report(row: models.Erasure) -> ErasureReport:
    """Return how far an erasure is."""
    return ErasureReport(
        row.id,
        ErasureState(row.state),
        len(row.subjects),
        [Erased(**stored) for stored in row.stores.values()],
        row.requested_at,
        row.finished_at,
        row.waits_for,
    )


def erasures(*, controller: int, limit: int = 50) -> list[ErasureReport]:
    """Return the latest erasures, newest first."""
    with scope.controller(controller):
        return [report(row) for row in models.Erasure.objects.order_by("-id")[:limit]]
