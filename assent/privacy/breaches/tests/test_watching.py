"""What is unusual: three times one's own busiest hour, and never below the floor."""

from assent.privacy.breaches.contracts import Rule
from assent.privacy.breaches.watching import FLOOR, LOOKS_BACK_HOURS, WITHOUT_A_PAST, louder, unusual

NOW = 500_000
KEY = (Rule.READS, "key:7")


def past(*busy, key=KEY):
    return {key: {NOW - 1 - place: many for place, many in enumerate(busy)}}


def seen(many, before, *, rule=Rule.READS, doer="key:7"):
    return unusual({(rule, doer, NOW): many}, before)


def test_three_times_the_busiest_hour_is_still_ordinary_and_one_more_is_not():
    before = past(100, 300, 200)
    assert seen(900, before) == []
    [one] = seen(901, before)
    assert (one.limit, one.busiest, one.seen) == (900, 300, 901)


def test_below_the_floor_nothing_is_unusual():
    assert seen(FLOOR[Rule.READS], past(1, 1, 1)) == []
    assert seen(FLOOR[Rule.READS] + 1, past(1, 1, 1)) != []


def test_whoever_has_no_past_may_do_more_on_the_first_day():
    assert seen(WITHOUT_A_PAST[Rule.READS], {}) == []
    assert seen(WITHOUT_A_PAST[Rule.READS] + 1, past(50, 50)) != []


def test_what_lies_more_than_four_weeks_back_is_forgotten():
    old = {KEY: {NOW - LOOKS_BACK_HOURS - place: 10_000 for place in range(1, 5)}}
    assert seen(5_000, old) != []


def test_the_hour_itself_and_later_ones_are_no_past_of_their_own():
    before = {KEY: {NOW: 5_000, NOW + 1: 9_000, NOW - 1: 10, NOW - 2: 10, NOW - 3: 10}}
    assert [one.busiest for one in seen(5_000, before)] == [10]


def test_each_is_held_against_their_own_past_and_no_others():
    assert seen(5_000, past(9_000, 9_000, 9_000, key=(Rule.READS, "key:8"))) != []


def test_few_exports_and_few_failed_log_ins_are_already_unusual():
    assert seen(21, {}, rule=Rule.EXPORTS) != []
    assert seen(11, {}, rule=Rule.LOG_INS, doer="staff:3") != []


def test_after_a_dismissal_only_twice_as_much_is_loud_enough():
    [one] = seen(2_000, {})
    assert louder(one, [])
    assert not louder(one, [1_000])
    assert louder(one, [999])
