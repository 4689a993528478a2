"""Choices through the API."""

import pytest

from assent.dispatch import api as dispatch
from assent.foundation.clock import now
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question
from assent.privacy.suppression import ports as suppression_ports

pytestmark = pytest.mark.django_db(databases="__all__")

YES = {
    "purpose": "direct_marketing",
    "channel": "email",
    "wording": "marketing_email",
    "language": "ro",
    "method": "web_form",
    "source": "checkout",
}
NO = {"purpose": "direct_marketing", "channel": "email", "method": "web_form"}


def may(house, person):
    question = Question(Operation.USE, "direct_marketing", house.inside(person), now(), channel="email")
    return lawfulness.decide(controller=house.bloom, question=question).yes


def test_a_consent_allows_and_its_withdrawal_forbids(house):
    assert not may(house, house.ada)
    given = house.api.post(f"/people/{house.ada}/consents", YES)
    assert given.status == 201
    assert (given.body["choice"], given.body["source"], len(given.body["text_digest"])) == ("given", "checkout", 64)
    assert may(house, house.ada)
    assert house.api.post(f"/people/{house.ada}/withdrawals", NO).body == {"acknowledged": True}
    assert not may(house, house.ada)
    records = house.api.get(f"/people/{house.ada}/consents").body
    assert [one["choice"] for one in records] == ["given", "withdrawn"]
    assert house.api.get(f"/people/{house.ben}/consents").body == []


def test_a_withdrawal_says_when_a_message_was_still_on_its_way(house):
    asked = []

    def open_once(*, controller, subject):
        asked.append(subject)
        return len(asked) < 3

    suppression_ports.wire(open_claims=open_once)
    try:
        answer = house.api.post(f"/people/{house.ada}/withdrawals", NO)
    finally:
        suppression_ports.wire(open_claims=dispatch.open_claims)
    assert answer.body == {"acknowledged": True}
    assert asked == [house.inside(house.ada)] * 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"purpose": "no_such_purpose"}, "direct_marketing"),
        ({"wording": "no_such_text"}, "marketing_email"),
        ({"channel": "post"}, "email"),
        ({"channel": None}, "email"),
        ({"language": "xx"}, "ro"),
        ({"purpose": "service"}, "contract"),
    ],
)
def test_a_choice_the_policy_does_not_know_is_refused_with_what_it_knows(house, change, said):
    answer = house.api.post(f"/people/{house.ada}/consents", {**YES, **change})
    assert (answer.status, answer.is_problem) == (422, True)
    assert said in answer.body["detail"]
    assert house.api.get(f"/people/{house.ada}/consents").body == []


@pytest.mark.parametrize("field", ["purpose", "wording", "language", "method", "source"])
def test_words_of_a_person_are_no_codes(house, field):
    answer = house.api.post(f"/people/{house.ada}/consents", {**YES, field: "Ada Popescu, ada@people.example"})
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, f"/{field}")
    assert b"Popescu" not in answer.raw


def test_a_stop_beats_a_consent_until_it_is_lifted(house):
    house.api.post(f"/people/{house.ada}/consents", YES)
    stopped = house.api.post(f"/people/{house.ada}/suppressions", {"kind": "restriction", "reason": "accuracy-disputed"})
    assert stopped.body == {"acknowledged": True}
    assert not may(house, house.ada)
    (stop,) = house.api.get(f"/people/{house.ada}/suppressions").body
    assert (stop["kind"], stop["purpose"], stop["channel"]) == ("restriction", "", "any")
    place = f"/people/{house.ada}/suppressions/{stop['id']}/lift"
    assert house.api.post(place).status == 422
    assert house.api.post(f"/people/{house.ben}/suppressions/{stop['id']}/lift", {"reason": "settled"}).status == 404
    assert house.api.post(place, {"reason": "settled"}).status == 204
    assert house.api.post(place, {"reason": "settled"}).status == 404
    assert may(house, house.ada)


def test_nobody_lifts_a_persons_own_no(house):
    house.api.post(f"/people/{house.ada}/suppressions", {"kind": "objection", "purpose": "direct_marketing"})
    (stop,) = house.api.get(f"/people/{house.ada}/suppressions").body
    answer = house.api.post(f"/people/{house.ada}/suppressions/{stop['id']}/lift", {"reason": "settled"})
    assert (answer.status, answer.is_problem) == (409, True)
    assert "explicit consent" in answer.body["detail"]


def test_a_stop_that_makes_no_sense_is_refused(house):
    for body in ({"kind": "bounce"}, {"kind": "legal_stop", "channel": "email"}, {"kind": "objection", "purpose": "unknown"}):
        answer = house.api.post(f"/people/{house.ada}/suppressions", body)
        assert (answer.status, answer.is_problem) == (422, True)
        assert ":" in answer.body["detail"]
