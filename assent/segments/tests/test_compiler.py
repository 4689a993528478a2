"""The compiled expression finds exactly the people a plain reading of the definition finds."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from assent.privacy.policy.api import load
from assent.records.events.contracts import KIND, SCHEMA
from assent.records.lake import api as lake
from assent.records.profiles.api import declared
from assent.records.profiles.contracts import columns
from assent.segments.compiler import EVERYONE, compile_tree
from assent.segments.rules import read

from .naive import fits

POLICY = load(Path(__file__).resolve().parents[3] / "policies" / "bloom", on=datetime(2026, 11, 20, tzinfo=UTC).date()).policy
PURPOSE, CODE = "direct_marketing", 3
NOW = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
INFOS = declared(POLICY)
TYPES = {info.name: info.type for info in INFOS}

CITIES = ["Cluj", "Iași", "Iasi", "O'Brien", '"; DROP', "二", "%", "null"]
DAYS = ["2026-11-20", "2026-11-01", "2025-01-31"]
CATEGORIES = ["Rochii", "Cafea ☃", "'", "12", "Ro\u0219u", "Ros\u0326u"]
AMOUNTS = [0, 1, 10.5, 19.99, 199.99, 200, 200.01, 100_000]

# A small world of people in which every condition is somebody's.
events = st.fixed_dictionaries(
    {
        "kind": st.just("track"),
        "event": st.sampled_from(["Order Completed", "Order Completed", "Order Refunded"]),
        "occurred_ms": st.sampled_from([NOW, NOW + 1, NOW - 1, NOW - 30 * DAY, NOW - 30 * DAY + 1, NOW - 400 * DAY]),
        "purposes": st.sampled_from([{PURPOSE}, {PURPOSE, "service"}, {"service"}]),
        "value_minor": st.sampled_from([None, 0, 1050, 1999, 19_999, 20_000, 20_001]),
        "properties": st.fixed_dictionaries(
            {},
            optional={
                "currency": st.sampled_from(["RON", "EUR", None]),
                "campaign_id": st.sampled_from(["c-1", "c-2"]),
                "products": st.lists(
                    st.fixed_dictionaries({}, optional={"category": st.sampled_from([*CATEGORIES, None])}), max_size=3
                ),
            },
        ),
    }
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(CITIES),
        "language": st.sampled_from(["ro", "en"]),
        "orders_count": st.sampled_from([0, 1, 2, 7]),
        "spent_total": st.sampled_from(AMOUNTS),
        "last_order_on": st.sampled_from(DAYS),
    },
)
people = st.lists(
    st.fixed_dictionaries({"attributes": attributes, "events": st.lists(events, max_size=4)}), min_size=1, max_size=8
)

number_tests = st.one_of(
    st.sampled_from(AMOUNTS).flatmap(lambda n: st.sampled_from([{"is": n}, {"over": n}, {"under": n}])),
    st.lists(st.sampled_from(AMOUNTS), min_size=1, max_size=3).map(lambda some: {"in": some}),
    st.booleans().map(lambda known: {"known": known}),
)


def text_tests(words):
    return st.one_of(
        st.sampled_from(words).map(lambda word: {"is": word}),
        st.lists(st.sampled_from(words), min_size=1, max_size=3).map(lambda some: {"in": some}),
        st.booleans().map(lambda known: {"known": known}),
    )


day_tests = st.one_of(
    text_tests(DAYS),
    st.sampled_from(DAYS).flatmap(lambda day: st.sampled_from([{"over": day}, {"under": day}])),
    st.sampled_from([1, 19, 20, 700]).map(lambda days: {"within_days": days}),
)
attribute_leaves = st.one_of(
    st.tuples(st.just("city"), text_tests(CITIES)),
    st.tuples(st.sampled_from(["orders_count", "spent_total"]), number_tests),
    st.tuples(st.just("last_order_on"), day_tests),
).map(lambda leaf: {"attribute": leaf[0], **leaf[1]})

order_tests = st.lists(
    st.one_of(
        text_tests(["RON", "EUR"]).map(lambda test: {"property": "currency", **test}),
        number_tests.map(lambda test: {"property": "total", **test}),
        text_tests(CATEGORIES).map(lambda test: {"property": "products.category", **test}),
    ),
    max_size=2,
)
measures = st.one_of(
    st.just({}),
    st.integers(1, 3).map(lambda n: {"count": {"at_least": n}}),
    st.integers(0, 3).flatmap(lambda n: st.sampled_from([{"count": {"at_most": n}}, {"count": {"exactly": n}}])),
    st.sampled_from(AMOUNTS).map(lambda n: {"sum": {"property": "total", "over": n}}),
    st.sampled_from(AMOUNTS[1:]).map(lambda n: {"sum": {"property": "total", "under": n}}),
)
windows = st.sampled_from([{}, {"within_days": 30}, {"within_days": 1}])
event_leaves = st.one_of(
    st.tuples(measures, windows, order_tests).map(lambda m: {"event": "Order Completed", **m[0], **m[1], "where": m[2]}),
    st.tuples(measures.filter(lambda m: "sum" not in m), windows).map(
        lambda m: {"event": "Email Link Clicked", **m[0], **m[1]}
    ),
)
definitions = st.recursive(
    st.one_of(attribute_leaves, event_leaves),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)


def fill(world, controller):
    """Put people 1, 2, 3… into events and the mirror of profiles."""
    rows = [
        {
            "subject": subject,
            "kind": event["kind"],
            "event": event["event"],
            "occurred_ms": event["occurred_ms"],
            "received_ms": event["occurred_ms"],
            "purposes": sum(1 << (CODE if purpose == PURPOSE else CODE + 1) for purpose in event["purposes"]),
            "bases": "",
            "policy": "",
            "property": 1,
            "message": b"\0" * 16,
            "value_minor": event["value_minor"],
            "currency": None,
            "properties": msgspec.json.encode(event["properties"]).decode(),
        }
        for subject, person in enumerate(world, 1)
        for event in person["events"]
    ]
    lake.append(controller=controller, kind=KIND, table=pa.Table.from_pylist(rows, schema=SCHEMA), source="test", position=1)
    kind = columns(INFOS)
    mirrored = [
        {"subject": subject} | {info.column: person["attributes"].get(info.name) for info in INFOS}
        for subject, person in enumerate(world, 1)
        if person["attributes"]
    ]
    table = pa.Table.from_pylist(mirrored, schema=kind.schema)
    lake.append(controller=controller, kind=columns(), table=table, source="test", position=1)


def found(definition, world, controller):
    tree, problems = read(definition, purpose=PURPOSE, policy=POLICY, attributes=INFOS)
    assert problems == []
    compiled = compile_tree(tree, mask=1 << CODE, at_ms=NOW)
    tables = {EVERYONE.name: pa.table({"subject": pa.array(range(1, len(world) + 1), pa.int64())})} if compiled.everyone else {}
    rows = lake.query(controller=controller, expr=compiled.expr, kinds=compiled.kinds, tables=tables)["subject"].to_pylist()
    assert len(rows) == len(set(rows)), "somebody is in it twice"
    return set(rows)


def expected(definition, world):
    ask = {"at_ms": NOW, "policy": POLICY, "purpose": PURPOSE, "types": TYPES}
    return {subject for subject, person in enumerate(world, 1) if fits(definition, {**person, "events": plain(person)}, **ask)}


def plain(person):
    return [{**event, "properties": msgspec.json.encode(event["properties"]).decode()} for event in person["events"]]


controllers = iter(range(1, 10_000))


# Eight trees at once are often larger than what is drawn for one example; such draws are thrown away, which is only slow.
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(world=people, asked=st.lists(definitions, min_size=8, max_size=8))
def test_any_definition_finds_whom_a_plain_reading_finds(settings, world, asked):
    controller = next(controllers)
    fill(world, controller)
    for definition in asked:
        assert found(definition, world, controller) == expected(definition, world), definition


WORLD = [
    {"attributes": {"city": "Cluj", "spent_total": 300}, "events": []},
    {"attributes": {"city": "Iași"}, "events": []},
    {"attributes": {}, "events": []},
]
ORDER = {"kind": "track", "event": "Order Completed", "occurred_ms": NOW - 5, "purposes": {PURPOSE}, "value_minor": 12_000}
WORLD[1]["events"] = [{**ORDER, "properties": {"currency": "RON", "products": [{"category": "Rochii"}, {}]}}] * 2
WORLD[2]["events"] = [{**ORDER, "purposes": {"service"}, "properties": {}}]


@pytest.mark.parametrize(
    ("definition", "who"),
    [
        ({"attribute": "city", "is": "Cluj"}, {1}),
        ({"not": {"attribute": "city", "is": "Cluj"}}, {2, 3}),
        ({"attribute": "city", "known": False}, {3}),
        ({"event": "Order Completed"}, {2}),
        ({"event": "Order Completed", "sum": {"property": "total", "over": 200}, "within_days": 30}, {2}),
        ({"event": "Order Completed", "sum": {"property": "total", "over": 240}}, set()),
        ({"event": "Order Completed", "sum": {"property": "total", "under": 240}}, {1, 3}),
        ({"event": "Order Completed", "count": {"exactly": 2}}, {2}),
        ({"event": "Order Completed", "count": {"at_most": 1}}, {1, 3}),
        ({"event": "Order Completed", "where": [{"property": "products.category", "in": ["Rochii", "x"]}]}, {2}),
        ({"event": "Order Completed", "where": [{"property": "currency", "known": False}]}, set()),
        ({"any": [{"attribute": "spent_total", "over": 299.5}, {"event": "Order Completed"}]}, {1, 2}),
        ({"all": [{"event": "Order Completed"}, {"not": {"attribute": "city", "is": "Cluj"}}]}, {2}),
        ({"all": [{"not": {"event": "Order Completed"}}, {"not": {"attribute": "city", "is": "Cluj"}}]}, {3}),
        ({"all": [{"attribute": "city", "known": True}, {"not": {"event": "Order Completed"}}]}, {1}),
        ({"any": [{"not": {"event": "Order Completed"}}, {"attribute": "city", "is": "Iași"}]}, {1, 2, 3}),
    ],
)
def test_a_definition_says_what_it_seems_to_say(definition, who):
    fill(WORLD, 1)
    assert found(definition, WORLD, 1) == who == expected(definition, WORLD)
