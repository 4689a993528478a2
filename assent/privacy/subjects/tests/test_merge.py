"""Two people turn out to be one."""

import pytest

from assent.audit import api as audit
from assent.foundation import scope
from assent.foundation.clock import now
from assent.foundation.personal import NotYet
from assent.privacy.subjects import api, merge as merging, models, ports
from assent.privacy.subjects.contracts import NotActive, UnknownSubject
from assent.privacy.subjects.tests.conftest import US
from assent.privacy.subjects.tests.test_keys import rows_of

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def two(bloom, take):
    ada = take(bloom, user_id="u1", email="ada@work.example", first_name="Ada")
    other = take(bloom, user_id="u2", anonymous_id="b", email="ada@home.example", first_name="Adina", last_name="Pop")
    return ada.subject, other.subject


def merge(controller, into, other):
    api.merge(controller=controller, into=into, other=other, by=US, at=now())


def test_the_one_who_stays_is_found_by_all_that_both_were_found_by(bloom, two, who):
    ada, other = two
    merge(bloom, ada, other)
    for kind, value in [("user_id", "u1"), ("user_id", "u2"), ("anonymous_id", "b"), ("email", "ada@home.example")]:
        assert api.recognise(controller=bloom, kind=kind, values=[value]) == [ada]
    known = who(bloom, ada)
    assert (known["email"], known["first_name"], known["last_name"]) == ("ada@work.example", "Ada", "Pop")
    assert api.search(controller=bloom, text="pop") == [ada]
    assert api.search(controller=bloom, text="adina") == []
    assert rows_of(bloom, other) == [0, 0, 0, 0]
    assert api.count(controller=bloom) == 1
    assert len(audit.entries(controller=bloom, did="subjects.people.merged")) == 1


def test_the_rooms_move_their_rows_before_any_address_does_and_look_once_more(bloom, two):
    ada, other = two
    seen = []

    def room(*, controller, into, other, by, at):
        owner = api.recognise(controller=controller, kind="email", values=["ada@home.example"])[0]
        usable = other not in api.erasing(controller=controller, subjects=[other])
        seen.append((into == ada, owner == into, usable, str(by)))

    ports.on_merge("consent", room)
    merge(bloom, ada, other)
    assert seen == [(True, False, False, "system:test"), (True, True, False, "system:test")]


def test_a_room_can_open_what_it_sealed_for_the_other_until_it_has_moved_it(bloom, two):
    ada, other = two
    rows = {other: api.seal_many(controller=bloom, items=[(other, "file", b"photo")])[0]}

    def files(*, controller, into, other, by, at):
        if other in rows:
            plain = api.open_many(controller=controller, items=[(other, "file", rows.pop(other))])[0]
            rows[into] = api.seal_many(controller=controller, items=[(into, "file", plain)])[0]

    ports.on_merge("files", files)
    merge(bloom, ada, other)
    assert api.open_many(controller=bloom, items=[(ada, "file", rows[ada])]) == [b"photo"]


@pytest.mark.parametrize("failing_call", [1, 2])
def test_an_interrupted_merge_is_finished_later_and_nothing_happens_meanwhile(bloom, two, take, failing_call):
    ada, other = two
    calls = []

    def lake(*, controller, into, other, by, at):
        calls.append(into)
        if len(calls) == failing_call:
            raise NotYet

    ports.on_merge("lake", lake)
    with pytest.raises(NotYet):
        merge(bloom, ada, other)
    assert api.erasing(controller=bloom, subjects=[ada, other]) == {other}
    assert rows_of(bloom, other)[0] == 1
    assert api.sweep_merges(controller=bloom, at=now()) == 1
    assert api.sweep_merges(controller=bloom, at=now()) == 0
    assert rows_of(bloom, other) == [0, 0, 0, 0]
    assert api.recognise(controller=bloom, kind="user_id", values=["u2"]) == [ada]


def test_a_merge_that_stays_impossible_stays_waiting(bloom, two):
    def lake(**_):
        raise NotYet

    ports.on_merge("lake", lake)
    with pytest.raises(NotYet):
        merge(bloom, *two)
    assert api.sweep_merges(controller=bloom, at=now()) == 0
    with pytest.raises(NotYet):
        api.begin_erasure(controller=bloom, subjects=[two[0]], by=US, at=now())


def test_erasing_someone_amid_a_merge_erases_both(bloom, two, erase, monkeypatch):
    ada, other = two
    with monkeypatch.context() as crashed:
        crashed.setattr(merging, "_finish", lambda *_, **__: None)
        merge(bloom, ada, other)
    erase(bloom, [ada])
    assert rows_of(bloom, ada) == rows_of(bloom, other) == [0, 0, 0, 0]
    assert api.recognise(controller=bloom, kind="user_id", values=["u1", "u2"]) == [0, 0]
    with scope.controller(bloom):
        assert not models.Merging.objects.exists()
        assert not models.BlindIndex.objects.exists()


def test_whoever_is_unknown_leaving_or_another_brands_is_not_merged(bloom, harbour, two, take):
    ada, other = two
    cleo = take(harbour, user_id="cleo").subject
    with pytest.raises(UnknownSubject):
        merge(bloom, ada, cleo)
    api.begin_erasure(controller=bloom, subjects=[other], by=US, at=now())
    with pytest.raises(NotActive):
        merge(bloom, ada, other)
    merge(bloom, ada, ada)
    assert rows_of(bloom, ada)[0] == 1
