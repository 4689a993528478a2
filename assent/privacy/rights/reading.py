"""Requests as people and staff look at them."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.rights import answers, models, rows
from assent.privacy.rights.contracts import (
    Counts,
    Held,
    RequestInfo,
    Selection,
    Stays,
    Step,
    StepKind,
    Story,
    Task,
    TaskKind,
    UnknownRequest,
)
from assent.privacy.rights.rules import PAUSED

__all__ = ["by_number", "counts", "request", "requests", "story"]

STANDING = [state.value for state in PAUSED]


def _selected(which: Selection, at: datetime) -> Q:
    owed = Q(answered_at=None)
    running = owed & ~Q(state__in=STANDING)
    return {
        Selection.OPEN: owed,
        Selection.DUE_SOON: running & Q(reminded__gt=0, due_at__gte=at),
        Selection.OVERDUE: running & Q(due_at__lt=at),
        Selection.WAITING: Q(answered_at__isnull=False, closed_at=None),
        Selection.CLOSED: Q(closed_at__isnull=False),
        Selection.ALL: Q(),
    }[Selection(which)]


def requests(
    *,
    controller: int,
    at: datetime,
    subject: int | None = None,
    which: Selection = Selection.ALL,
    limit: int = 50,
    skip: int = 0,
    after: int | None = None,
) -> list[RequestInfo]:
    """
    Return requests: those of one person, newest first, or a selection for staff.

    What is open comes by its end, the most urgent first; what has ended by its age, the latest first.

    :param after: instead, by their ids from the one after this
    """
    with scope.controller(controller):
        found: QuerySet[models.Request] = models.Request.objects.filter(_selected(which, at))
        if after is not None:
            found = found.filter(id__gt=after).order_by("id")
        elif subject is not None:
            found = found.filter(subject=subject).order_by("-id")
        elif which in {Selection.CLOSED, Selection.ALL, Selection.WAITING}:
            found = found.order_by("-id")
        else:
            found = found.order_by("due_at", "id")
        return rows.infos(list(found[skip : skip + limit]), at=at)


def counts(*, controller: int, at: datetime) -> Counts:
    """Return how many requests are open, due soon, overdue, answered but not done with, and wait for staff."""
    with scope.controller(controller):
        every = models.Request.objects
        found = {which: every.filter(_selected(which, at)).count() for which in Selection if which is not Selection.ALL}
        mine = every.filter(closed_at=None, waits_for_staff=True).count()
    return Counts(found[Selection.OPEN], found[Selection.DUE_SOON], found[Selection.OVERDUE], found[Selection.WAITING], mine)


def request(*, controller: int, request: int, at: datetime) -> RequestInfo:
    """
    Return one request.

    :raises UnknownRequest: if there is none
    """
    with scope.controller(controller):
        return rows.infos([_row(id=request)], at=at)[0]


def by_number(*, controller: int, number: str, at: datetime) -> RequestInfo:
    """
    Return the request with the number a person quotes; small letters and a missing hyphen are forgiven.

    :raises UnknownRequest: if there is none
    """
    letters = "".join(number.upper().split()).replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    with scope.controller(controller):
        return rows.infos([_row(number=f"{letters[:4]}-{letters[4:]}")], at=at)[0]


def _row(**which: object) -> models.Request:
    row: models.Request | None = models.Request.objects.filter(**which).first()
    if row is None:
        raise UnknownRequest("there is no such request here: `requests` lists them")
    return row


def story(*, controller: int, request: int, at: datetime, by: Actor | None = None) -> Story:
    """
    Return a request with all that happened, what is to be done, and what was said.

    :param by: who reads it, for the book; the person themself need not be named
    :raises UnknownRequest: if there is none
    """
    with scope.controller(controller):
        row = _row(id=request)
        if by is not None:
            audit.write(Did.REQUEST_READ, controller=controller, by=by, at=at, about=row.subject, on=f"request:{row.pk}")
        known = rows.words_of([row])
        steps = models.Step.objects.filter(request=row).order_by("id")
        tasks = list(models.Task.objects.filter(request=row).order_by("place"))
        return Story(
            request=rows.infos([row], at=at)[0],
            asked=rows.asked_of(row, known),
            steps=[
                Step(StepKind(one.kind), one.at, one.by, one.codes, known.get((row.pk, f"step:{one.pk}"), "")) for one in steps
            ],
            tasks=[_task(one) for one in tasks],
            answer=answers.read(row, known),
            letter=_letter(row, tasks, known),
            stays=[_stays(*kept) for kept in row.stays],
            candidates=[int(one) for one in row.candidates],
            extension_until=row.first_due_at,
        )


def _stays(store: str, because: str, reason: str = "", until: str = "") -> Stays:
    held = Held(reason, date.fromisoformat(until) if until else None, store) if reason else None
    return Stays(store, because, held)


def _task(row: models.Task) -> Task:
    done = row.done_at is not None
    return Task(TaskKind(row.kind), row.message, done, row.attempts, row.waits_for, None if done else row.next_at)


def _letter(row: models.Request, tasks: list[models.Task], known: dict[tuple[int, str], str]) -> tuple[str, str]:
    for task in tasks:
        if task.done_at is None and task.waits_for == "letter":
            return answers.read(row, known, task.message)
    return "", ""
