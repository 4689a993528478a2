"""The same request twice does its work once."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from assent.entrypoints.api import idempotency, models
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.subjects import api as subjects

pytestmark = pytest.mark.django_db(databases="__all__")

EVA = {"people": [{"identifiers": {"user_id": "eva"}}]}
WORDS = {"name": "T", "subject": {"en": "S"}, "body": {"en": "B"}}


def kept(house):
    with scope.controller(house.bloom):
        return list(models.Answered.objects.order_by("id"))


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(house):
    first = house.api.post("/people", EVA, Idempotency_Key="k1")
    again = house.api.post("/people", EVA, Idempotency_Key="k1")
    assert first.status == again.status == 200
    assert first.raw == again.raw
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body["people"][0]["created"]
    fresh = house.api.post("/people", EVA, Idempotency_Key="k2")
    assert not fresh.body["people"][0]["created"]


def test_another_body_under_the_same_key_is_refused(house):
    house.api.post("/people", EVA, Idempotency_Key="k1")
    other = house.api.post("/people", {"people": [{"identifiers": {"user_id": "fay"}}]}, Idempotency_Key="k1")
    assert (other.status, other.is_problem) == (422, True)
    elsewhere = house.api.post("/templates", WORDS, Idempotency_Key="k1")
    assert elsewhere.status == 422
    assert subjects.search(controller=house.bloom, text="fay") == []


def test_keys_of_two_callers_do_not_meet(house):
    house.api.post("/people", EVA, Idempotency_Key="k1")
    for caller in (house.caller(), house.caller(controller=house.harbour)):
        found = caller.post("/people", {"people": [{"identifiers": {"user_id": "gus"}}]}, Idempotency_Key="k1")
        assert (found.status, "Idempotency-Replayed" in found.headers) == (200, False)


def test_a_crash_leaves_a_claim_and_the_second_request_is_told_to_look(house, monkeypatch):
    def breaks(**_):
        raise SystemError("the machine went away")

    with monkeypatch.context() as patch:
        patch.setattr(subjects, "upsert_many", breaks)
        first = house.api.post("/people", EVA, Idempotency_Key="k1")
        assert (first.status, first.is_problem) == (500, True)
        assert b"machine" not in first.raw
    again = house.api.post("/people", EVA, Idempotency_Key="k1")
    assert (again.status, again.is_problem) == (409, True)
    assert "new key" in again.body["detail"]
    assert subjects.search(controller=house.bloom, text="eva") == []
    assert house.api.post("/people", EVA, Idempotency_Key="k2").status == 200


def test_what_was_refused_may_be_sent_again_under_its_key(house):
    wrong = {**WORDS, "body": {"en": "{{ open"}}
    assert house.api.post("/templates", wrong, Idempotency_Key="k1").status == 422
    assert kept(house) == []
    assert house.api.post("/templates", WORDS, Idempotency_Key="k1").status == 201


def test_without_a_valid_key_of_the_caller_nothing_is_claimed(house):
    assert house.api.post("/people", EVA, key="ak_unknown", Idempotency_Key="k1").status == 401
    assert house.caller("people.read").post("/people", EVA, Idempotency_Key="k1").status == 403
    assert house.api.post("/people", EVA, Idempotency_Key="k" * 201).status == 400
    assert kept(house) == []


def test_neither_the_key_nor_the_request_is_kept_in_clear(house):
    house.api.post("/people", {"people": [{"identifiers": {"email": "eva@people.example"}}]}, Idempotency_Key="for-eva")
    (row,) = kept(house)
    assert "eva" not in f"{row.key} {row.request} {row.body}"


def test_erasing_twice_under_one_key_is_one_erasure(house):
    first = house.api.delete(f"/people/{house.ben}", Idempotency_Key="e1")
    again = house.api.delete(f"/people/{house.ben}", Idempotency_Key="e1")
    assert (first.status, again.status) == (202, 202)
    assert len(house.api.get("/erasures").body) == 1


def test_old_answers_are_forgotten(house):
    house.api.post("/people", EVA, Idempotency_Key="k1")
    assert idempotency.forget_old(at=now() + timedelta(hours=47)) is False
    assert len(kept(house)) == 1
    idempotency.forget_old(at=now() + timedelta(hours=49))
    assert kept(house) == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_two_at_once_one_works_and_the_other_waits(house, monkeypatch):
    begun, go_on, answers = threading.Event(), threading.Event(), {}
    inner = subjects.upsert_many

    def slowly(**named):
        begun.set()
        assert go_on.wait(20)
        return inner(**named)

    monkeypatch.setattr(subjects, "upsert_many", slowly)

    def first():
        try:
            answers["first"] = house.api.post("/people", EVA, Idempotency_Key="k1")
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(20)
    answers["second"] = house.api.post("/people", EVA, Idempotency_Key="k1")
    go_on.set()
    thread.join(20)
    assert (answers["second"].status, answers["second"].headers["Retry-After"]) == (409, "1")
    assert answers["first"].status == 200
    assert house.api.post("/people", EVA, Idempotency_Key="k1").raw == answers["first"].raw
