"""What nobody should send: a clear problem, no value repeated, nothing broken."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings as effort, strategies as st

from assent.entrypoints.api import limits
from assent.entrypoints.api.urls import api
from assent.privacy.subjects import api as subjects

from .test_access import ALL, BODIES, body_for, filled

pytestmark = pytest.mark.django_db(databases="__all__")

NAUGHTY = json.loads((Path(__file__).parents[2] / "collect" / "tests" / "data" / "blns.json").read_text())
EXTREME = ["\0", "a\0b", "\ud800", "\u202e", "\ufeff", "A" * 100_000, "İ" * 300, "\r\nSet-Cookie: x=1", "9" * 400, "1e999"]


@pytest.fixture(autouse=True)
def _unhurried(settings):
    settings.ASSENT_API_PER_MINUTE = 1_000_000


def sound(found):
    """Hold what every answer promises."""
    assert found.status < 500
    if found.status >= 400:
        assert found.is_problem
        assert set(found.body) <= {"type", "title", "status", "detail", "errors"}
        for one in found.body.get("errors", ()):
            assert set(one) in ({"pointer", "detail"}, {"parameter", "detail"})
    return found


@pytest.mark.parametrize("path", ["/", "/nothing", "/people/", "/people/x/y/z", "/../people", "/docs/x", "/people%00"])
@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
def test_unknown_places_are_problems_too(method, path):
    found = Client().generic(method, f"/api/v1{path}")
    assert found.status_code == 404
    assert found.headers["Content-Type"] == "application/problem+json"
    assert found.json()["title"] == "Nothing here"


def test_a_wrong_method_is_told_which_are_right(house):
    found = house.api("PUT", f"/people/{house.ada}")
    assert (found.status, found.is_problem) == (405, True)
    assert {word.strip() for word in found.headers["Allow"].split(",")} >= {"GET", "DELETE"}


def test_a_host_name_that_is_not_ours_is_a_problem():
    found = Client().get("/api/v1/people", headers={"host": "evil.example"})
    assert (found.status_code, found.headers["Content-Type"]) == (400, "application/problem+json")
    assert b"evil" not in found.content


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe",
        b'{"people": NaN}',
        b'{"people": "\\ud800"}',
        b'{"people": "\xed\xa0\x80"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"people": [{"identifiers": {"user_id": "a\\u0000b"}}]}',
        b"secret-address@people.example",
    ],
)
def test_what_is_not_json_is_said_without_repeating_it(house, raw):
    found = sound(house.api("POST", "/people", raw=raw))
    assert found.status == 400
    assert b"secret" not in found.raw
    assert house.api("POST", "/people", raw=raw, Idempotency_Key="k").status == 400


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'"x"', b"1", b"{}", b'{"people": {}}', b'{"people": [1, null, {}]}'])
def test_what_does_not_fit_is_said_with_its_place(house, raw):
    found = sound(house.api("POST", "/people", raw=raw))
    assert found.status == 422
    assert all(one["pointer"] == "" or one["pointer"].startswith("/people") for one in found.body["errors"])


def test_an_oversized_body_is_refused_unread(house):
    raw = b'{"people": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    for headers in ({}, {"Idempotency_Key": "k"}):
        found = sound(house.api("POST", "/people", raw=raw, **headers))
        assert (found.status, found.body["title"]) == (413, "Too large")


def test_a_busy_database_asks_for_patience(house, monkeypatch):
    def locked(**_):
        raise OperationalError("database is locked")

    monkeypatch.setattr(subjects, "upsert_many", locked)
    for headers in ({}, {"Idempotency_Key": "k"}):
        found = house.api("POST", "/people", BODIES["/people"], **headers)
        assert (found.status, found.is_problem, found.headers["Retry-After"]) == (503, True, "1")
    monkeypatch.undo()
    assert house.api("POST", "/people", BODIES["/people"], Idempotency_Key="k").status == 200


def test_a_mistake_of_ours_says_nothing_of_what_was_sent(house, monkeypatch):
    def fails(**_):
        raise RuntimeError("ada@people.example")

    monkeypatch.setattr(subjects, "upsert_many", fails)
    found = house.api("POST", "/people", BODIES["/people"])
    assert (found.status, found.is_problem) == (500, True)
    assert b"ada" not in found.raw


def test_naughty_strings_as_people_are_taken_in_or_refused_by_name(house):
    texts = [text for text in [*NAUGHTY, *EXTREME] if "\0" not in text and "\ud800" not in text]
    fields = ("email", "phone", "name", "birth_date", "note")
    for field in fields:
        people = [{"identifiers": {"user_id": f"n-{place}", field: text[:2_000]}} for place, text in enumerate(texts)]
        found = sound(house.api.post("/people", {"people": people}))
        assert found.status == 200
        assert all(one["id"] for one in found.body["people"])
        for one in found.body["people"]:
            assert all(fault["pointer"].endswith(f"/{field}") for fault in one["refused"])
    people = [{"identifiers": {"user_id": text[:2_000]}} for text in texts]
    sound(house.api.post("/people", {"people": people}))


def test_naughty_strings_find_nobody(house):
    for text in [*NAUGHTY, *EXTREME]:
        found = sound(house.api.post("/people/search", {"text": text[:200]}))
        assert found.status >= 400 or found.body == {"items": [], "next": ""}


def test_naughty_strings_in_every_text_of_every_request(house):
    template = house.template(body={"en": "B"}, subject={"en": "S"})
    texts = [*NAUGHTY[::9], *EXTREME]
    for method, path, _ in ALL:
        body = body_for(path, house.ada)
        if body is None or path == "/people":
            continue
        body |= {"template": template} if "template" in body else {}
        place = filled(path, person=house.ada, stop=1, segment=1, campaign=1)
        for field, usual in body.items():
            if not isinstance(usual, str):
                continue
            for text in texts:
                found = sound(house.api(method, place, {**body, field: text}))
                if found.status == 422 and len(text) > 12:
                    said = json.dumps(found.body, ensure_ascii=False)
                    assert text not in said, (path, field)
                    assert json.dumps(text)[1:-1] not in found.raw.decode(), (path, field)


def test_naughty_strings_as_words_and_definitions(house):
    for text in [*NAUGHTY[::5], *EXTREME]:
        words = {"name": "T", "subject": {"en": text}, "body": {"en": text}}
        sound(house.api.post("/templates", words))
        for definition in ({"attribute": text, "is": 1}, {"attribute": "city", "is": text}, {"event": text}, {text: text}):
            body = {"name": f"S{hash(text)}", "purpose": "direct_marketing", "definition": definition}
            found = sound(house.api.post("/segments", body))
            if found.status == 422 and len(text) > 12:
                assert json.dumps(text)[1:-1] not in found.raw.decode()


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", str(2**63), "9" * 400, "%00", "%ff", "%F0%9F%98%80", "None"])
def test_naughty_numbers_and_ids_in_addresses(house, value):
    for method, path, _ in ALL:
        place = filled(path, person=value, stop=value, segment=value, campaign=value, message=value)
        if place != path:
            assert sound(house.api(method, place, body_for(path, house.ada))).status in {404, 422}
    for query in (f"limit={value}", f"cursor={value}", f"channel={value}"):
        for path in ("/people", "/segments", "/campaigns", "/templates", f"/people/{house.ada}/messages"):
            sound(house.api.get(f"{path}?{query}"))


def test_headers_full_of_rubbish_are_no_keys(house):
    for text in NAUGHTY[::4]:
        line = text.encode("utf-8", "replace").decode("latin-1").replace("\n", " ").replace("\r", " ")
        found = Client().get("/api/v1/people", headers={"Authorization": f"Bearer {line}"})
        assert found.status_code == 401
        again = house.api.post("/people", BODIES["/people"], Idempotency_Key=line)
        assert again.status in {200, 400, 409, 422}


NAMES = sorted({name for body in BODIES.values() for name in body} | {"identifiers", "user_id", "email", "all", "any", "event"})
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["direct_marketing", "service", "email", "en", "objection", "web_form", "2026-12-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(data=st.data())
@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_sent_anywhere_is_answered_as_described(house, data):
    limits.forget()
    writes = [one for one in ALL if one[0] == "POST"]
    method, path, _ = data.draw(st.sampled_from(writes))
    usual = body_for(path, house.ada) or {}
    body = {**usual, **data.draw(st.dictionaries(st.sampled_from(sorted(usual) or NAMES), ANYTHING, max_size=3))}
    body = data.draw(st.just(body) | ANYTHING)
    place = filled(path, person=house.ada, stop=1, segment=1, campaign=1)
    found = sound(house.api(method, place, body))
    described = api.get_openapi_schema()["paths"][f"/api/v1{path}"][method.lower()]["responses"]
    assert str(found.status) in described
