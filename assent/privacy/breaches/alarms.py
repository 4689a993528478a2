"""Looking the book over: counts per hour, alarms where they stand out, and what became of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.breaches import models, rows, rules
from assent.privacy.breaches.contracts import AlarmInfo, AlarmState, NotNow, Rule, UnknownBreach, Unusual
from assent.privacy.breaches.watching import LOOKS_BACK_HOURS, WATCHED, louder, unusual
from assent.tenancy import api as tenancy

__all__ = ["alarm", "alarms", "dismiss_alarm", "doers", "look_over", "raise_alarm", "verify_book", "watched_at"]

WATCHER = Actor.system("breaches")
HOUR_MS = 3_600_000
LINES_AT_ONCE = 20_000
DAY = timedelta(days=1)
NEWS_HOURS = 48  # what lies longer back, as a look after a long silence finds it, is a past to compare with

Counts = dict[tuple[Rule, str, int], int]


def look_over(*, at: datetime) -> bool:
    """
    Count what keys and staff read since the last look, and raise alarms.

    :return: true if there is more to look at

    The place in the book moves on in the transaction that keeps the counts, so no line is counted twice or passed by.
    """
    with transaction.atomic():
        watch, _ = models.Watch.objects.select_for_update().get_or_create(pk=1)
        seen, last = audit.watched(after=watch.number, did=list(WATCHED), limit=LINES_AT_ONCE)
        by_controller: dict[int, Counts] = defaultdict(lambda: defaultdict(int))
        for one in seen:
            rule = WATCHED[one.did]
            doer = one.on if rule is Rule.LOG_INS else one.by
            if doer.partition(":")[0] in {"key", "staff"}:
                by_controller[one.controller][rule, doer, one.at_ms // HOUR_MS] += one.people if rule is Rule.READS else 1
        for controller, counts in by_controller.items():
            with scope.controller(controller):
                _count(controller, counts)
                _compare(controller, counts, at)
        more = last - watch.number >= LINES_AT_ONCE
        watch.number, watch.at = last, at
        watch.save(update_fields=["number", "at"])
    return more


def _count(controller: int, counts: Mapping[tuple[Rule, str, int], int]) -> None:
    # Read and written as sets: after a long silence a look touches thousands of hours.
    doers, hours = {doer for _, doer, _ in counts}, [hour for _, _, hour in counts]
    there = models.Tally.objects.filter(doer__in=doers, hour__gte=min(hours), hour__lte=max(hours))
    before = {(Rule(row.rule), row.doer, row.hour): row.many for row in there}
    models.Tally.objects.bulk_create(
        [
            models.Tally(controller_id=controller, rule=key[0].value, doer=key[1], hour=key[2], many=many + before.get(key, 0))
            for key, many in counts.items()
        ],
        update_conflicts=True,
        update_fields=["many"],
        unique_fields=["controller", "rule", "doer", "hour"],
        batch_size=150,
    )


def _compare(controller: int, touched: Iterable[tuple[Rule, str, int]], at: datetime) -> None:
    doers = {doer for _, doer, _ in touched}
    oldest = millis(at) // HOUR_MS - LOOKS_BACK_HOURS
    newest = oldest + LOOKS_BACK_HOURS - NEWS_HOURS
    past: dict[tuple[Rule, str], dict[int, int]] = defaultdict(dict)
    for row in models.Tally.objects.filter(doer__in=doers, hour__gte=oldest):
        past[Rule(row.rule), row.doer][row.hour] = row.many
    now = {(rule, doer, hour): past[rule, doer].get(hour, 0) for rule, doer, hour in touched if hour >= newest}
    for one in unusual(now, past):
        raise_alarm(controller, one, at=at)


def raise_alarm(controller: int, one: Unusual, *, at: datetime) -> None:
    """
    Raise an alarm, or let the open one of the same kind grow: one per rule and doer. The controller is in scope.

    What was dismissed within a day is raised again only if it is twice as much.
    """
    same = {"rule": one.rule.value, "doer": one.doer}
    since = from_millis(one.hour * HOUR_MS)
    grown = models.Alarm.objects.filter(**same, state=AlarmState.OPEN).first()
    if grown is not None:
        models.Alarm.objects.filter(pk=grown.pk).update(seen=max(grown.seen, one.seen), since=min(grown.since, since))
        return
    settled = models.Alarm.objects.filter(**same, settled_at__gte=at - DAY).exclude(state=AlarmState.OPEN)
    if not louder(one, settled.values_list("seen", flat=True)):
        return
    row = models.Alarm.objects.create(
        controller_id=controller, **same, since=since, seen=one.seen, limit=one.limit, busiest=one.busiest, raised_at=at
    )
    detail: dict[str, str | int | bool] = {"rule": one.rule.value, "doer": one.doer, "seen": one.seen, "limit": one.limit}
    audit.write(Did.ALARM_RAISED, controller=controller, by=WATCHER, at=at, on=f"alarm:{row.pk}", detail=detail)


def verify_book(*, at: datetime) -> bool:
    """
    Once a day read the whole book and raise an alarm if it does not hold together; forget counts that are too old to compare.

    Apart from the look, since reading a long book takes minutes, and an alarm must not wait for it.
    """
    with transaction.atomic():
        watch, _ = models.Watch.objects.select_for_update().get_or_create(pk=1)
        if watch.verified_at is not None and at - watch.verified_at < DAY:
            return False
        watch.verified_at = at
        watch.save(update_fields=["verified_at"])
    _forget(at)
    _verify(at)
    return False


def _verify(at: datetime) -> None:
    problems = audit.verify()
    if not problems:
        return
    hour = millis(at) // HOUR_MS
    for info in tenancy.controllers():
        with scope.controller(info.id), transaction.atomic():
            raise_alarm(info.id, Unusual(Rule.BOOK, "system:audit", hour, len(problems), 0, problems[0].number), at=at)


def _forget(at: datetime) -> None:
    oldest = millis(at) // HOUR_MS - LOOKS_BACK_HOURS
    for info in tenancy.controllers():
        with scope.controller(info.id):
            models.Tally.objects.filter(hour__lt=oldest).delete()


def doers(*, controller: int) -> list[str]:
    """Return every key and member of staff who read something in the last four weeks, as the book names them."""
    with scope.controller(controller):
        seen = models.Tally.objects.exclude(rule=Rule.LOG_INS).values_list("doer", flat=True).distinct()
        return sorted(seen)


def watched_at() -> datetime | None:
    """Return when the book was last looked over."""
    return models.Watch.objects.filter(pk=1).values_list("at", flat=True).first()


def alarms(*, controller: int, states: Iterable[AlarmState] = (), limit: int = 100) -> list[AlarmInfo]:
    """Return alarms, newest first."""
    with scope.controller(controller):
        found = models.Alarm.objects.order_by("-id")
        if states := list(states):
            found = found.filter(state__in=states)
        return [rows.alarm_info(row) for row in found[:limit]]


def alarm(*, controller: int, alarm: int) -> AlarmInfo:
    """
    Return one alarm.

    :raises UnknownBreach: if the controller has none with this number
    """
    with scope.controller(controller):
        return rows.alarm_info(_find(controller, alarm))


def _find(controller: int, alarm: int) -> models.Alarm:
    row: models.Alarm | None = models.Alarm.objects.select_for_update().filter(pk=alarm).first()
    if row is None:
        message = f"controller {controller} has no alarm {alarm}"
        raise UnknownBreach(message)
    return row


def dismiss_alarm(*, controller: int, alarm: int, reason: str, by: Actor, at: datetime, breach: int | None = None) -> AlarmInfo:
    """
    Settle an alarm: dismissed with a reason, or taken up by a breach.

    :raises NotNow: if it is settled already, or there is no reason
    :raises NamesSomebody: if the reason holds an address or a number of a person
    """
    rules.names_nobody(reason)
    if not reason.strip():
        message = "write down why the alarm means nothing"
        raise NotNow(message)
    with scope.controller(controller), transaction.atomic():
        row = _find(controller, alarm)
        if row.state != AlarmState.OPEN:
            message = "this alarm is settled already"
            raise NotNow(message)
        row.state = AlarmState.DISMISSED if breach is None else AlarmState.BREACH
        row.reason, row.settled_at, row.settled_by, row.breach_id = reason.strip(), at, str(by), breach
        row.save()
        detail: dict[str, str | int | bool] = {"state": str(row.state)} | ({} if breach is None else {"breach": breach})
        audit.write(Did.ALARM_SETTLED, controller=controller, by=by, at=at, on=f"alarm:{alarm}", detail=detail)
        return rows.alarm_info(row)
