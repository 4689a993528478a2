import json
import math

import pytest
from hypothesis import given, strategies as st

from assent.ingest.rules import NOTHING, moment, occurred, readable_name, reader
from assent.ingest.tests.cast import HOME
from assent.privacy.policy.contracts import PropertyRule, PropertyType

NAUGHTY = json.loads((HOME / "assent/entrypoints/collect/tests/data/blns.json").read_text())
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4),
)


def read(kind, value, **rule):
    return reader(PropertyRule(type=kind, data="purchases", **rule))(value)


@pytest.mark.parametrize(
    ("sent", "amount"),
    [(12.5, 12.5), (7, 7), ("19.90", 19.9), (-3.1, -3.1), (0.1 + 0.2, 0.3), (1.005, 1), (10**10, 10**10), (0, 0)],
)
def test_money_is_read_to_the_hundredth(sent, amount):
    assert read(PropertyType.MONEY, sent) == amount


@pytest.mark.parametrize("sent", ["", "12,50", "NaN", "Infinity", "1e400", True, None, [], {}, 10**30, -1e300, math.nan])
def test_what_is_no_money_is_left_out(sent):
    assert read(PropertyType.MONEY, sent) is NOTHING


def test_texts_that_name_somebody_or_carry_tokens_are_cut():
    assert read(PropertyType.STRING, "write to ada@bloom.example today") is NOTHING
    assert read(PropertyType.STRING, "https://bloom.example/p?email=x&token=y#top") == "https://bloom.example/p"
    assert read(PropertyType.STRING, "50% @ the shop") == "50% @ the shop"
    assert read(PropertyType.STRING, "a" * 201) is NOTHING
    assert read(PropertyType.STRING, "nul\x00") is NOTHING


def test_codes_numbers_days_and_truths_are_read_as_declared():
    assert read(PropertyType.CODE, 4711) == "4711"
    assert read(PropertyType.CODE, "a b") is NOTHING
    assert read(PropertyType.INTEGER, "3") == 3
    assert read(PropertyType.INTEGER, 3.5) is NOTHING
    assert read(PropertyType.NUMBER, 10**400) is NOTHING
    assert read(PropertyType.DATE, "2026-02-30") is NOTHING
    assert read(PropertyType.DATE, "2026-02-28T10:00:00Z") == "2026-02-28"
    assert read(PropertyType.BOOLEAN, "true") is True
    assert read(PropertyType.BOOLEAN, 1) is NOTHING


def test_a_list_keeps_the_declared_parts_of_its_entries():
    part = {"sku": PropertyRule(type=PropertyType.CODE, data="purchases")}
    secret = {"owner": PropertyRule(type=PropertyType.STRING, data="purchases", identifying=True)}
    sent = [{"sku": "a", "owner": "Ada", "x": 1}, "no object", {"sku": []}]
    assert read(PropertyType.LIST, sent, of=part | secret) == [{"sku": "a"}, {}]
    assert read(PropertyType.LIST, ["a", 1, "b"]) == ["a", "b"]
    assert read(PropertyType.LIST, ["a"] * 201) is NOTHING


@given(st.sampled_from(PropertyType), ANY_JSON)
def test_no_value_breaks_a_reader_and_what_it_keeps_can_be_written(kind, value):
    kept = read(kind, value)
    assert kept is NOTHING or json.dumps(kept)


@pytest.mark.parametrize("kind", PropertyType)
def test_naughty_strings_break_nothing(kind):
    for text in NAUGHTY:
        kept = read(kind, text)
        assert kept is NOTHING or json.dumps(kept)
        shown = readable_name(text)
        assert shown.isascii()
        assert shown.isprintable()
        assert 1 <= len(shown) <= 100
        moment(text)


@pytest.mark.parametrize(
    ("sent", "ms"),
    [
        ("2026-11-20T12:00:00Z", 1_795_176_000_000),
        ("2026-11-20T12:00:00.123456+02:00", 1_795_168_800_123),
        ("2026-11-20T12:00:00", 1_795_176_000_000),
        (1_795_176_000, 1_795_176_000_000),
        (1_795_176_000_000, 1_795_176_000_000),
        ("9999-12-31T23:59:59-14:00", 253_402_351_199_000),
        ("0000-00-00", None),
        ("noon", None),
        (True, None),
        (-5, None),
        (1e300, None),
        (None, None),
    ],
)
def test_times_are_read_as_clients_send_them(sent, ms):
    assert moment(sent) == ms


def test_the_clients_clock_is_corrected_by_when_it_says_it_sent():
    assert occurred(received_ms=10_000_000, said_ms=500, sent_ms=2_500) == 10_000_000 - 2_000
    assert occurred(received_ms=10_000_000, said_ms=None, sent_ms=2_500) == 10_000_000
    assert occurred(received_ms=10_000_000, said_ms=10_000_000 + 90_000_000, sent_ms=None) == 10_000_000


@pytest.mark.parametrize("name", ["ada@bloom.example", "order 0722123456", "Ada <ada@x.example>"])
def test_names_that_look_like_somebodys_data_are_not_shown(name):
    assert readable_name(name) == "(not shown)"
