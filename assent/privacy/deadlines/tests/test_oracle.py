"""
Every start day of twenty years in three countries, against an oracle that shares nothing with the rule but the law.

It steps through the days one by one, and reckons the public holidays from the statutes and from Easter itself.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assent.privacy.deadlines import api as deadlines
from assent.privacy.deadlines.contracts import Pause
from assent.privacy.policy.contracts import Span

FIRST, LAST = date(2020, 1, 1), date(2039, 12, 31)
ZONES = {"RO": "Europe/Bucharest", "DE": "Europe/Berlin", "FR": "Europe/Paris"}


def western_easter(year):
    """Butcher's method (Nature, 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def eastern_easter(year):
    """Meeus' Julian method; until 2099 the Julian calendar is 13 days behind."""
    d = (19 * (year % 19) + 15) % 30
    e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def romania(year):
    """Codul muncii, art. 139; the two days of January since Law 52/2023."""
    fixed = [(1, 1), (1, 2), (1, 24), (5, 1), (6, 1), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26)]
    fixed += [(1, 6), (1, 7)] if year >= 2024 else []
    return fixed, eastern_easter(year), [-2, 0, 1, 49, 50]


def germany(year):
    """What all sixteen Länder have."""
    return [(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)], western_easter(year), [-2, 1, 39, 50]


def france(year):
    """Code du travail, art. L3133-1."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    return fixed, western_easter(year), [1, 39, 50]


def days_off(country):
    found = set()
    for year in range(FIRST.year, LAST.year + 2):
        fixed, easter, moving = {"RO": romania, "DE": germany, "FR": france}[country](year)
        found |= {date(year, month, day) for month, day in fixed} | {easter + timedelta(days=days) for days in moving}
    return found


def step_months(day, months):
    """Walk to the same date so many months on; stop at the end of a month that has no such date."""
    at, crossed = day, 0
    while True:
        after = at + timedelta(days=1)
        if after.month != at.month:
            crossed += 1
            if crossed > months:
                return at
        at = after
        if crossed == months and at.day == day.day:
            return at


@pytest.mark.parametrize("country", ZONES)
@pytest.mark.parametrize("months", [1, 3])
def test_it_agrees_with_an_independent_oracle_on_every_day_of_twenty_years(country, months):
    off, zone = days_off(country), ZoneInfo(ZONES[country])
    wrong, day, asked = [], FIRST, 0
    while day <= LAST:
        expected = step_months(day, months)
        while expected.isoweekday() in {6, 7} or expected in off:
            expected += timedelta(days=1)
        received = datetime(day.year, day.month, day.day, (asked * 7) % 24, 30, tzinfo=zone).astimezone(UTC)
        end = deadlines.due(received, Span(months=months), country=country, zone=ZONES[country])
        if end != datetime(expected.year, expected.month, expected.day, 23, 59, 59, 999_999, tzinfo=zone):
            wrong.append((day, expected, end))
        day, asked = day + timedelta(days=1), asked + 1

    assert asked == 7305
    assert wrong == []


@pytest.mark.parametrize("country", ZONES)
def test_the_days_between_question_and_answer_are_added_on_every_day_of_twenty_years(country):
    off, zone = days_off(country), ZoneInfo(ZONES[country])
    wrong, day, asked = [], FIRST, 0
    while day <= LAST:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        since, until = noon + timedelta(days=asked % 25), noon + timedelta(days=asked % 25 + asked % 9)
        expected = step_months(day, 1)
        paused = since.date() + timedelta(days=1)
        while paused <= until.date():
            expected += timedelta(days=1)
            paused += timedelta(days=1)
        while expected.isoweekday() in {6, 7} or expected in off:
            expected += timedelta(days=1)
        pause = Pause(since.astimezone(UTC), until.astimezone(UTC))
        end = deadlines.due(noon, Span(months=1), country=country, zone=ZONES[country], pauses=[pause])
        if deadlines.last_day(end, zone=ZONES[country]) != expected:
            wrong.append((day, expected, end))
        day, asked = day + timedelta(days=1), asked + 1

    assert wrong == []
