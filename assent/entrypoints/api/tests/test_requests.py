"""Requests through the API: registered by the brand's own systems, followed and answered there."""

import io
import zipfile
from datetime import timedelta

import pytest

from assent.foundation.clock import now
from assent.tenancy.contracts import Permission

pytestmark = pytest.mark.django_db(databases="__all__")

CORRECTION = {"kind": "rectification", "vouched": True, "asked": {"fields": {"first_name": "Adela"}}}


def test_a_request_is_registered_followed_and_granted(house):
    made = house.api.post("/requests", {**CORRECTION, "person": house.ada})
    assert (made.status, made.body["state"], made.body["clock"]) == (201, "in_progress", "running")
    number = made.body["number"]

    done = house.api.post(f"/requests/{number}/answer", {"words": "We looked."})
    assert (done.status, done.body["outcome"]) == (200, "granted")

    story = house.api.get(f"/requests/{number}").body
    assert [step["step"] for step in story["steps"]][:2] == ["received", "decided"]
    assert house.api.get(f"/people/{house.ada}").body["identifiers"]["first_name"] == "Adela"


def test_the_same_again_joins_the_open_one(house):
    first, again = (house.api.post("/requests", {**CORRECTION, "person": house.ada}).body for _ in range(2))
    assert (first["number"], first["joined"], again["joined"]) == (again["number"], False, True)


def test_a_copy_is_handed_over_to_a_key_that_may_export(house):
    made = house.api.post("/requests", {"kind": "access", "person": house.ada, "vouched": True}).body
    answer = house.api.get(f"/requests/{made['number']}/copy")
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as archive:
        assert "about/processing.json" in archive.namelist()
    assert house.caller(Permission.REQUESTS_ANSWER).get(f"/requests/{made['number']}/copy").status == 403


def test_an_unknown_address_is_answered_honestly_and_kept_nowhere(house):
    made = house.api.post("/requests", {"kind": "access", "email": "nobody@people.example"})
    assert (made.body["state"], made.body["outcome"], made.body["person"]) == ("answered", "nobody", None)
    assert b"nobody@people.example" not in made.raw


def test_who_is_not_vouched_for_is_identified_first(house):
    made = house.api.post("/requests", {"kind": "access", "email": "ada@people.example"}).body
    assert (made["state"], made["person"]) == ("received", house.ada)
    asked = house.api.post(f"/requests/{made['number']}/identity-question", {"words": "Your customer number?"}).body
    assert (asked["state"], asked["clock"]) == ("identity", "standing")
    known = house.api.post(f"/requests/{made['number']}/identity", {})
    assert known.body["state"] == "in_progress"


def test_more_time_a_question_a_refusal_and_a_withdrawal(house):
    def made(decision):
        body = {"kind": "human_review", "person": house.ben, "vouched": True, "asked": {"decision": decision}}
        return house.api.post("/requests", body).body["number"]

    number = made("credit")
    assert house.api.post(f"/requests/{number}/extension", {"words": "Many requests."}).body["extended"] is True
    assert house.api.post(f"/requests/{number}/extension", {"words": "Again."}).status == 409
    assert house.api.post(f"/requests/{number}/question", {"words": "Which?"}).body["state"] == "clarification"
    assert house.api.post(f"/requests/{number}/clarification", {"words": "That."}).body["state"] == "in_progress"
    refused = house.api.post(f"/requests/{number}/refusal", {"reasons": ["unfounded"]}).body
    assert (refused["outcome"], refused["reasons"]) == ("refused", ["unfounded"])
    assert [house.api.post(f"/requests/{number}/withdrawal").status for _ in range(2)] == [200, 409]


def test_the_list_is_paged_and_only_ones_own(house):
    for person in (house.ada, house.ben, house.dan):
        house.api.post("/requests", {**CORRECTION, "person": person})
    first = house.api.get("/requests?limit=2&which=open").body
    second = house.api.get(f"/requests?limit=2&which=open&cursor={first['next']}").body
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, ""]
    stranger = house.caller(controller=house.harbour)
    assert stranger.get("/requests").body["items"] == []
    assert stranger.get(f"/requests/{first['items'][0]['number']}").status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "access"}, 422),
        ({"kind": "access", "email": "a@people.example", "phone": "+40721000000"}, 422),
        ({"kind": "rectification", "email": "ada@people.example"}, 422),
        ({"kind": "dance", "email": "ada@people.example"}, 422),
        ({"kind": "access", "person": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_what_does_not_fit_is_said(house, body, status):
    answer = house.api.post("/requests", body)
    assert (answer.status, answer.is_problem) == (status, True)
    later = {**CORRECTION, "person": house.ada, "received_at": (now() + timedelta(days=1)).isoformat()}
    assert house.api.post("/requests", later).status == 422


def test_registering_is_not_answering(house):
    clerk = house.caller(Permission.REQUESTS_REGISTER)
    number = clerk.post("/requests", {**CORRECTION, "person": house.ada}).body["number"]
    assert [clerk.get("/requests").status, clerk.post(f"/requests/{number}/answer", {}).status] == [403, 403]
