from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from assent.foundation import scope
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import FoldKind, PropertyType
from assent.records.lake import api as lake
from assent.records.profiles import api, models
from assent.records.profiles.contracts import AttributeInfo, Delta, columns
from assent.records.profiles.rules import declared
from assent.records.profiles.store import ProfileStore

pytestmark = pytest.mark.django_db(databases=["default", "profiles"])

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
ADA, BEN, CLEO = 101, 102, 203


def bought(subject, total, at_ms=NOON_MS):
    return [
        Delta(subject, "orders_count", FoldKind.COUNT, None, at_ms),
        Delta(subject, "spent_total", FoldKind.SUM, total, at_ms),
        Delta(subject, "last_order_on", FoldKind.LAST, None, at_ms),
    ]


def attribute(name, of):
    return AttributeInfo(name, of, frozenset(), "trait")


def mirrored(controller, *infos):
    kind = columns(infos)
    rows = lake.query(controller=controller, expr=lake.unbound(kind), kinds=[kind]).to_pylist()
    return {row.pop("subject"): row for row in rows}


def test_events_are_folded_into_attributes():
    assert api.fold(
        controller=1, source="arrival:0", position=4, deltas=[*bought(ADA, 10.1), *bought(ADA, 10.2), *bought(BEN, 5)]
    )
    assert api.get(controller=1, subjects=[ADA, BEN, CLEO]) == {
        ADA: {"orders_count": 2, "spent_total": 20.3, "last_order_on": "2026-11-20"},
        BEN: {"orders_count": 1, "spent_total": 5, "last_order_on": "2026-11-20"},
    }


def test_a_position_is_folded_once():
    assert api.fold(controller=1, source="arrival:0", position=4, deltas=bought(ADA, 10))
    assert not api.fold(controller=1, source="arrival:0", position=4, deltas=bought(ADA, 10))
    assert not api.fold(controller=1, source="arrival:0", position=3, deltas=bought(ADA, 10))
    assert api.fold(controller=1, source="arrival:1", position=1, deltas=bought(ADA, 1))
    assert api.position(controller=1, source="arrival:0") == 4
    assert api.get(controller=1, subjects=[ADA])[ADA]["spent_total"] == 11


def test_another_controller_sees_nothing_and_counts_for_itself():
    api.fold(controller=1, source="arrival:0", position=4, deltas=bought(ADA, 10))
    assert api.get(controller=2, subjects=[ADA]) == {}
    assert api.position(controller=2, source="arrival:0") == 0
    assert api.fold(controller=2, source="arrival:0", position=4, deltas=bought(CLEO, 1))
    assert api.count(controller=1) == 1


def test_too_much_for_one_turn_is_folded_in_several_and_once(monkeypatch):
    monkeypatch.setattr(api, "PEOPLE_PER_TURN", 10)
    people = range(1, 36)
    deltas = [delta for person in people for delta in bought(person, person)]
    assert api.fold(controller=1, source="arrival:0", position=1, deltas=deltas)
    assert not api.fold(controller=1, source="arrival:0", position=1, deltas=deltas)
    found = api.get(controller=1, subjects=list(people))
    assert {person: found[person]["spent_total"] for person in people} == {person: person for person in people}
    with scope.controller(1):
        assert models.Head.objects.get().rev == 4


def test_a_crash_between_turns_is_made_good_by_the_next_call(monkeypatch):
    monkeypatch.setattr(api, "PEOPLE_PER_TURN", 10)
    deltas = [delta for person in range(1, 36) for delta in bought(person, 2)]
    turns = iter([True, True])

    def dies(controller, taken=api._turn):
        if next(turns, None) is None:
            raise KeyboardInterrupt
        return taken(controller)

    with monkeypatch.context() as patch:
        patch.setattr(api, "_turn", dies)
        with pytest.raises(KeyboardInterrupt):
            api.fold(controller=1, source="arrival:0", position=1, deltas=deltas)
    assert api.position(controller=1, source="arrival:0") == 1
    assert api.fold(controller=1, source="arrival:0", position=2, deltas=bought(1, 5))
    found = api.get(controller=1, subjects=list(range(1, 36)))
    assert [found[person]["spent_total"] for person in range(1, 36)] == [7, *[2] * 34]
    with scope.controller(1):
        assert not models.Waiting.objects.exists()


def test_of_two_values_the_later_stays_however_they_arrive():
    api.set_attributes(controller=1, rows=[(ADA, {"city": "Iași", "size": "M"})], at=NOON)
    api.set_attributes(controller=1, rows=[(ADA, {"city": "Cluj"})], at=NOON - timedelta(days=1))
    api.set_attributes(controller=1, rows=[(ADA, {"size": None})], at=NOON + timedelta(days=1))
    assert api.get(controller=1, subjects=[ADA]) == {ADA: {"city": "Iași"}}


