"""Segments, templates, campaigns and single messages through the API, up to the catcher."""

import json

import pytest

from assent.dispatch import tasks
from assent.foundation.clock import now
from assent.records.files import api as files
from assent.records.profiles import api as profiles
from tests.agreements import part

from .test_choices import YES

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

CLUJ = {"name": "Cluj", "purpose": "direct_marketing", "definition": {"attribute": "city", "is": "Cluj"}}
SENDER = {"sender_name": "Bloom", "sender_address": "shop@bloom.example"}


def order(house, person, words, **more):
    body = {
        "person": person,
        "purpose": "service",
        "template": words,
        "occasion": "order-ready:A-17",
        "language": "en",
        "variables": {"order": "A-17"},
        **SENDER,
    }
    return house.api.post("/messages", {**body, **more})


def caught(house):
    return [
        json.loads(files.get(controller=house.bloom, file=one.id).data)
        for one in files.listing(controller=house.bloom, kind="mail")
    ]


def hand_over():
    while tasks.hand_over(now()):
        pass


def living_in_cluj(house, *people):
    rows = [(house.inside(person), {"city": "Cluj"}) for person in people]
    profiles.set_attributes(controller=house.bloom, rows=rows, at=now())
    profiles.mirror(controller=house.bloom)


def test_one_message_goes_from_template_to_mail(house):
    template = house.template()
    assert order(house, house.ada, template).body == {"new": True}
    assert order(house, house.ada, template).body == {"new": False}
    (queued,) = house.api.get(f"/people/{house.ada}/messages").body["items"]
    assert (queued["state"], queued["occasion"], queued["purpose"]) == ("due", "api:order-ready:A-17", "service")
    hand_over()
    (mail,) = caught(house)
    assert (mail["to"], mail["subject"], mail["from_address"]) == (
        "ada@people.example",
        "Order A-17 is ready",
        SENDER["sender_address"],
    )
    assert "your order A-17 is ready" in mail["text"]
    sent = house.api.get(f"/messages/{queued['id']}").body
    assert (sent["state"], sent["basis"]) == ("sent", "contract")
    assert len(sent["policy_digest"]) == 64
    assert house.api.get(f"/people/{house.ben}/messages").body["items"] == []


def test_a_marketing_message_without_a_consent_stays_here(house):
    template = house.template()
    assert order(house, house.dan, template, purpose="direct_marketing").status == 202
    hand_over()
    assert caught(house) == []
    (refused,) = house.api.get(f"/people/{house.dan}/messages").body["items"]
    assert (refused["state"], refused["why"]) == ("refused", "no_consent")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"template": 9_999}, "/template"),
        ({"purpose": "no_such_purpose"}, "/purpose"),
        ({"channel": "push"}, "/purpose"),
        ({"sender_address": "Bloom"}, "/sender_address"),
        ({"occasion": "for ada@people.example"}, "/occasion"),
        ({"variables": {"order": ["A"]}}, "/variables"),
        ({"variables": {"ada@people.example": 1}}, "/variables"),
    ],
)
def test_what_can_not_be_sent_is_said_with_its_place(house, change, pointer):
    answer = order(house, house.ada, house.template(), **change)
    assert (answer.status, answer.is_problem) == (422, True)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert b"ada@people" not in answer.raw


def test_a_template_is_a_new_version_only_when_its_words_are(house):
    first = house.template()
    assert house.template() == first
    second = house.template(body={"en": "Other words {{ order }}"})
    assert second != first
    (listed,) = house.api.get("/templates").body["items"]
    assert (listed["id"], listed["version"], listed["variables"]) == (second, 2, ["order"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"subject": {"ro": "S"}}, "/body"),
        ({"body": {"en": "{{ open"}}, "/body/en"),
        ({"body": {"en": "{{ x|shell }}"}}, "/body/en"),
        ({"subject": {"en": ""}}, "/subject/en"),
        ({"subject": {}, "body": {}}, "/subject"),
        ({"body": {"<script>": "x"}}, "/body"),
        ({"name": ""}, "/name"),
    ],
)
def test_a_template_that_can_not_be_sent_is_refused_with_its_place(house, change, pointer):
    answer = house.api.post("/templates", {"name": "T", "subject": {"en": "S"}, "body": {"en": "B"}, **change})
    assert (answer.status, answer.is_problem) == (422, True)
    assert pointer in [one["pointer"] for one in answer.body["errors"]]
    assert b"script" not in answer.raw
    assert b"shell" not in answer.raw


def test_a_segment_counts_who_fits_and_who_may_be_written_to(house):
    living_in_cluj(house, house.ada, house.ben)
    house.api.post(f"/people/{house.ada}/consents", YES)
    made = house.api.post("/segments", CLUJ)
    assert made.status == 201
    assert house.api.get(f"/segments/{made.body['id']}").body == made.body
    counted = house.api.get(f"/segments/{made.body['id']}/count?channel=email").body
    assert counted == {"matched": 2, "allowed": 1, "lost": {"no_consent": 1}}
    again = house.api.post("/segments", CLUJ)
    assert (again.status, again.is_problem) == (409, True)
    assert b"Cluj" not in again.raw


