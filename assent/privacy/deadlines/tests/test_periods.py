"""Periods, case by case."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assent.privacy.deadlines import api as deadlines
from assent.privacy.deadlines.contracts import Pause
from assent.privacy.policy.contracts import Span

BUCHAREST = ZoneInfo("Europe/Bucharest")
MONTH = Span(months=1)


def day_of(received, span=MONTH, country="RO", zone="Europe/Bucharest", pauses=()):
    end = deadlines.due(received, span, country=country, zone=zone, pauses=pauses)
    return deadlines.last_day(end, zone=zone)


def local(month, day, hour=12, year=2026):
    return datetime(year, month, day, hour, tzinfo=BUCHAREST)


def test_the_last_day_of_a_shorter_month_ends_it():
    assert day_of(local(3, 31)) == date(2026, 4, 30)


def test_the_day_of_receipt_is_the_day_where_the_controller_is():
    """Half past ten in the evening in UTC is the next day in Bucharest."""
    assert day_of(datetime(2026, 9, 2, 22, 30, tzinfo=UTC)) == date(2026, 10, 5)
    assert day_of(datetime(2026, 9, 2, 20, 30, tzinfo=UTC)) == date(2026, 10, 2)


def test_it_ends_with_the_last_moment_of_the_day():
    end = deadlines.due(local(9, 2), MONTH, country="RO", zone="Europe/Bucharest")

    assert end == datetime(2026, 10, 2, 23, 59, 59, 999_999, tzinfo=BUCHAREST)


def test_christmas_and_the_weekend_behind_it_move_the_end():
    assert day_of(local(11, 25)) == date(2026, 12, 28)


def test_another_countrys_holidays_do_not_count():
    assert day_of(local(11, 1), country="DE", zone="Europe/Berlin") == date(2026, 12, 1)
    assert day_of(local(11, 1)) == date(2026, 12, 2)


def test_of_an_unknown_country_only_weekends_are_granted():
    assert day_of(local(11, 1), country="XX") == date(2026, 12, 1)
    assert day_of(local(11, 5), country="XX") == date(2026, 12, 7)


@pytest.mark.parametrize(
    "start", [datetime(2026, 12, 24, 10, 20, tzinfo=UTC), datetime(2026, 10, 24, 10, 20, tzinfo=BUCHAREST)]
)
def test_hours_run_through_holidays_weekends_and_the_change_of_clocks(start):
    end = deadlines.due(start, Span.read("PT72H"), country="RO", zone="Europe/Bucharest")

    assert end.timestamp() - start.timestamp() == 72 * 3600


def test_a_few_days_have_two_working_days_in_them():
    """Friday and two days would be Sunday, so Monday; Tuesday is the second working day (art. 3(5))."""
    assert day_of(local(9, 4), Span(days=2)) == date(2026, 9, 8)


def test_an_extension_is_counted_from_the_receipt():
    """The first month ends behind two holidays, on 2 December; the two further ones are not counted from there."""
    first = day_of(local(10, 31))
    both = day_of(local(10, 31), deadlines.joined(MONTH, Span(months=2)))

    assert (first, both) == (date(2026, 12, 2), date(2027, 2, 1))


def test_two_questions_open_at_once_stop_the_clock_once():
    identity = Pause(local(9, 3), local(9, 10))
    clarification = Pause(local(9, 5), local(9, 12))

    assert day_of(local(9, 2), pauses=[identity, clarification]) == date(2026, 10, 12)


def test_a_question_after_the_end_stops_nothing():
    assert day_of(local(9, 2), pauses=[Pause(local(10, 5), local(10, 20))]) == date(2026, 10, 2)


def test_hours_stand_still_while_the_answer_is_awaited():
    start = local(9, 2)
    pause = Pause(start + timedelta(hours=1), start + timedelta(hours=6))
    end = deadlines.due(start, Span.read("PT72H"), country="RO", zone="Europe/Bucharest", pauses=[pause])

    assert end - start == timedelta(hours=77)


def test_reminders_come_before_the_end_the_last_on_a_working_day():
    start = local(11, 25)
    end = deadlines.due(start, MONTH, country="RO", zone="Europe/Bucharest")
    moments = deadlines.reminders(start, end, country="RO", zone="Europe/Bucharest")

    assert len(moments) == 3
    assert list(moments) == sorted(moments)
    assert all(start < moment < end for moment in moments)
    assert deadlines.last_day(moments[-1], zone="Europe/Bucharest") == date(2026, 12, 24)


def test_a_working_day_is_no_weekend_and_no_holiday():
    assert deadlines.is_working_day(date(2026, 11, 27), country="RO")
    assert not deadlines.is_working_day(date(2026, 11, 28), country="RO")
    assert not deadlines.is_working_day(date(2026, 12, 1), country="RO")
