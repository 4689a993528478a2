"""
What is done for a request, task by task, until it is done.

A task is a row with a lease: whoever is killed leaves it to the next, and what fails is tried again by itself, later each
time. Tasks of a request are done in their order, but for erasures, which are done for many requests at once.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.http import CannotCall
from assent.privacy.rights import answers, deeds, models, moving, parting, ports, rows, rules
from assent.privacy.rights.contracts import (
    ErasureState,
    Outcome,
    RequestState,
    StepKind,
    TaskKind,
    Told,
    Via,
)
from assent.privacy.rights.deeds import Waits
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy

__all__ = ["at_once", "plan_all", "sweep_requests", "told", "waiting_letter"]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
AT_ONCE = 200
ERASED_AT_ONCE = 1_000
LETTER = "letter"
HOLD = "hold"
SYSTEM = Actor.system("rights")


def plan_all(row: models.Request, kinds: Sequence[TaskKind], *, by: Actor, at: datetime) -> None:
    """Plan what a decision asks for; what is told is the answer."""
    rows.plan(row, [(kind, "answer" if kind is TaskKind.TELL else "") for kind in kinds], by=by, at=at)


def at_once(row: models.Request, *, at: datetime) -> None:
    """Do what waits for nobody; an erasure is the worker's, as is all that has to be tried again."""
    for task in models.Task.objects.filter(request=row, done_at=None).order_by("place"):
        if TaskKind(task.kind) in {TaskKind.ERASE, TaskKind.HAND_OVER} or not _run(task, at=at):
            break
    row.refresh_from_db()


def sweep_requests(*, at: datetime) -> bool:
    """Carry on with whatever is due, remind of what will be, and note what is overdue; true if anything moved on."""
    moved = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            earlier = models.Task.objects.filter(request=OuterRef("request"), done_at=None, place__lt=OuterRef("place"))
            due = models.Task.objects.filter(_free(at), done_at=None, next_at__lte=at).exclude(Exists(earlier))
            due = due.select_related("request").order_by("next_at", "id")
            for task in due.exclude(kind=TaskKind.ERASE)[:AT_ONCE]:
                moved = _run(task, at=at) or moved
            moved = _erase(list(due.filter(kind=TaskKind.ERASE)[:ERASED_AT_ONCE]), at=at) or moved
            moved = _remind(at=at) or moved
    return moved


def _free(at: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=at)


def _claimed(task: models.Task, at: datetime) -> bool:
    # The update decides who does it when two workers look at once.
    return bool(models.Task.objects.filter(_free(at), id=task.pk, done_at=None).update(lease_until=at + LEASE))


def _run(task: models.Task, *, at: datetime) -> bool:
    """Do one task, and say whether it is done."""
    if not _claimed(task, at):
        return False
    by = rows.actor(task.by)
    try:
        called = _handed_over(task, by=by, at=at) if TaskKind(task.kind) is TaskKind.HAND_OVER else None
        with transaction.atomic():
            row = rows.locked(task.request_id)
            became = called or _do(row, task, by=by, at=at)
            # What had to be composed for a message is kept, whether or not anything could carry it.
            if not isinstance(became, Waits):
                _finish(row, task, became, by=by, at=at)
            row.save()
    except Waits as reason:
        became = reason
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again and shown; its text could quote a person
        log.warning("task %s of request %s failed: %s", task.kind, task.request_id, type(error).__name__)
        _put_off(task, type(error).__name__, failed=True, at=at)
        return False
    if isinstance(became, Waits):
        _put_off(task, str(became), failed=False, at=at)
        return False
    return True


def _handed_over(task: models.Task, *, by: Actor, at: datetime) -> dict[str, object] | Waits | None:
    """Send the package to the other controller, outside any transaction; nothing where there is nobody left to send of."""
    row = task.request
    if row.subject is None or _gone(row):
        return None
    try:
        to = rows.asked_of(row).hand_over_to
        status = moving.hand_over(controller=row.controller_id, subject=row.subject, to=to, name="", by=by, at=at)
    except CannotCall as error:
        return Waits(f"other controller: {error.code}")
    return {"status": status} if status // 100 == 2 else Waits(f"other controller: {status}")


def _do(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object] | Waits:
    kind = TaskKind(task.kind)
    if kind is not TaskKind.ACKNOWLEDGED and (row.subject is None or _gone(row)):
        return {"gone": 1}
    if kind is not TaskKind.TELL:
        return deeds.DEEDS[kind](row, task, by=by, at=at)
    outcome = answers.send(row, task.message, by=by, at=at)
    if outcome is Told.WAITING:
        return Waits("message")
    # Whoever asked on their own pages reads the answer there.
    if outcome is Told.NO_WAY and Via(row.via) is not Via.PORTAL:
        return Waits(LETTER)
    return {"message": task.message, "told": outcome.value}


def _gone(row: models.Request) -> bool:
    return not subjects.public_ids(controller=row.controller_id, subjects=[row.subject or 0])


def _finish(row: models.Request, task: models.Task, codes: dict[str, object], *, by: Actor, at: datetime) -> None:
    task.done_at, task.waits_for, task.lease_until = at, "", None
    task.save(update_fields=["done_at", "waits_for", "lease_until"])
    rows.step(row, StepKind.DONE, by=by, at=at, codes={"task": task.kind, **codes})
    if TaskKind(task.kind) is TaskKind.TELL and task.message == "answer":
        _answered(row, by=by, at=at)
    rows.close_if_done(row, by=by, at=at)


