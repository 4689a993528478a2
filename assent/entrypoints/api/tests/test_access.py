"""Who may call what, who is a stranger, and how often anyone may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from assent.entrypoints.api import limits, models
from assent.entrypoints.api.urls import api
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission

from .conftest import BY, Caller, make_key

pytestmark = pytest.mark.django_db(databases="__all__")

BODIES = {
    "/people": {"people": [{"identifiers": {"user_id": "x"}}]},
    "/people/search": {"text": "Cleo"},
    "/people/{person}/consents": {
        "purpose": "direct_marketing",
        "channel": "email",
        "wording": "marketing_email",
        "language": "ro",
        "method": "web_form",
    },
    "/people/{person}/withdrawals": {"purpose": "direct_marketing", "channel": "email", "method": "web_form"},
    "/people/{person}/suppressions": {"kind": "restriction"},
    "/people/{person}/suppressions/{stop}/lift": {"reason": "settled"},
    "/segments": {"name": "All", "purpose": "direct_marketing", "definition": {"attribute": "city", "known": True}},
    "/templates": {"name": "T", "subject": {"en": "S"}, "body": {"en": "B"}},
    "/campaigns": {
        "name": "C",
        "segment": 1,
        "purpose": "direct_marketing",
        "template": 1,
        "sender_name": "Bloom",
        "sender_address": "news@bloom.example",
    },
    "/messages": {
        "person": "",
        "purpose": "service",
        "template": 1,
        "sender_name": "Bloom",
        "sender_address": "shop@bloom.example",
        "occasion": "order:1",
    },
    "/packages": {"property": "shop", "package": "AAAA"},
    "/requests": {"kind": "access"},
    "/requests/{number}/identity": {},
    "/requests/{number}/answer": {},
    "/requests/{number}/refusal": {"reasons": ["unfounded"]},
    **{
        f"/requests/{{number}}/{deed}": {"words": "We ask."}
        for deed in ("identity-question", "question", "clarification", "extension")
    },
}


def operations():
    """Yield method, path and verb of everything the document describes."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, described in methods.items():
            yield method.upper(), path.removeprefix("/api/v1"), described["x-verb"]


ALL = sorted(operations())


def body_for(path, person):
    body = dict(BODIES[path]) if path in BODIES else None
    if body and "person" in body:
        body["person"] = person
    return body


def filled(path, **values):
    for name, value in values.items():
        path = path.replace("{" + name + "}", str(value))
    return path


@pytest.fixture
def unhurried(settings):
    settings.ASSENT_API_PER_MINUTE = 1_000_000


def test_nothing_answers_without_a_key_or_with_the_wrong_verb(house, unhurried):
    assert len(ALL) > 25
    for method, path, verb in ALL:
        refused_to_strangers(house, method, path, verb)


def refused_to_strangers(house, method, path, verb):
    place = filled(path, person=house.ada, stop=1, segment=1, campaign=1, message=1, receipt=uuid4(), number="K3M7-9QX2")
    body = body_for(path, house.ada)
    for key in ("", "ak_unknown", "ak_" + "ă" * 20, house.api.key[:-1]):
        found = house.api(method, place, body, key=key) if key else Caller("")(method, place, body)
        assert (found.status, found.is_problem) == (401, True)
        assert found.headers["WWW-Authenticate"].startswith("Bearer")
    others = [one for one in Permission if one.value != verb]
    found = house.caller(*others)(method, place, body)
    assert (found.status, found.is_problem) == (403, True)
    assert verb in found.body["detail"]


def test_a_person_of_another_brand_is_nobody_here(house):
    cleo = house.inside(house.cleo, house.harbour)
    stop = suppression.suppress(controller=house.harbour, kind=Kind.RESTRICTION, subject=cleo, by=BY, at=now())
    unknown = str(uuid4())
    for method, path, _ in ALL:
        if "{person}" not in path:
            continue
        body = body_for(path, house.cleo)
        places = [filled(path, person=who, stop=stop, receipt=unknown) for who in (house.cleo, unknown)]
        hers, nobodys = (house.api(method, place, body) for place in places)
        assert (hers.status, hers.is_problem, hers.raw) == (404, True, nobodys.raw), path
    message = {**BODIES["/messages"], "person": house.cleo, "template": house.template()}
    assert house.api.post("/messages", message).status == 404


