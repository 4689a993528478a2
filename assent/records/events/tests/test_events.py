from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.privacy.policy import api as policies
from assent.records.events import api
from assent.records.events.contracts import SCHEMA, Admitted, value_property
from assent.records.events.rules import allowed_part
from assent.records.events.store import EventStore

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
ADA, BEN = 101, 2**62 + 5
ORDER = {"order_id": "A-1", "total": 120.5, "currency": "RON", "products": [{"sku": "x", "category": "Rochii ☃"}, {"sku": "y"}]}


def row(controller, subject=ADA, *, number=1, at_ms=NOON_MS, purposes=("service", "direct_marketing"), **properties):
    policy = policies.current(controller=controller)
    return {
        "subject": subject,
        "kind": "track",
        "event": "Order Completed",
        "occurred_ms": at_ms,
        "received_ms": at_ms + 5,
        "purposes": policy.mask(*purposes),
        "bases": ",".join(f"{purpose}={policy.policy.purposes[purpose].basis}" for purpose in purposes),
        "policy": policy.digest,
        "property": 3,
        "message": number.to_bytes(16, "big"),
        "value_minor": 12050,
        "currency": "RON",
        "properties": msgspec.json.encode(properties or ORDER).decode(),
    }


def append(controller, *rows, position=1):
    admitted = Admitted(controller, pa.Table.from_pylist(list(rows), schema=SCHEMA))
    return api.append(admitted=admitted, source="arrival:0", position=position)


def seen(controller, purpose, subject=ADA, **options):
    return api.timeline(controller=controller, subject=subject, purpose=purpose, limit=50, **options)


def test_a_row_is_read_for_a_purpose_only_if_it_was_admitted_for_it(bloom):
    append(bloom, row(bloom, number=1), row(bloom, number=2, purposes=["service"]))
    assert len(seen(bloom, "service")) == 2
    assert len(seen(bloom, "direct_marketing")) == 1
    assert seen(bloom, "performance") == []
    assert len(seen(bloom, None)) == 2


def test_a_purpose_sees_only_the_properties_it_may_keep(bloom):
    append(bloom, row(bloom))
    (service,), (marketing,), (whole,) = seen(bloom, "service"), seen(bloom, "direct_marketing"), seen(bloom, None)
    assert marketing["properties"] == {"total": 120.5, "currency": "RON", "products": [{"category": "Rochii ☃"}, {}]}
    assert service["properties"]["order_id"] == "A-1"
    assert service["properties"]["products"] == [{"sku": "x"}, {"sku": "y"}]
    assert whole["properties"] == ORDER
    assert marketing["value_minor"] == 12050
    assert marketing["purposes"] == ["direct_marketing", "service"]
    assert marketing["bases"] == {"service": "contract", "direct_marketing": "consent"}


def test_a_value_a_purpose_may_not_keep_is_not_shown_to_it(bloom):
    append(bloom, row(bloom, purposes=["similar_products"]))
    (found,) = seen(bloom, "similar_products")
    assert (found["value_minor"], found["currency"]) == (None, None)


def test_the_timeline_is_newest_first_and_goes_on_where_a_page_ended(bloom):
    append(bloom, *[row(bloom, number=day, at_ms=NOON_MS - day * 86_400_000) for day in range(1, 6)])
    first = api.timeline(controller=bloom, subject=ADA, purpose="service", limit=2)
    assert [event["message"][-1] for event in first] == ["1", "2"]
    rest = api.timeline(controller=bloom, subject=ADA, purpose="service", limit=9, before_ms=first[-1]["occurred_ms"])
    assert [event["message"][-1] for event in rest] == ["3", "4", "5"]


def test_whoever_looks_is_in_the_book(bloom):
    seen(bloom, "service", by=Actor.staff(7), at=NOON)
    ((_, entry),) = audit.entries(controller=bloom, about=ADA)
    assert (entry.did, entry.by, entry.purpose) == ("events.timeline.read", "staff:7", "service")


def test_another_brand_sees_nothing(bloom, harbour):
    append(bloom, row(bloom))
    assert seen(harbour, None) == []
    assert api.count(controller=harbour) == 0
    assert api.count(controller=bloom, since_ms=NOON_MS) == 1
    assert api.count(controller=bloom, since_ms=NOON_MS + 6) == 0


def test_a_replay_adds_nothing(bloom):
    assert append(bloom, row(bloom), position=8)
    assert not append(bloom, row(bloom), position=8)
    assert api.position(controller=bloom, source="arrival:0") == 8
    assert api.count(controller=bloom) == 1


def test_columns_nobody_declared_are_refused():
    with pytest.raises(TypeError, match="columns of SCHEMA"):
        Admitted(1, pa.table({"email": ["ada@bloom.example"]}))


def test_a_persons_events_are_handed_over_and_erased_and_nobody_elses(bloom):
    append(bloom, row(bloom, number=1), row(bloom, number=2, at_ms=NOON_MS - 400 * 86_400_000), row(bloom, BEN, number=3))
    store = EventStore()
    pages = list(store.export(controller=bloom, subject=ADA))
    assert [(page.path, len(page.rows)) for page in pages] == [("events/2025.json", 1), ("events/2026.json", 1)]
    assert pages[1].rows[0]["occurred_at"] == "2026-11-20T12:00:00+00:00"
    assert "subject" not in pages[1].rows[0]
    assert store.erase(controller=bloom, subjects=[ADA], by=None, at=NOON).removed == 2
    assert [held.count for held in store.inventory(controller=bloom, subject=ADA)] == [0]
    assert [held.count for held in store.inventory(controller=bloom, subject=BEN)] == [1]


def test_two_people_who_are_one_have_one_timeline(bloom):
    append(bloom, row(bloom, number=1), row(bloom, BEN, number=2))
    api.on_merge(controller=bloom, into=ADA, other=BEN, by=None, at=NOON)
    assert len(seen(bloom, "service")) == 2
    assert seen(bloom, "service", subject=BEN) == []


def test_waiting_events_are_moved_when_there_are_many(bloom, monkeypatch):
    monkeypatch.setattr(api, "WAITING_FILES", 2)
    append(bloom, row(bloom, number=1), position=1)
    assert api.tend(controller=bloom) == 0
    append(bloom, row(bloom, number=2), position=2)
    assert api.tend(controller=bloom) == 2
    assert api.count(controller=bloom, subject=ADA) == 2


def test_the_value_of_an_event_is_its_total(bloom):
    policy = policies.current(controller=bloom)
    assert value_property(policy.event("track", "Order Completed")) == "total"
    assert value_property(policy.event("track", "Signed Up")) is None


def test_a_path_names_a_part_of_each_thing_in_a_list():
    properties = {"a": 1, "p": [{"x": 1, "y": 2}, "odd"], "o": {"x": 1, "y": 2}}
    assert allowed_part(properties, ["p.x", "o.y", "z"]) == {"p": [{"x": 1}], "o": {"y": 2}}
    assert allowed_part(properties, ["p", "p.x"]) == {"p": properties["p"]}