def test_a_faulty_segment_names_each_place(house):
    faulty = {
        "all": [{"attribute": "shoe size", "is": 3}, {"event": "Order Completed", "sum": {"property": "total", "over": "<b>"}}]
    }
    answer = house.api.post("/segments", {**CLUJ, "definition": faulty})
    assert answer.status == 422
    places = [one["pointer"] for one in answer.body["errors"]]
    assert places == ["/definition/all/0/attribute", "/definition/all/1/sum/over"]
    assert b"shoe" not in answer.raw
    assert b"<b>" not in answer.raw


def test_a_campaign_is_set_up_sent_and_followed(house):
    living_in_cluj(house, house.ada, house.ben)
    house.api.post(f"/people/{house.ada}/consents", YES)
    segment = house.api.post("/segments", CLUJ).body["id"]
    template = house.template(name="News", body={"en": "News from {{ controller }}."}, subject={"en": "News"})
    body = {"name": "Autumn", "segment": segment, "purpose": "direct_marketing", "template": template, **SENDER}
    made = house.api.post("/campaigns", body)
    assert (made.status, made.body["state"]) == (201, "draft")
    place = f"/campaigns/{made.body['id']}"
    early = house.api.post(f"{place}/resume")
    assert (early.status, early.is_problem) == (409, True)
    assert house.api.post(f"{place}/send").status == 202
    assert house.api.post(f"{place}/send").status == 409
    assert house.api.post(f"{place}/pause").body["state"] == "paused"
    assert house.api.post(f"{place}/resume").body["state"] == "scheduled"
    from assent.campaigns import api as campaigns

    while campaigns.sweep(at=now()):
        pass
    hand_over()
    campaigns.sweep(at=now())
    progress = house.api.get(f"{place}/progress").body
    assert (progress["matched"], progress["lost"]) == (2, {"no_consent": 1})
    assert {state: count for state, count in progress["messages"].items() if count} == {"sent": 1}
    (mail,) = caught(house)
    assert mail["to"] == "ada@people.example"
    assert "List-Unsubscribe" in mail["headers"]
    cancelled = house.api.post("/campaigns", {**body, "name": "Never"}).body
    assert house.api.post(f"/campaigns/{cancelled['id']}/cancel").body["state"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"segment": 9_999}, "/segment"),
        ({"template": 9_999}, "/template"),
        ({"purpose": "service"}, "/segment"),
        ({"scheduled_at": "2999-01-01T00:00:00Z"}, "/scheduled_at"),
        ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, "/scheduled_at"),
        ({"scheduled_at": "2026-12-01T09:00:00"}, "/scheduled_at"),
        ({"sender_address": "news"}, "/sender_address"),
    ],
)
def test_a_campaign_that_can_not_be_is_refused_with_its_place(house, change, pointer):
    segment = house.api.post("/segments", CLUJ).body["id"]
    body = {
        "name": "A",
        "segment": segment,
        "purpose": "direct_marketing",
        "template": house.template(subject={"en": "S"}, body={"en": "B"}),
        **SENDER,
    }
    answer = house.api.post("/campaigns", {**body, **change})
    assert (answer.status, answer.is_problem) == (422, True)
    assert pointer in [one["pointer"] for one in answer.body["errors"]]


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_lists_show_everything_exactly_once_though_it_was_made_in_one_moment(house, limit, monkeypatch):
    moment = now()
    for module in ("campaigns", "messages", "segments"):
        monkeypatch.setattr(f"assent.entrypoints.api.{module}.now", lambda: moment)
    template = house.template(body={"en": "B"}, subject={"en": "S"})
    segment = house.api.post("/segments", CLUJ).body["id"]
    body = {"segment": segment, "purpose": "direct_marketing", "template": template, **SENDER}
    for number in range(5):
        house.api.post("/campaigns", {**body, "name": f"C{number}"})
        order(house, house.ada, template, occasion=f"order:{number}")
        house.api.post("/segments", {**CLUJ, "name": f"S{number}"})
    for path, count in (("/campaigns", 5), (f"/people/{house.ada}/messages", 5), ("/segments", 6), ("/templates", 1)):
        seen, cursor = [], ""
        while True:
            page = house.api.get(f"{path}?limit={limit}&cursor={cursor}").body
            seen += [one["id"] for one in page["items"]]
            cursor = page["next"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == count
        assert seen == sorted(seen, reverse=path in {"/campaigns", f"/people/{house.ada}/messages"})


def test_without_an_agreement_it_answers_409_and_says_which_is_missing(house):
    segment = house.api.post("/segments", CLUJ).body["id"]
    part(controller=house.bloom, solution="crm", at=now())
    answer = house.api.get(f"/segments/{segment}/count")
    assert (answer.status, answer.body["title"]) == (409, "No agreement in force")
    assert "data processing agreement" in answer.body["detail"]
    eve = {"people": [{"identifiers": {"user_id": "eve"}}]}
    assert house.api.post("/people", eve).status == 200, "other solutions still may"
    for solution in ("website", "loyalty", "location", "ecosystem"):
        part(controller=house.bloom, solution=solution, at=now())
    assert house.api.post("/people", eve).status == 409
    assert house.api.delete(f"/people/{house.ada}").status == 202, "what people are owed goes on"
