"""When copies end, and from when on nothing erased can come back."""

from datetime import UTC, datetime, timedelta

import pytest

from assent.backups.contracts import Backup, Drill, Kind, Periods
from assent.backups.rules import differences, drill_due_at, ends_at, freshness, horizon, over, strictest
from assent.privacy.policy.contracts import Backups

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PERIODS = Periods("P30D", "P14D")


def copy(kind, days_ago, name="a"):
    return Backup(f"{kind}-{days_ago}-{name}", kind, NOON - timedelta(days=days_ago), 1, "", "")


def test_the_strictest_controller_decides_for_all():
    found = strictest([Backups(data_kept="P30D", keys_kept="P14D"), Backups(data_kept="P1M", keys_kept="P7D")], at=NOON)
    assert found == Periods("P30D", "P7D"), "a month from 10 March is 31 days"
    assert strictest([], at=NOON) == Periods()


@pytest.mark.parametrize(("kind", "days"), [(Kind.DATA, 30), (Kind.KEYS, 14)])
def test_each_kind_ends_on_its_own_clock(kind, days):
    assert ends_at(NOON, kind, PERIODS) == NOON + timedelta(days=days)
    assert over([copy(kind, days - 1)], PERIODS, at=NOON) == []
    assert over([copy(kind, days)], PERIODS, at=NOON) == [copy(kind, days)]


def test_without_a_policy_nothing_is_deleted_and_nothing_is_promised():
    found = horizon([copy(Kind.DATA, 400)], Periods(), at=NOON)
    assert over([copy(Kind.DATA, 400)], Periods(), at=NOON) == []
    assert (found.promised, found.at) == (None, None)


def test_the_horizon_is_the_later_of_data_and_keys():
    assert horizon([], PERIODS, at=NOON).promised == NOON + timedelta(days=30)
    assert horizon([], Periods("P7D", "P14D"), at=NOON).promised == NOON + timedelta(days=14)


def test_with_the_copies_there_are_it_is_the_end_of_the_last_one():
    found = horizon([copy(Kind.DATA, 3), copy(Kind.DATA, 9), copy(Kind.KEYS, 1)], PERIODS, at=NOON)
    assert found.data == NOON + timedelta(days=27)
    assert found.keys == NOON + timedelta(days=13)
    assert found.at == found.data
    assert found.at <= found.promised


def test_keys_that_outlive_the_data_move_it():
    found = horizon([copy(Kind.DATA, 6), copy(Kind.KEYS, 0)], Periods("P7D", "P14D"), at=NOON)
    assert found.at == NOON + timedelta(days=14)


def test_without_any_copy_nothing_can_come_back_at_all():
    assert horizon([], PERIODS, at=NOON).at == NOON


def test_a_copy_past_its_time_leaves_no_date_to_tell():
    found = horizon([copy(Kind.DATA, 31), copy(Kind.DATA, 1)], PERIODS, at=NOON)
    assert (found.at, found.overdue) == (None, 1)


DAY = timedelta(days=1)


def drill(days_ago, *, passed=True):
    return Drill(at=NOON - timedelta(days=days_ago), backup="a", made_at=None, passed=passed, seconds=1)


def fresh(copies, tried):
    found = freshness(copies, tried, PERIODS, every=DAY, at=NOON)
    return found.late, found.untried


def test_a_copy_may_fail_once_and_then_its_kind_is_late():
    assert fresh([copy(Kind.DATA, 2), copy(Kind.DATA, 9), copy(Kind.KEYS, 1)], drill(3)) == ((), False)
    assert fresh([copy(Kind.DATA, 3), copy(Kind.KEYS, 1)], drill(3)) == ((Kind.DATA,), False)
    assert fresh([copy(Kind.DATA, 1)], drill(3)) == ((Kind.KEYS,), False)
    assert fresh([], None) == ((Kind.DATA, Kind.KEYS), True)


def test_a_drill_counts_while_the_policy_lets_a_copy_of_that_day_stand():
    copies = [copy(Kind.DATA, 0), copy(Kind.KEYS, 0)]
    assert fresh(copies, drill(29)) == ((), False)
    assert fresh(copies, drill(30)) == ((), True)
    assert fresh(copies, drill(1, passed=False)) == ((), True)


def test_the_next_drill_comes_before_the_last_one_stops_to_count_and_never_at_once():
    tried = drill(0)
    assert drill_due_at(tried, PERIODS, days=30, every=DAY) == NOON + 28 * DAY
    assert drill_due_at(tried, PERIODS, days=7, every=DAY) == NOON + 7 * DAY
    assert drill_due_at(tried, Periods("P1D", "P1D"), days=7, every=DAY) == NOON + DAY
    assert drill_due_at(tried, Periods(), days=7, every=DAY) == NOON + 7 * DAY


def test_differences_name_the_table_and_both_counts():
    assert differences({"default.a": 2, "default.b": 1}, {"default.a": 2, "default.b": 1}) == ()
    assert differences({"default.a": 2}, {"default.a": 1, "default.c": 3}) == (
        "default.a: 2 rows were copied, 1 came back",
        "default.c: 0 rows were copied, 3 came back",
    )
