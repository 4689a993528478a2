"""
The walk over everybody that lets end what is over, in bounded batches, and the second one that looks for what is left.

Lease and place lie in the run's row: whoever is killed leaves it to the next, who goes on where it was.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.policy import api as policy
from assent.privacy.retention import holding, models
from assent.privacy.retention.contracts import Counts, Foreseen, LeftOver, Remains, RetentionRun, RunState
from assent.privacy.retention.facts import Batch
from assent.privacy.retention.running import BATCH, LEASE, PARTS, left_over, settle
from assent.privacy.subjects import api as subjects

__all__ = ["begin", "counts", "found_left", "preview", "runs", "scan", "step", "sweep"]

EVERY = timedelta(days=1)
SYSTEM = Actor.system("retention")


def begin(*, controller: int, by: Actor, at: datetime) -> int:
    """Begin a run over everybody, or return the number of the one that is under way."""
    with scope.controller(controller):
        try:
            with transaction.atomic():
                return int(models.Run.objects.create(controller_id=controller, started_at=at, by=str(by)).pk)
        except IntegrityError:
            return int(models.Run.objects.get(finished_at=None).pk)


def step(*, controller: int, run: int, at: datetime) -> bool:
    """
    Do one batch of a run; false when it is done, or when somebody else works on it.

    :raises NoPolicy: if the controller has published none
    """
    with scope.controller(controller):
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        # The update decides who works on it when two workers look at once.
        if not models.Run.objects.filter(free, pk=run, finished_at=None).update(lease_until=at + LEASE):
            return False
        row = models.Run.objects.get(pk=run)
        kind, _, number = row.by.partition(":")
        by = Actor(kind, number)
        try:
            compiled = policy.current(controller=controller)
            ids, known = subjects.part(controller=controller, number=row.part, of=PARTS, limit=BATCH, after=row.after)
            if len(ids):
                found = settle(controller=controller, compiled=compiled, batch=Batch(ids, known), by=by, at=at, run=row)
                row.people += len(ids) - len(found.gone)
            row.part, row.after = (row.part, int(ids[-1])) if len(ids) == BATCH else (row.part + 1, 0)
            if row.part == PARTS:
                row.finished_at = at
        finally:
            row.lease_until = None
            with transaction.atomic():
                row.save()
                if row.finished_at is not None:
                    detail: dict[str, str | int | bool] = {"people": row.people, "erased": row.erased}
                    audit.write(Did.RETENTION_RUN, controller=controller, by=by, at=at, on=f"run:{row.pk}", detail=detail)
        return row.finished_at is None


def sweep(*, at: datetime) -> bool:
    """
    Begin a controller's run a day after the last, or after its first policy, and do a batch of each that is under way.

    A newer policy and a hold that ended let data end, so they begin one at once. After each run a second walk looks for what
    is left over.
    """
    moved = False
    for controller, _compiled in policy.in_force():
        with scope.controller(controller):
            last = models.Run.objects.order_by("-id").first()
        published = [one.published_at for one in policy.versions(controller=controller)]
        if last is not None and last.finished_at is None:
            moved = step(controller=controller, run=int(last.pk), at=at) or moved
        elif (last.started_at if last else min(published)) <= at - EVERY or (
            last and _early(controller, last, published, at=at)
        ):
            moved = step(controller=controller, run=begin(controller=controller, by=SYSTEM, at=at), at=at) or moved
        elif last is not None and last.scanned_at is None:
            moved = scan(controller=controller, run=int(last.pk), at=at) or moved
    return moved


def _early(controller: int, last: models.Run, published: Sequence[datetime], *, at: datetime) -> bool:
    """Say whether something was let go since the last run began: by a newer policy, or by a hold that is over."""
    if last.started_at < max(published) <= at:
        return True
    with scope.controller(controller):
        released = Q(released_at__gt=last.started_at, released_at__lte=at)
        over = Q(
            released_at=None, until__gte=holding.today(controller, last.started_at), until__lt=holding.today(controller, at)
        )
        return models.Hold.objects.filter(released | over).exists()


def scan(*, controller: int, run: int, at: datetime) -> bool:
    """Look for what is left over in one batch after a run; false when that is done, or when somebody else looks."""
    with scope.controller(controller):
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        if not models.Run.objects.filter(free, pk=run, scanned_at=None).update(lease_until=at + LEASE):
            return False
        row = models.Run.objects.get(pk=run)
        try:
            compiled = policy.current(controller=controller)
            ids, known = subjects.part(controller=controller, number=row.scan_part, of=PARTS, limit=BATCH, after=row.scan_after)
            if len(ids):
                for one in left_over(controller=controller, compiled=compiled, batch=Batch(ids, known), at=at):
                    records, people = row.left.get(f"{one.store}:{one.kind}", (0, 0))
                    row.left[f"{one.store}:{one.kind}"] = [records + one.records, people + one.people]
            row.scan_part, row.scan_after = (row.scan_part, int(ids[-1])) if len(ids) == BATCH else (row.scan_part + 1, 0)
            if row.scan_part == PARTS:
                row.scanned_at = at
        finally:
            row.lease_until = None
            row.save(update_fields=["scan_part", "scan_after", "left", "scanned_at", "lease_until"])
        return row.scanned_at is None


def found_left(*, controller: int) -> LeftOver | None:
    """Return what the last finished look found that no live purpose holds, and when; None before the first."""
    with scope.controller(controller):
        row = models.Run.objects.exclude(scanned_at=None).order_by("-id").first()
    if row is None or row.scanned_at is None:
        return None
    found = [Remains(*name.split(":", 1), *counts) for name, counts in sorted(row.left.items())]
    return LeftOver(found, row.scanned_at)


def runs(*, controller: int, limit: int = 20) -> list[RetentionRun]:
    """Return the latest runs, newest first."""
    with scope.controller(controller):
        return [_info(row) for row in models.Run.objects.order_by("-id")[:limit]]


def counts(*, controller: int, at: datetime) -> Counts:
    """Count what an overview shows; three small queries."""
    lasting = holding.holds(controller=controller, at=at, lasting_only=True)
    month = holding.today(controller, at) + holding.SOON
    last = next((one for one in runs(controller=controller, limit=2) if one.finished_at is not None), None)
    return Counts(
        holds=len(lasting),
        ending=sum(one.until <= month for one in lasting),
        last_run=last.finished_at if last else None,
        to_decide=last.kept.get("policy", 0) if last else 0,
    )


def _info(row: models.Run) -> RetentionRun:
    tally: Mapping[str, Mapping[str, int]] = row.tally
    return RetentionRun(
        id=row.pk,
        state=RunState.RUNNING if row.finished_at is None else RunState.DONE,
        started_at=row.started_at,
        finished_at=row.finished_at,
        share=row.part / PARTS,
        people=row.people,
        erased=row.erased,
        ended=tally.get("ended", {}),
        asked=tally.get("asked", {}),
        kept=tally.get("kept", {}),
        removed=tally.get("removed", {}),
    )


def preview(*, controller: int, by: date) -> Foreseen | None:
    """
    Return what will have ended by a day, if nothing else happens; None before the first run.

    It reads what the last run counted, so it costs nothing; days further than two years off are not counted.
    """
    with scope.controller(controller):
        row = models.Run.objects.exclude(finished_at=None).order_by("-id").first()
    if row is None:
        return None
    last = (datetime.combine(by, datetime.min.time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
    counted = {key: sum(n for day, n in days.items() if int(day) <= last) for key, days in row.foreseen.items()}
    people = counted.pop("", 0)
    return Foreseen(by, people, {key: n for key, n in sorted(counted.items()) if n}, row.started_at)