def test_things_of_another_brand_are_not_there(house):
    theirs = house.caller(controller=house.harbour)
    template = theirs.post("/templates", BODIES["/templates"]).body["id"]
    segment = theirs.post("/segments", BODIES["/segments"]).body["id"]
    campaign = theirs.post("/campaigns", {**BODIES["/campaigns"], "segment": segment, "template": template}).body["id"]
    message = {**BODIES["/messages"], "person": house.cleo, "template": template}
    assert theirs.post("/messages", message).status == 202
    (sent,) = theirs.get(f"/people/{house.cleo}/messages").body["items"]
    for path in ("/segments", "/templates", "/campaigns", "/people?limit=500"):
        shown = house.api.get(path).body["items"]
        assert house.cleo not in shown
        assert path.startswith("/people") or shown == []
    for path in (f"/segments/{segment}", f"/segments/{segment}/count", f"/campaigns/{campaign}", f"/messages/{sent['id']}"):
        assert house.api.get(path).status == 404
        assert theirs.get(path).status == 200
    for verb in ("send", "pause", "resume", "cancel"):
        assert house.api.post(f"/campaigns/{campaign}/{verb}").status == 404
    mine = house.api.post("/messages", {**message, "person": house.ada})
    assert (mine.status, mine.body["errors"][0]["pointer"]) == (422, "/template")
    for part in ({"segment": segment, "template": house.template()}, {"segment": segment, "template": template}):
        assert house.api.post("/campaigns", {**BODIES["/campaigns"], **part}).status == 422


def test_a_revoked_key_opens_nothing(house):
    info = tenancy.api_key(clear=house.api.key)
    assert house.api.get("/people").status == 200
    tenancy.revoke_api_key(controller=house.bloom, key=info.id, by=BY, at=now())
    assert house.api.get("/people").status == 401


def test_too_many_requests_are_told_when_to_come_back(house, settings):
    settings.ASSENT_API_PER_MINUTE = 40
    moment = now().replace(second=20, microsecond=0)
    info = tenancy.api_key(clear=house.api.key)
    assert [limits.wait_for(info, at=moment) for _ in range(40)] == [0] * 40
    assert limits.wait_for(info, at=moment) == 40
    assert limits.wait_for(info, at=moment.replace(second=59)) == 1
    other = tenancy.api_key(clear=make_key(house.bloom))
    assert limits.wait_for(other, at=moment) == 0


def test_the_limit_is_answered_as_429(house, settings):
    settings.ASSENT_API_PER_MINUTE = 3
    answers = [house.api.get("/people") for _ in range(8)]
    refused = [found for found in answers if found.status != 200]
    # A minute may end between two of them, and then there is a new allowance.
    assert 2 <= len(refused) <= 5
    assert all(found.status == 429 and found.is_problem for found in refused)
    assert all(1 <= int(found.headers["Retry-After"]) <= 60 for found in refused)


def test_several_processes_share_one_allowance(house, settings):
    settings.ASSENT_API_PER_MINUTE = 100
    moment = now()
    info = tenancy.api_key(clear=house.api.key)
    passed = 0
    for _ in range(400):
        limits.forget()  # another process has drawn nothing
        passed += limits.wait_for(info, at=moment) == 0
    assert passed == 20  # each drew a portion of five and used one of it
    with scope.controller(house.bloom):
        assert models.Allowance.objects.get(api_key=info.id).taken == 100


def test_the_next_minute_has_its_own_allowance(house, settings):
    settings.ASSENT_API_PER_MINUTE = 2
    moment = now()
    info = tenancy.api_key(clear=house.api.key)
    waits = [limits.wait_for(info, at=moment) for _ in range(3)]
    assert waits[:2] == [0, 0]
    later = moment.fromtimestamp(moment.timestamp() + waits[2], moment.tzinfo)
    assert limits.wait_for(info, at=later) == 0


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_many_who_begin_a_minute_together_are_all_let_through(house):
    info, moment = tenancy.api_key(clear=house.api.key), now()
    ready = Barrier(8)

    def begin(at):
        try:
            ready.wait()
            return limits.wait_for(info, at=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for minute in range(5):
            at = moment + timedelta(minutes=minute)
            assert list(pool.map(begin, [at] * 8)) == [0] * 8