def _answered(row: models.Request, *, by: Actor, at: datetime) -> None:
    refused = row.outcome == Outcome.REFUSED
    row.state = (RequestState.REFUSED if refused else RequestState.ANSWERED).value
    row.answered_at, row.remind_at, row.waits_for_staff = at, None, False
    codes = {"outcome": row.outcome, "reasons": ",".join(row.refusals)}
    rows.step(row, StepKind.REFUSED if refused else StepKind.ANSWERED, by=by, at=at, codes=codes)


def told(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> None:
    """Note that a message reached the person another way."""
    _finish(row, task, {"message": task.message, "told": LETTER}, by=by, at=at)


def waiting_letter(row: models.Request) -> models.Task | None:
    """Return the message that has to be printed, if one does."""
    found: models.Task | None = (
        models.Task.objects.filter(request=row, done_at=None, waits_for=LETTER).order_by("place").first()
    )
    return found


def _put_off(task: models.Task, reason: str, *, failed: bool, at: datetime) -> None:
    with transaction.atomic():
        row = rows.locked(task.request_id)
        news = task.waits_for != reason
        task.attempts += 1
        task.waits_for, task.lease_until = reason[:200], None
        task.next_at = at + rules.backoff(task.attempts)
        task.save(update_fields=["attempts", "waits_for", "lease_until", "next_at"])
        by = rows.actor(task.by)
        if news and reason.startswith(HOLD):
            rows.step(row, StepKind.HELD, by=by, at=at, codes={"task": task.kind, "why": reason})
        elif news and failed:
            rows.step(row, StepKind.FAILED, by=by, at=at, codes={"task": task.kind, "why": reason})
        if reason == LETTER:
            row.waits_for_staff = True
        row.save()


def _erase(tasks: Sequence[models.Task], *, at: datetime) -> bool:
    """Erase for all of them in one walk through the stores: a thousand cost little more than one."""
    with transaction.atomic():
        mine = [task for task in tasks if _claimed(task, at)]
    if new := _told([task for task in mine if task.request.erasure is None], at=at):
        controller, people = new[0].controller_id, [_subject(task) for task in new]
        made = parting.begin(controller=controller, subjects=people, by=SYSTEM, at=at, told=True)
        for task in new:
            task.request.erasure = made.get(_subject(task))
        for erasure in set(made.values()):
            those = [task.request_id for task in new if task.request.erasure == erasure]
            models.Request.objects.filter(id__in=those).update(erasure=erasure)
    begun = {row.pk: row for row in models.Erasure.objects.filter(id__in={task.request.erasure for task in mine} - {None})}
    done = [task for task in mine if task.request.erasure and _erased(task, begun[task.request.erasure], at=at)]
    return bool(done)


def _told(tasks: list[models.Task], *, at: datetime) -> list[models.Task]:
    """
    Return those to begin with; who was promised more than can be done now hears that first, while there is an address.

    The others' time comes again.
    """
    if not tasks:
        return []
    held = ports.holds(controller=tasks[0].controller_id, subjects=[_subject(task) for task in tasks], at=at)
    ready = []
    for task in tasks:
        told = True
        if held.get(_subject(task)):
            with transaction.atomic():
                row = rows.locked(task.request_id)
                told = answers.said_what_stays(row, by=SYSTEM, at=at)
                row.save()
        if told:
            ready.append(task)
        else:
            _put_off(task, "message", failed=False, at=at)
    return ready


def _subject(task: models.Task) -> int:
    return task.request.subject or 0


def _erased(task: models.Task, done: models.Erasure, *, at: datetime) -> bool:
    if done.state == ErasureState.HELD:
        held = ports.holds(controller=done.controller_id, subjects=[_subject(task)], at=at).get(_subject(task), ())
        models.Request.objects.filter(id=task.request_id).update(stays=parting.stays(held))
        _put_off(task, done.waits_for, failed=False, at=at)
        return False
    if done.state != ErasureState.DONE:
        _put_off(task, done.waits_for or "stores", failed=False, at=at)
        return False
    with transaction.atomic():
        row = rows.locked(task.request_id)
        row.stays = [[name, found["kept_because"]] for name, found in sorted(done.stores.items()) if found["kept_because"]]
        _finish(row, task, {"erasure": done.pk}, by=rows.actor(task.by), at=at)
        row.save()
    return True


def _remind(*, at: datetime) -> bool:
    moved = False
    for row in models.Request.objects.filter(answered_at=None, remind_at__lte=at).order_by("remind_at")[:AT_ONCE]:
        with transaction.atomic():
            locked = rows.locked(row.pk)
            if locked.answered_at is not None or locked.remind_at is None or locked.remind_at > at:
                continue
            rows.count_time(locked, at=at)
            if at > locked.due_at:
                locked.remind_at = None
                rows.step(locked, StepKind.OVERDUE, by=SYSTEM, at=at)
            elif RequestState(locked.state) not in rules.PAUSED:
                locked.reminded += 1
                rows.step(locked, StepKind.REMINDED, by=SYSTEM, at=at, codes={"due": locked.due_at.date().isoformat()})
            locked.save()
            moved = True
    return moved
