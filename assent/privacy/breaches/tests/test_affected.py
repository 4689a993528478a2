"""Whom a breach affects, found from the book; and telling them, once each, whatever is killed in between."""

from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.privacy.breaches import affected as affected_module, api, telling
from assent.privacy.breaches.contracts import Nature, NotNow, Reading
from assent.privacy.breaches.store import BreachStore
from assent.privacy.breaches.tests.conftest import HOUR, LEAKED, OFFICER, WORDS, reach, read

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def breach(cast):
    made = api.suspect(
        controller=cast.bloom, title="A key leaked", found_at=cast.noon, nature=[Nature.CONFIDENTIALITY], by=OFFICER,
        at=cast.noon,
    )  # fmt: skip
    return made.id


def find(cast, breach, **more):
    return api.find_affected(controller=cast.bloom, breach=breach, reach=reach(cast, **more), by=OFFICER, at=cast.noon + HOUR)


def ids(cast, breach):
    return api.affected(controller=cast.bloom, breach=breach).tolist()


def confirmed(cast, breach):
    api.confirm(controller=cast.bloom, breach=breach, aware_at=cast.noon, by=OFFICER, at=cast.noon + HOUR)


def tell(cast, breach, words=WORDS, at=None):
    return api.tell_people(controller=cast.bloom, breach=breach, words=words, by=OFFICER, at=at or cast.noon + HOUR)


def test_it_finds_whom_the_key_read_and_nobody_else(cast, breach):
    read(cast, 11, 12, 12)
    read(cast, 14, by=Actor.key(8))
    audit.write_bulk(Did.SEGMENT_READ, controller=cast.bloom, by=LEAKED, at=cast.noon, subjects=[12, 99])
    found = find(cast, breach)
    assert ids(cast, breach) == [11, 12, 99]
    assert (found.people, found.records, found.unnamed, found.altered) == (3, 4, 0, 0)
    assert found.readings == {"identifiers": (3, 2), "segments": (1, 2)}


def test_a_narrower_reach_finds_fewer_and_takes_the_place_of_the_wider(cast, breach):
    read(cast, 11)
    read(cast, 12, at=cast.noon - timedelta(minutes=30))
    audit.write(Did.TIMELINE_READ, controller=cast.bloom, by=LEAKED, at=cast.noon, about=14)
    assert find(cast, breach).people == 3
    assert find(cast, breach, readings=(Reading.IDENTIFIERS,), since=cast.noon).people == 1
    assert ids(cast, breach) == [11]


def test_what_staff_estimate_is_said_to_be_an_estimate(cast, breach):
    read(cast, 11)
    find(cast, breach)
    found = api.state_affected(controller=cast.bloom, breach=breach, people=40, records=50, by=OFFICER, at=cast.noon)
    assert (found.people, found.records, found.stated, ids(cast, breach)) == (40, 50, True, [])


def test_everybody_found_gets_one_letter_and_progress_is_shown(cast, breach, drawer, monkeypatch):
    monkeypatch.setattr(affected_module, "A_PART", 2)
    read(cast, 11, 12, 13, 14, 15)
    find(cast, breach)
    confirmed(cast, breach)
    tell(cast, breach)
    assert api.progress(controller=cast.bloom, breach=breach).queued == 0
    assert api.sweep_letters(at=cast.noon + 2 * HOUR) is False
    assert drawer.whom(f"breach:{breach}") == [11, 12, 13, 14, 15]
    found = api.progress(controller=cast.bloom, breach=breach)
    assert (found.people, found.queued, found.letters) == (5, 5, {"due": 5})
    calls = drawer.calls
    api.sweep_letters(at=cast.noon + 3 * HOUR)
    assert drawer.calls == calls


def test_a_killed_worker_is_followed_by_another_and_nobody_is_told_twice(cast, breach, drawer, monkeypatch):
    monkeypatch.setattr(affected_module, "A_PART", 2)
    read(cast, 11, 12, 13)
    find(cast, breach)
    confirmed(cast, breach)
    tell(cast, breach)
    whole = telling._queue

    def killed(controller, part, at):
        drawer.write(
            controller=controller, occasion=telling._occasion(part.breach), people=[11, 12], words=WORDS, by=OFFICER, at=at
        )
        raise SystemExit

    monkeypatch.setattr(telling, "_queue", killed)
    with pytest.raises(SystemExit):
        api.sweep_letters(at=cast.noon + HOUR)
    monkeypatch.setattr(telling, "_queue", whole)
    api.sweep_letters(at=cast.noon + HOUR)
    assert api.progress(controller=cast.bloom, breach=breach).queued == 1  # the dead one's lease still holds the first part
    api.sweep_letters(at=cast.noon + 2 * HOUR)
    assert drawer.whom(f"breach:{breach}") == [11, 12, 13]
    assert api.progress(controller=cast.bloom, breach=breach).queued == 3


def test_nobody_is_told_of_a_suspicion_or_before_they_are_found_or_twice_or_in_half_the_languages(cast, breach, drawer):
    with pytest.raises(NotNow, match="only suspected"):
        tell(cast, breach)
    confirmed(cast, breach)
    with pytest.raises(NotNow, match="nobody was found"):
        tell(cast, breach)
    read(cast, 11)
    find(cast, breach)
    with pytest.raises(NotNow, match="not written in ro"):
        tell(cast, breach, words={"en": WORDS["en"]})
    tell(cast, breach)
    with pytest.raises(NotNow, match="already"):
        tell(cast, breach)
    with pytest.raises(NotNow, match="on their way"):
        find(cast, breach)


def test_a_person_may_read_which_breach_touched_them(cast, breach):
    read(cast, 11)
    find(cast, breach)
    store = BreachStore()
    [page] = store.export(controller=cast.bloom, subject=11)
    assert [row["title"] for row in page.rows] == ["A key leaked"]
    assert list(store.export(controller=cast.bloom, subject=12)) == []
    assert [held.count for held in store.inventory(controller=cast.bloom, subject=11)] == [1, 0]
    assert store.erase(controller=cast.bloom, subjects=[11], by=OFFICER, at=cast.noon).kept == 1


def test_when_two_turn_out_to_be_one_the_one_is_told_once(cast, breach, drawer):
    read(cast, 11, 12, 14)
    find(cast, breach)
    api.on_merge(controller=cast.bloom, into=20, other=12)
    assert ids(cast, breach) == [11, 14, 20]
    api.on_merge(controller=cast.bloom, into=11, other=14)
    assert ids(cast, breach) == [11, 20]
    assert api.breach(controller=cast.bloom, breach=breach).people == 2


def test_proposals_come_from_what_was_read(cast, breach):
    read(cast, 11)
    find(cast, breach)
    data, inputs = api.propose(controller=cast.bloom, breach=breach)
    assert "email" in data
    assert inputs.confidentiality == "most"
