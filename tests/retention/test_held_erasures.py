"""Erasure at a person's wish while something must stay: the rest goes at once, and what stays goes by itself later."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.config.wiring import wire
from assent.privacy.retention import api
from assent.privacy.retention.contracts import HoldReason
from assent.privacy.rights import api as rights, ports
from assent.privacy.rights.contracts import ErasureState, Identity, Outcome, Refusal, RequestKind, Told, Via
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from tests.retention.conftest import ADDRESS, BEGAN, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

ASKED = datetime(2020, 6, 2, 12, tzinfo=UTC)
MARKETING = {"age_band": "30-39", "clicks_count": 2}


@pytest.fixture
def texts(house):
    """Note down what people are told, each thing once."""
    told = {}

    def tell(**said):
        told.setdefault(said["occasion"], f"{said['heading']}\n\n{said['text']}")
        return Told.SENT

    ports.wire(tell=tell)
    yield told
    ports.clear()
    wire()


def asks(house, name, language="en"):
    return rights.receive(
        controller=house.bloom, kind=RequestKind.ERASURE, subject=house.made[name], via=Via.PORTAL,
        identity=Identity.SIGNED_IN, by=Actor.person(), at=ASKED, language=language,
    ).request  # fmt: skip


def work(at):
    """Do what the worker does in some minutes."""
    for minutes in (0, 5, 30, 65, 90, 130):
        moment = at + timedelta(minutes=minutes)
        rights.sweep_requests(at=moment)
        rights.sweep_held(at=moment)
        rights.sweep_erasures(at=moment)


def hold(house, *, purpose="", name=None, until=date(2021, 3, 1)):
    return api.hold(
        controller=house.bloom, subjects=[house.made[name]] if name else None, purpose=purpose, reason=HoldReason.CLAIM,
        reference="C-118", until=until, by=OFFICER, at=BEGAN,
    )  # fmt: skip


def subscriber(house, name):
    house.meet(name, **ADDRESS)
    house.has(name, BEGAN, **MARKETING)
    house.says_yes(name, BEGAN)


def story(house, request, at=ASKED):
    return rights.story(controller=house.bloom, request=request.id, at=at)


def test_what_a_hold_on_a_purpose_does_not_cover_goes_and_the_rest_follows_by_itself(house, texts):
    subscriber(house, "ada")
    made = hold(house, purpose="direct_marketing")
    asked = asks(house, "ada")
    work(ASKED)

    assert house.attributes("ada") == MARKETING
    assert not house.knows("ada", "street")
    assert house.knows("ada")
    now = story(house, asked)
    assert (now.request.outcome, now.request.refusals) == (Outcome.PARTLY, (Refusal.LEGAL_HOLD,))
    assert [one.store for one in now.stays] == ["direct_marketing"]
    assert "2021-03-01" in now.stays[0].because
    assert now.request.closed_at is None
    (text,) = texts.values()
    assert "March 1, 2021" in text
    assert "C-118" not in text

    later = ASKED + timedelta(days=9)
    api.release(controller=house.bloom, hold=made.id, by=OFFICER, at=later)
    work(later)
    work(later + timedelta(hours=5))
    assert not house.there("ada")
    assert story(house, asked, later).request.closed_at is not None


def test_whom_a_hold_meets_after_the_answer_hears_that_some_of_it_stays(house, texts):
    subscriber(house, "ada")

    def tell(**said):
        if said["occasion"].endswith(":answer"):
            hold(house, purpose="direct_marketing")  # made while the answer that promised everything was on its way
        texts.setdefault(said["occasion"], f"{said['heading']}\n\n{said['text']}")
        return Told.SENT

    ports.wire(tell=tell)
    asked = asks(house, "ada")
    work(ASKED)
    answer, late = texts.values()
    assert "We erase your data now, in every place we keep them, and destroy the key" in answer
    assert "a reason has come up" in late
    assert "March 1, 2021" in late
    now = story(house, asked)
    assert (now.request.outcome, now.request.refusals) == (Outcome.PARTLY, (Refusal.LEGAL_HOLD,))
    assert not house.knows("ada", "street")
    assert house.knows("ada")


def test_the_late_word_goes_before_the_address_does_and_once(house, texts):
    subscriber(house, "ada")
    tries = []

    def tell(**said):
        if said["occasion"].endswith(":answer"):
            hold(house, purpose="direct_marketing")
        elif len(tries) < 2:
            tries.append(house.knows("ada", "street"))
            return Told.WAITING
        texts.setdefault(said["occasion"], said["text"])
        return Told.SENT

    ports.wire(tell=tell)
    asks(house, "ada")
    work(ASKED)
    assert tries == [True, True], "nothing is erased while the word is on its way"
    assert [occasion.rpartition(":")[2] for occasion in texts] == ["answer", "held"]
    assert not house.knows("ada", "street")


def test_a_hold_on_a_purpose_for_everyone_stops_nobody_who_has_nothing_in_it(house, texts):
    house.meet("ben", **ADDRESS)
    hold(house, purpose="direct_marketing")
    asked = asks(house, "ben")
    work(ASKED)
    assert not house.there("ben")
    assert story(house, asked).request.outcome is Outcome.GRANTED


def test_a_hold_on_the_whole_person_keeps_all_of_it_unused(house, texts):
    subscriber(house, "ada")
    hold(house, name="ada")
    asks(house, "ada")
    work(ASKED)
    assert house.attributes("ada") == MARKETING
    assert house.knows("ada", "street")
    stopped = suppression.active(controller=house.bloom, subject=house.made["ada"])
    assert Kind.RESTRICTION in {one.kind for one in stopped}


def test_what_a_law_obliges_to_keep_stays_with_its_clause_until_its_day(house, texts):
    subscriber(house, "ada")
    house.did("ada", "Order Completed", BEGAN, "service", "legal_accounts", "direct_marketing")
    asked = asks(house, "ada", language="ro")
    work(ASKED)
    assert house.purposes_of_events("ada") == [("legal_accounts",)]
    assert house.attributes("ada") == {}
    assert (house.knows("ada", "street"), house.knows("ada")) == (True, False)
    assert story(house, asked).request.refusals == (Refusal.LEGAL_OBLIGATION,)
    (text,) = texts.values()
    assert "art. 17" in text
    assert "30 iunie 2026" in text.lower()

    after = datetime(2026, 7, 2, 12, tzinfo=UTC)
    work(after)
    work(after + timedelta(hours=5))
    assert not house.there("ada")


def test_staff_and_other_systems_who_erase_directly_erase_as_far_as_nothing_must_stay(house):
    subscriber(house, "ada")
    house.meet("ben")
    made = hold(house, purpose="direct_marketing")
    people = [house.made["ada"], house.made["ben"]]
    reports = rights.erase_unheld(controller=house.bloom, subjects=people, by=OFFICER, at=ASKED)
    assert sorted(one.state for one in reports) == [ErasureState.DONE, ErasureState.HELD]
    part = next(one for one in reports if one.state is ErasureState.HELD)
    removed = {one.store: one.removed for one in part.stores}
    assert removed["subjects"] > 0
    assert all(one.kept_because == "hold: claim" for one in part.stores)
    lines = [line.did for _, line in audit.entries(controller=house.bloom, limit=20)]
    assert Did.PERSON_ERASED_IN_PART in lines

    api.release(controller=house.bloom, hold=made.id, by=OFFICER, at=ASKED)
    rights.sweep_held(at=ASKED + timedelta(minutes=30))
    assert house.there("ada"), "it is looked at once an hour"
    rights.sweep_held(at=ASKED + timedelta(hours=2))
    rights.sweep_erasures(at=ASKED + timedelta(hours=3))
    assert not house.there("ada")