def test_segments_see_a_change_in_columns():
    city, spent, vip = (
        attribute("city", PropertyType.STRING),
        attribute("spent_total", PropertyType.MONEY),
        attribute("vip", PropertyType.BOOLEAN),
    )
    api.set_attributes(controller=1, rows=[(ADA, {"city": "Ias\u0326i", "vip": True}), (BEN, {"city": "二"})], at=NOON)
    assert api.mirror(controller=1) == 2
    api.fold(controller=1, source="arrival:0", position=1, deltas=bought(ADA, 10.5))
    assert api.mirror(controller=1) == 1
    assert api.mirror(controller=1) == 0
    expected = {
        ADA: {"n_spent_total": 10.5, "n_vip": 1.0, "t_city": "Ia\u0219i"},  # composed, whichever way it was written
        BEN: {"n_spent_total": None, "n_vip": None, "t_city": "二"},
    }
    assert mirrored(1, city, spent, vip) == expected
    lake.move(controller=1, kind=columns())
    assert mirrored(1, city, spent, vip) == expected
    assert api.rebuild(controller=1) == 2
    assert mirrored(1, city, spent, vip) == expected
    assert api.mirror(controller=1) == 0


def test_many_changes_are_mirrored_in_portions_of_whole_changes(monkeypatch):
    monkeypatch.setattr(api, "PEOPLE_PER_TURN", 7)
    monkeypatch.setattr(api, "MIRRORED_AT_ONCE", 10)
    api.set_attributes(controller=1, rows=[(person, {"city": f"c{person}"}) for person in range(1, 51)], at=NOON)
    assert api.mirror(controller=1) == 50
    city = attribute("city", PropertyType.STRING)
    assert mirrored(1, city) == {person: {"t_city": f"c{person}"} for person in range(1, 51)}


def lying_in(folder):
    """Return all texts that lie in Parquet files."""
    return repr([pq.read_table(file).to_pylist() for file in folder.rglob("*.parquet") if "_delta_log" not in file.parts])


def test_erasing_leaves_others_alone_and_nothing_in_the_mirror(settings):
    city = attribute("city", PropertyType.STRING)
    api.set_attributes(controller=1, rows=[(ADA, {"city": "CANARY"}), (BEN, {"city": "Cluj"})], at=NOON)
    api.mirror(controller=1)
    assert "CANARY" in lying_in(settings.ASSENT_VAR)
    store = ProfileStore()
    assert [held.count for held in store.inventory(controller=1, subject=ADA)] == [1]
    assert [page.rows for page in store.export(controller=1, subject=ADA)] == [[{"attribute": "city", "value": "CANARY"}]]
    assert store.erase(controller=1, subjects=[ADA], by=None, at=NOON).removed == 1
    assert store.erase(controller=1, subjects=[ADA], by=None, at=NOON).removed == 0
    assert api.mirror(controller=1) == 0
    assert "CANARY" not in lying_in(settings.ASSENT_VAR)
    assert mirrored(1, city) == {BEN: {"t_city": "Cluj"}}
    assert list(store.export(controller=1, subject=ADA)) == []


def test_a_person_may_correct_an_attribute_but_not_invent_one():
    api.set_attributes(controller=1, rows=[(ADA, {"city": "Cluj"})], at=NOON)
    changed = ProfileStore().rectify(controller=1, subject=ADA, changes={"city": "Turda", "vip": True}, by=None, at=NOON)
    assert changed == 1
    assert api.get(controller=1, subjects=[ADA]) == {ADA: {"city": "Turda"}}


def test_two_people_who_are_one_have_both_ones_orders(bloom):
    api.fold(controller=bloom, source="a", position=1, deltas=[*bought(ADA, 10), *bought(BEN, 5, NOON_MS + 86_400_000)])
    api.set_attributes(controller=bloom, rows=[(ADA, {"city": "Cluj"})], at=NOON)
    api.set_attributes(controller=bloom, rows=[(BEN, {"city": "Iași"})], at=NOON - timedelta(days=3))
    api.mirror(controller=bloom)
    for _ in range(2):
        api.on_merge(controller=bloom, into=ADA, other=BEN, by=None, at=NOON)
    merged = {"orders_count": 2, "spent_total": 15, "last_order_on": "2026-11-21", "city": "Cluj"}
    assert api.get(controller=bloom, subjects=[ADA, BEN]) == {ADA: merged}
    api.mirror(controller=bloom)
    assert set(mirrored(bloom)) == {ADA}


def test_attributes_are_declared_for_purposes(bloom):
    found = {info.name: info for info in api.attributes(controller=bloom)}
    assert found["spent_total"].purposes == {"direct_marketing"}
    assert found["spent_total"].type is PropertyType.MONEY
    assert found["last_order_on"].column == "t_last_order_on"
    assert "service" in found["city"].purposes
    assert "performance" not in found["city"].purposes
    assert "email" not in found, "sealed data are no attribute"
    assert declared(policies.current(controller=bloom).policy) == api.attributes(controller=bloom)
