"""People through the API."""

import io
import json
import zipfile

import pytest

from assent.audit import api as audit
from assent.privacy.sources import api as sources
from assent.privacy.subjects import api as subjects

pytestmark = pytest.mark.django_db(databases="__all__")


def put(house, *people, **more):
    return house.api.post("/people", {"people": [{"identifiers": one} for one in people]}, **more)


def test_people_are_put_in_once_and_changed_the_second_time(house):
    first = put(house, {"user_id": "eva", "email": "eva@people.example"})
    assert first.status == 200
    (eva,) = first.body["people"]
    assert (eva["created"], eva["changed"], eva["refused"]) == (True, True, [])
    again = put(house, {"user_id": "eva", "email": "eva@people.example"}).body["people"][0]
    assert (again["id"], again["created"], again["changed"]) == (eva["id"], False, False)
    moved = put(house, {"user_id": "eva", "email": "eva@new.example"}).body["people"][0]
    assert (moved["id"], moved["created"], moved["changed"]) == (eva["id"], False, True)


def test_a_value_that_cannot_be_is_listed_and_holds_up_nobody(house):
    found = put(
        house,
        {"user_id": "eva", "email": "no address"},
        {"first_name": "Nobody"},
        {"user_id": "fay", "email": "fay@people.example"},
    )
    assert found.status == 200
    eva, nobody, fay = found.body["people"]
    assert eva["created"]
    assert eva["refused"][0]["pointer"] == "/people/0/identifiers/email"
    assert "name@shop.example" in eva["refused"][0]["detail"]
    assert nobody["id"] is None
    assert nobody["refused"][0]["pointer"] == "/people/1/identifiers"
    assert fay["refused"] == []
    assert found.body["refused"] == 2
    assert b"no address" not in found.raw


def test_a_thousand_people_fit_in_one_request_and_one_more_does_not(house):
    many = [{"user_id": f"c-{n}", "email": f"c{n}@people.example", "first_name": "Ana"} for n in range(1_001)]
    assert put(house, *many).status == 422
    found = put(house, *many[:1_000])
    assert found.status == 200
    assert len({one["id"] for one in found.body["people"]}) == 1_000
    assert subjects.count(controller=house.bloom) == 1_003


