"""
Periods as Regulation (EEC, Euratom) No 1182/71 counts them.

The day of the event is not counted (art. 3(1)). A period of months ends with the day of the same date, or with the last day
of a shorter month (art. 3(2)(c)). Where it would end on a Saturday, a Sunday or a public holiday, it ends with the next
working day (art. 3(4)), and one of two days or more has two working days in it (art. 3(5)). Public holidays are those of
the country in which we act (art. 2(1)); of a country whose calendar we do not know only weekends are granted, so that the
end we count with is never later than the true one.

A period with hours in it runs from the very moment, with no day off granted: the hour that has begun, which art. 3(1) would
not count, isn't granted either.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from assent.privacy.deadlines.contracts import Pause
from assent.privacy.policy.contracts import Span

__all__ = ["due", "is_working_day", "joined", "last_day", "reminders"]

DAY = timedelta(days=1)
LAST_MOMENT = time(23, 59, 59, 999_999)


def due(received: datetime, span: Span, *, country: str, zone: str, pauses: Sequence[Pause] = ()) -> datetime:
    """
    Return the last moment of a period that begins with a moment: what is done later is late.

    :param received: the event the period is counted from, aware
    :param country: two letters (ISO 3166-1), whose public holidays count
    :param zone: the time zone that says which day it is, like ``Europe/Bucharest``
    :param pauses: the day on which we asked still counts, the day of the answer no more
    """
    if span.seconds:
        return _hours(received.astimezone(UTC), span, pauses)
    here = ZoneInfo(zone)
    first = received.astimezone(here).date()
    last = _counted(first, span)
    for pause in _in_order(pauses):
        asked, answered = (moment.astimezone(here).date() for moment in (pause.since, pause.until))
        # What was asked after the end no longer stops anything.
        if first <= asked <= last:
            last += answered - asked
    last = _working(last, country)
    if (last - first).days > 1:
        while _working_days(first, last, country) < 2:
            last = _working(last + DAY, country)
    return datetime.combine(last, LAST_MOMENT, here)


def last_day(moment: datetime, *, zone: str) -> date:
    """Return the day on which a period ends, as a person there reads it off the calendar."""
    return moment.astimezone(ZoneInfo(zone)).date()


def joined(first: Span, then: Span) -> Span:
    """
    Return one period that is as long as two: an extension is counted as the law does, from the receipt and not from the end.

    One month and two more are three months from the receipt; the days off at the end of the first month do not add to it.
    """
    return Span(first.months + then.months, first.days + then.days, first.seconds + then.seconds)


def reminders(received: datetime, end: datetime, *, country: str, zone: str) -> tuple[datetime, ...]:
    """Return when to remind: at half the time, at three quarters, and when the last working day before the end begins."""
    here = ZoneInfo(zone)
    received = received.astimezone(UTC)
    whole = end - received
    day = end.astimezone(here).date() - DAY
    while not is_working_day(day, country=country):
        day -= DAY
    eve = datetime.combine(day, time(), here)
    moments = {received + whole / 2, received + whole * 3 / 4, max(eve, received)}
    return tuple(sorted(moment.astimezone(UTC) for moment in moments))


def is_working_day(day: date, *, country: str) -> bool:
    """Say whether a day is neither Saturday nor Sunday nor a public holiday there."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def _counted(first: date, span: Span) -> date:
    years, month = divmod(first.year * 12 + first.month - 1 + span.months, 12)
    return date(years, month + 1, min(first.day, monthrange(years, month + 1)[1])) + timedelta(days=span.days)


def _working(day: date, country: str) -> date:
    while not is_working_day(day, country=country):
        day += DAY
    return day


def _working_days(first: date, last: date, country: str) -> int:
    """Count them from the day after the event, but no further than it takes to find two."""
    found, day = 0, first + DAY
    while day <= last and found < 2:
        found += is_working_day(day, country=country)
        day += DAY
    return found


def _hours(received: datetime, span: Span, pauses: Sequence[Pause]) -> datetime:
    end = span.after(received)  # in UTC: on the wall clock a night in October would make it an hour longer
    for pause in _in_order(pauses):
        if received <= pause.since <= end:
            end += pause.until - pause.since
    return end


def _in_order(pauses: Iterable[Pause]) -> list[Pause]:
    """Return pauses by their beginning, those that overlap as one: two questions open at once stop one clock once."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: (one.since, one.until)):
        if merged and pause.since <= merged[-1].until:
            merged[-1] = Pause(merged[-1].since, max(merged[-1].until, pause.until))
        else:
            merged.append(pause)
    return merged


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays  # the calendars of all countries: too slow to load with every command

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
