from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from assent.privacy.policy.contracts import FoldKind
from assent.records.profiles.contracts import Delta
from assent.records.profiles.rules import grown, plus

AMOUNTS = st.decimals(-1000, 1000, places=2).map(float)
CHANGES = st.lists(st.tuples(AMOUNTS, st.integers(0, 10**12)), min_size=1, max_size=20)


def folded(kind, changes):
    return grown({}, {}, [Delta(1, "a", kind, value, at) for value, at in changes])[0].get("a")


@given(CHANGES)
def test_a_sum_is_what_people_get_by_hand(changes):
    exact = sum(Fraction(str(value)) for value, _ in changes)
    assert folded(FoldKind.SUM, changes) == float(exact)


@given(CHANGES, st.randoms())
def test_the_order_of_arrival_does_not_matter(changes, random):
    shuffled = random.sample(changes, len(changes))
    for kind in (FoldKind.SUM, FoldKind.COUNT, FoldKind.MIN, FoldKind.MAX):
        assert folded(kind, changes) == folded(kind, shuffled)
    days = [(None, at) for _, at in changes]
    for kind in (FoldKind.FIRST, FoldKind.LAST):
        assert folded(kind, days) == folded(kind, random.sample(days, len(days)))
    latest = max(at for _, at in changes)
    assert folded(FoldKind.SET_LAST, shuffled) in {value for value, at in changes if at == latest}


@given(CHANGES, CHANGES)
def test_folding_in_two_batches_is_folding_in_one(one, two):
    for kind in FoldKind:
        first = grown({}, {}, [Delta(1, "a", kind, value, at) for value, at in one])
        both = grown(*first, [Delta(1, "a", kind, value, at) for value, at in two])
        assert both[0].get("a") == folded(kind, [*one, *two])


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (FoldKind.COUNT, None, 1),
        (FoldKind.COUNT, 3, 3),
        (FoldKind.SUM, None, None),
        (FoldKind.SUM, "12", 0),
        (FoldKind.MIN, None, None),
        (FoldKind.FIRST, None, "2026-11-20"),
        (FoldKind.LAST, "2026-11-19", "2026-11-19"),
        (FoldKind.SET_LAST, None, None),
        (FoldKind.SET_LAST, "s\u0326", "\u0219"),
        (FoldKind.SET_LAST, True, True),
    ],
)
def test_one_change(kind, value, expected):
    at_ms = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)
    assert folded(kind, [(value, at_ms)]) == expected


def test_a_value_whose_kind_changed_is_a_new_start():
    assert grown({"a": "old"}, {}, [Delta(1, "a", FoldKind.MAX, 4, 0)])[0] == {"a": 4}
    assert grown({"a": "old"}, {}, [Delta(1, "a", FoldKind.SUM, 4, 0)])[0] == {"a": 4}


def test_dimes_add_up():
    assert plus(0.1, 0.2) == 0.3
    assert plus(None, True) == 1