def test_pages_show_everyone_exactly_once(house):
    put(house, *({"user_id": f"c-{n}"} for n in range(25)))
    for limit in (1, 7, 14, 28, 500):
        seen, cursor = [], ""
        while True:
            page = house.api.get(f"/people?limit={limit}&cursor={cursor}").body
            assert len(page["items"]) <= limit
            seen += page["items"]
            cursor = page["next"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 28
        assert house.cleo not in seen


def test_somebody_put_in_meanwhile_moves_nobody_out_of_the_pages(house):
    put(house, *({"user_id": f"c-{n}"} for n in range(10)))
    before = set(house.api.get("/people?limit=500").body["items"])
    first = house.api.get("/people?limit=5").body
    put(house, *({"user_id": f"later-{n}"} for n in range(10)))
    seen, cursor = list(first["items"]), first["next"]
    while cursor:
        page = house.api.get(f"/people?limit=5&cursor={cursor}").body
        seen, cursor = seen + page["items"], page["next"]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("cursor", ["x", "MTI.", "Li4", "LTE", "MS4y", "%00", "MTExMTExMTExMTExMTExMTExMTExMTExMTE", "ă"])
def test_a_cursor_we_did_not_make_is_refused(house, cursor):
    answer = house.api.get(f"/people?cursor={cursor}")
    assert answer.status == 400
    assert answer.is_problem


@pytest.mark.parametrize("text", ["Ada", "ada@people.example", "ADA"])
def test_people_are_found_by_what_stands_in_the_body(house, text):
    assert house.api.post("/people/search", {"text": text}).body == {"items": [house.ada], "next": ""}


def test_nobody_of_another_brand_is_found(house):
    for text in ("Cleo", "cleo@people.example", house.cleo):
        assert house.api.post("/people/search", {"text": text}).body["items"] == []


def test_found_people_come_in_pages_too(house):
    put(house, *({"user_id": f"c-{n}", "first_name": "Mara"} for n in range(9)))
    seen, cursor = [], ""
    while True:
        page = house.api.post("/people/search", {"text": "Mara", "limit": 4, "cursor": cursor}).body
        seen, cursor = seen + page["items"], page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 9


def test_reading_identifiers_is_written_in_the_book(house):
    found = house.api.get(f"/people/{house.ada}")
    assert found.body == {
        "id": house.ada,
        "identifiers": {"user_id": "ada", "email": "ada@people.example", "first_name": "Ada"},
    }
    lines = audit.entries(controller=house.bloom, about=house.inside(house.ada))
    assert any(str(entry.by).startswith("key:") and "read" in str(entry.did) for _, entry in lines)


def test_an_export_is_a_zip_of_this_person_only(house):
    found = house.api.get(f"/people/{house.ada}/export")
    assert (found.status, found.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(found.raw)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    assert b"ada@people.example" in everything
    assert b"ben@people.example" not in everything
    assert b"cleo@people.example" not in everything


def test_who_is_erased_is_gone_and_the_others_are_not(house):
    answer = house.api.delete(f"/people/{house.ben}")
    assert answer.status == 202
    assert answer.body["state"] in {"done", "waiting"}
    assert house.api.get(f"/people/{house.ben}").status == 404
    assert house.api.get(f"/people/{house.ben}/export").status == 404
    assert house.api.post("/people/search", {"text": "ben@people.example"}).body["items"] == []
    assert house.api.get(f"/people/{house.ada}").status == 200
    (listed,) = house.api.get("/erasures").body
    assert listed["id"] == answer.body["id"]
    assert "ben" not in json.dumps(listed)
    assert house.caller(controller=house.harbour).get("/erasures").body == []


def test_an_unknown_name_of_an_identifier_is_said_without_repeating_it(house):
    answer = put(house, {"ada@people.example": "x"})
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == "/people/0/identifiers"
    assert "user_id" in answer.body["errors"][0]["detail"]
    assert b"ada@people" not in answer.raw


def test_people_carry_the_source_they_came_from(house):
    body = {"people": [{"identifiers": {"user_id": "eve"}}], "source": "you", "obtained_at": "2026-01-05T09:00:00Z"}
    put = house.api.post("/people", body)
    assert put.status == 200
    (known,) = sources.known(controller=house.bloom, subject=house.inside(put.body["people"][0]["id"]))
    assert known.source == "you"
    assert known.told_at == known.obtained_at
    assert known.obtained_at.isoformat() == "2026-01-05T09:00:00+00:00"


def test_people_without_a_source_are_marked_as_such(house):
    put = house.api.post("/people", {"people": [{"identifiers": {"user_id": "eve"}}]})
    (known,) = sources.known(controller=house.bloom, subject=house.inside(put.body["people"][0]["id"]))
    assert (known.source, known.told_at) == ("", None)


def test_a_source_the_policy_does_not_have_is_refused_with_the_cure_and_makes_nobody(house):
    answer = house.api.post("/people", {"people": [{"identifiers": {"user_id": "eve"}}], "source": "lottery"})
    assert answer.status == 422
    assert answer.is_problem
    assert "declare it under sources" in str(answer.body)
    assert "/source" in str(answer.body)
    assert subjects.recognise(controller=house.bloom, kind="user_id", values=["eve"]) == [0]


@pytest.mark.parametrize("moment", ["2999-01-01T00:00:00Z", "2026-01-05T09:00:00", "yesterday"])
def test_a_moment_that_can_not_be_is_refused(house, moment):
    answer = house.api.post(
        "/people", {"people": [{"identifiers": {"user_id": "eve"}}], "source": "you", "obtained_at": moment}
    )
    assert answer.status == 422
    assert "obtained_at" in str(answer.body)
