"""A definition is refused in words that say where it is wrong and how to mend it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from assent.privacy.policy.api import load
from assent.records.profiles.api import declared
from assent.segments.contracts import All, Attribute, Happened, Not, Op
from assent.segments.rules import MOST_DEPTH, MOST_PARTS, data_of, read

POLICY = load(Path(__file__).resolve().parents[3] / "policies" / "bloom", on=datetime(2026, 11, 20, tzinfo=UTC).date()).policy
INFOS = declared(POLICY)
HOSTILE = ["", "null", "'; DROP TABLE x; --", "\x00", "\ud800", "ă" * 500, "{{7*7}}", "../etc/passwd", "\u202e", "1e999"]
WORDS = ["all", "any", "not", "attribute", "event", "is", "in", "over", "count", "sum", "where", "property", "within_days"]


def reading(definition, purpose="direct_marketing"):
    return read(definition, purpose=purpose, policy=POLICY, attributes=INFOS)


def nested(depth):
    return {"attribute": "city", "known": True} if depth == 0 else {"not": nested(depth - 1)}


ORDER = {"event": "Order Completed"}


@pytest.mark.parametrize(
    ("definition", "place", "message", "cure"),
    [
        (["city"], "", "an object, not a list", "write one of all"),
        ({}, "", "nothing known", "write one of all"),
        ({"al": []}, "", "nothing known", "write one of all"),
        ({"all": []}, "all", "not a list of conditions", "at least one"),
        ({"all": [{"attribute": "city", "is": "Cluj"}, 5]}, "all[1]", "not a number", "write one of"),
        ({"all": [ORDER], "any": [ORDER]}, "", "all and any at once", "write one of"),
        ({"all": [ORDER], "limit": 5}, "limit", "not known here", "use one of all"),
        ({"not": {"attribute": "citi", "is": "Cluj"}}, "not.attribute", "no attribute 'citi'", "did you mean city?"),
        ({"attribute": ["city"], "is": "Cluj"}, "attribute", "no attribute a list", "city"),
        ({"attribute": "email", "is": "ada@bloom.example"}, "attribute", "no attribute 'email'", "use one of"),
        (
            {"attribute": "size", "is": "M"},
            "attribute",
            "kept for profiling_offers, service, not for",
            "declare it for direct_marketing",
        ),
        ({"attribute": "city"}, "", "nothing is asked of it", "write one of is, in"),
        ({"attribute": "city", "is": "a", "in": ["b"]}, "", "is and in at once", "write one of"),
        ({"attribute": "city", "is": 5}, "is", "5 does not fit", "a text"),
        ({"attribute": "city", "over": "A"}, "over", "only numbers and days", "use is or in"),
        ({"attribute": "city", "in": []}, "in", "does not fit", "1 to 1000 values"),
        ({"attribute": "city", "known": "yes"}, "known", "does not fit", "true or false"),
        ({"attribute": "city", "within_days": 3}, "within_days", "not known here", "use one of"),
        ({"attribute": "spent_total", "over": "200"}, "over", "'200' does not fit", "a number"),
        ({"attribute": "spent_total", "over": float("nan")}, "over", "nan does not fit", "a number"),
        ({"attribute": "spent_total", "over": True}, "over", "True does not fit", "a number"),
        ({"attribute": "last_order_on", "over": "20.11.2026"}, "over", "does not fit", "a day like 2026-11-30"),
        ({"attribute": "last_order_on", "within_days": 0}, "within_days", "not a number of days", "from 1 to"),
        ({"event": "Order Complete"}, "event", "no event 'Order Complete'", "did you mean Order Completed?"),
        ({"event": "Product Viewed"}, "event", "not kept for direct_marketing", "declare it for direct_marketing"),
        ({**ORDER, "count": {"at_least": 1}, "sum": {"property": "total", "over": 1}}, "", "counts and sums", "two conditions"),
        ({**ORDER, "count": 3}, "count", "how many", '"at_least": 1'),
        ({**ORDER, "count": {"at_least": 0}}, "count.at_least", "at least 0 times", "1 or more"),
        ({**ORDER, "count": {"at_least": 1.5}}, "count.at_least", "1.5 is not a number of events", "whole number"),
        ({**ORDER, "count": {"more": 1}}, "count.more", "not known here", "use one of at_least"),
        ({**ORDER, "sum": {"over": 5}}, "sum", "what to sum", '"property": "total"'),
        ({**ORDER, "sum": {"property": "currency", "over": 5}}, "sum.property", "can't be summed", "a number or an amount"),
        ({**ORDER, "sum": {"property": "total", "over": -1}}, "sum.over", "-1 is not an amount", "from 0"),
        (
            {**ORDER, "sum": {"property": "order_id", "over": 5}},
            "sum.property",
            "order_id of Order Completed is not kept",
            "declare it",
        ),
        ({**ORDER, "where": {"property": "currency", "is": "RON"}}, "where", "not a list", '[{"property"'),
        ({**ORDER, "where": [{"is": "RON"}]}, "where[0]", "names no property", '"property"'),
        (
            {**ORDER, "where": [{"property": "curency", "is": "RON"}]},
            "where[0].property",
            "no property 'curency'",
            "did you mean currency?",
        ),
        ({**ORDER, "where": [{"property": "products.sku", "is": "x"}]}, "where[0].property", "not kept for", "declare it"),
        ({**ORDER, "where": [{"property": "products.colour", "is": "x"}]}, "where[0].property", "no property", "did you mean"),
        ({**ORDER, "within_days": "30"}, "within_days", "'30' is not a number of days", "whole number"),
        (nested(MOST_DEPTH), ".".join(["not"] * MOST_DEPTH), "too deeply", f"{MOST_DEPTH} levels"),
    ],
)
def test_what_is_wrong_is_said_with_place_and_cure(definition, place, message, cure):
    tree, problems = reading(definition)
    assert tree is None
    assert problems[0].place == place
    assert message in problems[0].message
    assert cure in problems[0].cure
    assert str(problems[0]).startswith(place or "definition")


def test_everything_wrong_is_said_at_once():
    _, problems = reading({"all": [{"attribute": "citi", "is": 1}, {"event": "x"}, {"attribute": "city", "is": 4}]})
    assert [problem.place for problem in problems] == ["all[0].attribute", "all[1].event", "all[2].is"]


def test_a_purpose_nobody_declared_is_refused():
    tree, problems = reading(ORDER, purpose="curiosity")
    assert tree is None
    assert problems[0].place == "purpose"


def test_it_may_not_be_endless():
    assert reading({"any": [{"attribute": "city", "is": str(at)} for at in range(MOST_PARTS + 5)]})[1]
    assert not reading({"any": [{"attribute": "city", "is": str(at)} for at in range(MOST_PARTS - 1)]})[1]


def test_a_good_definition_becomes_a_tree():
    tree, problems = reading(
        {"all": [{"not": {"attribute": "city", "in": ["Ias\u0326i"]}}, {**ORDER, "within_days": 30, "count": {"at_most": 2}}]}
    )
    assert problems == []
    assert isinstance(tree, All)
    assert isinstance(tree.parts[0], Not)
    assert isinstance(tree.parts[0].part, Attribute)
    assert tree.parts[0].part.test.op is Op.IN
    assert tree.parts[0].part.test.value == ("Ia\u0219i",)
    assert tree.parts[1] == Not(Happened("track", "Order Completed", at_least=3, within_days=30))


def test_any_page_is_not_a_named_page():
    tree, problems = reading({"event": "page"}, purpose="performance")
    assert problems == []
    assert tree == Happened("page", None)


def test_the_data_a_definition_rests_on_are_known():
    definition = {
        "any": [
            {"attribute": "city", "is": "Cluj"},
            {"attribute": "spent_total", "over": 5},
            {"not": {**ORDER, "where": [{"property": "products.category", "is": "x"}]}},
            {"attribute": "orders_count", "over": 1},
        ]
    }
    assert data_of(definition, POLICY) == {"region", "purchases"}
    sized = {**ORDER, "where": [{"property": "products.size", "is": "M"}], "sum": {"property": "total", "over": 5}}
    assert reading(sized, purpose="profiling_offers")[1] == []
    assert data_of(sized, POLICY) == {"sizes", "purchases"}


known_words = st.sampled_from(["city", "spent_total", "Order Completed", "total"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner | known_words, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_nonsense_is_refused_and_never_crashes(definition):
    tree, problems = reading(definition)
    assert (tree is None) == bool(problems)
    assert all(problem.message and problem.cure and len(str(problem)) < 2000 for problem in problems)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_values_or_refused(text):
    tree, problems = reading({"attribute": "city", "is": text})
    assert (tree is None) == bool(problems)
    assert bool(problems) == (text in {"\x00", "\ud800", "ă" * 500})
