"""Breaches: write each down, find whom it affects, weigh it, tell who must be told, and keep what was done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.privacy.breaches import models, rows, rules, weighing
from assent.privacy.breaches.affected import affected, find_affected, on_merge, state_affected
from assent.privacy.breaches.alarms import alarm, alarms, dismiss_alarm, doers, look_over, verify_book, watched_at
from assent.privacy.breaches.contracts import (
    Account,
    AlarmState,
    Assessment,
    BreachInfo,
    Deed,
    Nature,
    NotNow,
    OrderState,
    Owing,
    Reading,
    Risk,
    State,
)
from assent.privacy.breaches.measures import check_measures, measures, sweep_measures
from assent.privacy.breaches.orders import answer_order, order, order_progress, orders, record_order, sweep_orders
from assent.privacy.breaches.rules import OPEN, clock, lacking
from assent.privacy.breaches.telling import progress, sweep_letters, tell_people
from assent.privacy.breaches.weighing import severity
from assent.privacy.deadlines import api as deadlines
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Span
from assent.tenancy import api as tenancy

__all__ = [
    "OPEN", "affected", "alarm", "alarms", "answer_order", "assess", "breach", "breaches", "check_measures", "clock", "close",
    "confirm", "contain", "describe", "dismiss", "dismiss_alarm", "doers", "find_affected", "lacking", "look_over", "measures",
    "notified", "on_merge", "order", "order_progress", "orders", "owing", "pass_on", "progress", "propose", "record_order",
    "severity", "state_affected", "suspect", "sweep_letters", "sweep_measures", "sweep_orders", "tell_people",
    "verify_book", "watched_at",
]  # fmt: skip


def suspect(
    *,
    controller: int,
    title: str,
    found_at: datetime,
    by: Actor,
    at: datetime,
    nature: Collection[Nature] = (),
    began_at: datetime | None = None,
    note: str = "",
    from_alarm: int | None = None,
) -> BreachInfo:
    """
    Write a suspicion down, and return it. The clock does not run before somebody is reasonably certain.

    :param found_at: when it was noticed
    :param from_alarm: the alarm it comes from, which is settled by it
    :raises NamesSomebody: if a text holds an address or a number of a person
    :raises NotNow: if the alarm is settled already
    :raises UnknownBreach: if there is no such alarm
    """
    rules.names_nobody(title, note)
    with scope.controller(controller), transaction.atomic():
        row = models.Breach.objects.create(
            controller_id=controller,
            title=title.strip()[:120],
            nature=sorted(Nature(one).value for one in nature),
            found_at=found_at,
            began_at=began_at,
        )
        rows.step(row, Deed.SUSPECTED, by=by, at=at, note=note)
        if from_alarm is not None:
            dismiss_alarm(controller=controller, alarm=from_alarm, reason=title, by=by, at=at, breach=int(row.pk))
        return rows.info(row)


def describe(
    *,
    controller: int,
    breach: int,
    by: Actor,
    at: datetime,
    title: str | None = None,
    nature: Collection[Nature] | None = None,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    accounts: Mapping[str, Account] | None = None,
    data: Collection[str] | None = None,
    subjects: Collection[str] | None = None,
    countries: Collection[str] | None = None,
    unintelligible: bool | None = None,
    why_not_told: str | None = None,
) -> BreachInfo:
    """
    Change what is given of a breach (art. 33(5): facts, effects, remedial action); what is None stays.

    :param accounts: by language; a language that is given replaces what stood there
    :param unintelligible: the data mean nothing to who got them, as they were encrypted (art. 34(3)(a))
    :raises NamesSomebody: if a text holds an address or a number of a person
    :raises NotNow: if the breach is closed or dismissed
    """
    texts = [title or "", why_not_told or "", *(text for one in (accounts or {}).values() for text in asdict(one).values())]
    rules.names_nobody(*texts)
    given = {
        "title": None if title is None else title.strip()[:120],
        "nature": None if nature is None else sorted(Nature(one).value for one in nature),
        "began_at": began_at,
        "ended_at": ended_at,
        "data": None if data is None else sorted(data),
        "kinds": None if subjects is None else sorted(subjects),
        "countries": None if countries is None else sorted(countries),
        "unintelligible": unintelligible,
        "why_not_told": None if why_not_told is None else why_not_told.strip(),
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        rules.after(State(row.state), Deed.DESCRIBED)
        if accounts is not None:
            changes["accounts"] = {**row.accounts, **{language: asdict(one) for language, one in accounts.items()}}
        changed = [name for name, value in changes.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, changes[name])
        if changed:
            row.save(update_fields=changed)
            rows.step(row, Deed.DESCRIBED, by=by, at=at, note=", ".join(sorted(changed)))
        return rows.info(row)


def propose(*, controller: int, breach: int) -> tuple[tuple[str, ...], Assessment]:
    """
    Return which data items are touched and what to put into the formula, from the policy and what was read; people decide.

    :raises NoPolicy: if the controller has published none
    """
    policy = policies.current(controller=controller).policy
    with scope.controller(controller):
        row = rows.find(controller, breach)
    data = tuple(row.data) or weighing.data_of(policy, [Reading(name) for name in row.readings])
    return data, weighing.propose(policy, data, [Nature(one) for one in row.nature])


def assess(
    *, controller: int, breach: int, inputs: Assessment, by: Actor, at: datetime, risk: Risk | None = None, reason: str = ""
) -> BreachInfo:
    """
    Keep what was put into the formula, and the risk; where people judge otherwise than the formula, they say why.

    :raises NotNow: if the breach is closed or dismissed, or another risk is given without a reason
    :raises NamesSomebody: if the reason holds an address or a number of a person
    """
    rules.names_nobody(reason)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        rules.after(State(row.state), Deed.ASSESSED)
        weighed = severity(inputs, people=row.people, unintelligible=row.unintelligible)
        decided = risk or weighed.risk
        if decided is not weighed.risk and not reason.strip():
            message = "the formula gives another risk: write down why you judge otherwise"
            raise NotNow(message)
        row.assessment, row.risk, row.risk_reason = asdict(inputs), decided.value, reason.strip()
        row.save(update_fields=["assessment", "risk", "risk_reason"])
        rows.step(row, Deed.ASSESSED, by=by, at=at, note=f"{weighed.score:g} {weighed.level} {decided}")
        return rows.info(row)


def confirm(*, controller: int, breach: int, aware_at: datetime, by: Actor, at: datetime, note: str = "") -> BreachInfo:
    """
    Confirm a suspicion: the clock runs from the moment somebody was reasonably certain (arts. 33(1), 33(2)).

    :param aware_at: that moment; not before the breach was found, nor in the future
    :raises NotNow: if it does not follow, or the moment can't be
    :raises NoPolicy: if the controller has published none, so that nothing says how long the period is
    """
    rules.names_nobody(note)
    compiled, where = policies.current(controller=controller), tenancy.controller_by_id(id=controller)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        row.state = rules.after(State(row.state), Deed.CONFIRMED)
        if not row.found_at <= aware_at <= at:
            message = "that moment can't be: it lies before the breach was found, or in the future"
            raise NotNow(message)
        row.aware_at = aware_at
        row.due_at = deadlines.due(
            aware_at, Span.read(compiled.policy.rights.deadlines.breach), country=where.country, zone=where.time_zone
        )
        if (platform := compiled.policy.platform) is not None:
            row.pass_on_at = deadlines.due(
                aware_at, Span.read(platform.terms.breach), country=where.country, zone=where.time_zone
            )
        row.save(update_fields=["state", "aware_at", "due_at", "pass_on_at"])
        rows.step(row, Deed.CONFIRMED, by=by, at=at, note=note)
        return rows.info(row)


def contain(*, controller: int, breach: int, by: Actor, at: datetime, note: str) -> BreachInfo:
    """Write down that it goes on no longer, and by what; raises as :func:`confirm`."""
    return _move(controller, breach, Deed.CONTAINED, by=by, at=at, note=note)


def dismiss(*, controller: int, breach: int, by: Actor, at: datetime, reason: str) -> BreachInfo:
    """
    End a suspicion that came to nothing; it stays in the register, with the reason.

    :raises NotNow: if there is no reason, or it was confirmed already
    """
    if not reason.strip():
        message = "write down why it is no breach"
        raise NotNow(message)
    return _move(controller, breach, Deed.DISMISSED, by=by, at=at, note=reason)


def close(*, controller: int, breach: int, by: Actor, at: datetime, note: str = "") -> BreachInfo:
    """
    Close a breach with everything done.

    :raises NotNow: naming as codes what is still owed
    """
    with scope.controller(controller):
        owed = lacking(rows.info(rows.find(controller, breach)))
    if owed:
        raise NotNow(", ".join(owed))
    return _move(controller, breach, Deed.CLOSED, by=by, at=at, note=note)


def _move(controller: int, breach: int, deed: Deed, *, by: Actor, at: datetime, note: str) -> BreachInfo:
    rules.names_nobody(note)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        row.state = rules.after(State(row.state), deed)
        row.save(update_fields=["state"])
        rows.step(row, deed, by=by, at=at, note=note)
        return rows.info(row)


def notified(
    *, controller: int, breach: int, sent_at: datetime, reference: str, by: Actor, at: datetime, why_late: str = ""
) -> BreachInfo:
    """
    Write down that the authority was told: the first time anew, then in completion (art. 33(4)).

    :param reference: the number the authority gave
    :raises NotNow: if it does not follow, the moment lies ahead, or the first is late without reasons (art. 33(1))
    """
    rules.names_nobody(why_late)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        rules.after(State(row.state), Deed.NOTIFIED)
        before = rows.info(row).notified
        if sent_at > at:
            message = "that moment lies ahead: write it down once it was sent"
            raise NotNow(message)
        rules.notifiable(row.due_at, before, at=sent_at, why_late=why_late)
        models.Notification.objects.create(
            controller_id=controller, breach=row, phase=len(before) + 1, at=sent_at, reference=reference.strip()[:120],
            why_late=why_late.strip(),
        )  # fmt: skip
        rows.step(row, Deed.NOTIFIED, by=by, at=at, note=f"{len(before) + 1} {reference}".strip())
        return rows.info(row)


def pass_on(*, controller: int, breach: int, by: Actor, at: datetime, note: str = "") -> BreachInfo:
    """Write down that the platform told the controller it works for (art. 33(2)); raises as :func:`confirm`."""
    rules.names_nobody(note)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        rules.after(State(row.state), Deed.PASSED_ON)
        row.passed_on_at = at
        row.save(update_fields=["passed_on_at"])
        rows.step(row, Deed.PASSED_ON, by=by, at=at, note=note)
        return rows.info(row)


def breach(*, controller: int, breach: int) -> BreachInfo:
    """
    Return one breach with its history.

    :raises UnknownBreach: if the controller has none with this number
    """
    with scope.controller(controller):
        return rows.info(rows.find(controller, breach))


def breaches(*, controller: int, states: Sequence[State] = (), limit: int = 200) -> list[BreachInfo]:
    """Return breaches, newest first, without their history."""
    with scope.controller(controller):
        found = models.Breach.objects.prefetch_related("notifications").order_by("-id")
        if states:
            found = found.filter(state__in=[one.value for one in states])
        return [rows.info(row, whole=False) for row in found[:limit]]


def owing(*, controller: int, at: datetime) -> Owing:
    """Return what is open, late and still to be told, in few queries: for the privacy officer's desk."""
    found = breaches(controller=controller, states=rules.OPEN)
    running = [one for one in found if clock(one, at=at)[0] in {"running", "late"}]
    with scope.controller(controller):
        alarmed = models.Alarm.objects.filter(state=AlarmState.OPEN).count()
        to_tell = models.Order.objects.filter(told_at=None).exclude(state=OrderState.REFUSED).count()
    return Owing(
        suspected=sum(one.state is State.SUSPECTED for one in found),
        open=len(found),
        overdue=sum(clock(one, at=at)[0] == "late" for one in found),
        next_due=min((one.due_at for one in running if one.due_at), default=None),
        alarms=alarmed,
        orders_to_tell=to_tell,
    )
