"""The builder's rows and the definition say the same, both ways."""

import pytest
from hypothesis import given, strategies as st

from assent.entrypoints.console.builder import Row, Unsayable, definition, rows

names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
numbers = st.integers(1, 10_000)
days = st.none() | st.integers(1, 3650)
attributes = st.one_of(
    st.builds(
        lambda name, how, value: Row(f"a:{name}", how, value), names, st.sampled_from(["is", "is_not"]), st.text(max_size=9)
    ),
    st.builds(lambda name, how, value: Row(f"a:{name}", how, value), names, st.sampled_from(["over", "under"]), numbers),
    st.builds(lambda name, value: Row(f"a:{name}", "in", value), names, st.lists(st.text(max_size=5), min_size=1)),
    st.builds(lambda name, how: Row(f"a:{name}", how), names, st.sampled_from(["known", "unknown"])),
)
events = st.one_of(
    st.builds(lambda name, value, day: Row(f"e:{name}", "times", value, days=day), names, numbers, days),
    st.builds(lambda name, day: Row(f"e:{name}", "never", days=day), names, days),
    st.builds(lambda name, of, value, day: Row(f"e:{name}", "sum", value, of, day), names, names, numbers, days),
)


@given(st.lists(attributes | events, min_size=1, max_size=6), st.sampled_from(["all", "any"]))
def test_a_definition_made_of_rows_reads_back_as_the_same_rows(made, match):
    assert rows(definition(made, match=match)) == (match, made)


def test_spent_over_200_in_30_days_is_one_row():
    tree = {"event": "Order Completed", "sum": {"property": "total", "over": 200}, "within_days": 30}

    assert rows(tree) == ("all", [Row("e:Order Completed", "sum", 200, "total", 30)])


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"all": [{"any": []}]},
        {"all": [], "any": []},
        {"not": {"all": []}},
        {"event": "Order Completed", "where": [{"property": "currency", "is": "RON"}]},
        {"attribute": "city"},
        {"attribute": "city", "over": 1, "under": 5},
        {"event": "x", "count": {"at_most": 3}},
    ],
)
def test_what_rows_cannot_say_is_left_to_json(tree):
    with pytest.raises(Unsayable):
        rows(tree)
