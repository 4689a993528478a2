"""Receipts through the API."""

import json
from uuid import uuid4

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.entrypoints.api.tests.test_choices import NO, YES
from assent.receipts import check
from assent.tenancy.contracts import Permission

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def chosen(house):
    given = house.api.post(f"/people/{house.ada}/consents", YES).body
    house.api.post(f"/people/{house.ada}/withdrawals", NO)
    found = house.api.get(f"/people/{house.ada}/receipts").body
    assert found[0]["id"] == given["receipt"]
    return found


def test_every_choice_has_a_receipt_that_verifies(house, chosen):
    assert [(one["choice"], one["purpose"], one["channel"]) for one in chosen] == [
        ("given", "direct_marketing", "email"),
        ("withdrawn", "direct_marketing", "email"),
    ]
    for one in chosen:
        answer = house.api.get(f"/people/{house.ada}/receipts/{one['id']}")
        assert answer.headers["Content-Type"] == "application/ld+json"
        assert f"receipt-{one['id']}.jsonld" in answer.headers["Content-Disposition"]
        assert check(answer.raw, audit.verifier_key())
        assert json.loads(answer.raw)["dct:identifier"] == one["id"]
        assert b"people.example" not in answer.raw


def test_handing_one_over_is_written_in_the_book_and_looking_at_the_list_is_not(house, chosen):
    assert audit.entries(controller=house.bloom, did=Did.RECEIPT_HANDED_OVER) == []
    house.api.get(f"/people/{house.ada}/receipts/{chosen[0]['id']}")
    [(_, line)] = audit.entries(controller=house.bloom, did=Did.RECEIPT_HANDED_OVER)
    assert (line.about, line.by.split(":")[0]) == (house.inside(house.ada), "key")


def test_a_key_without_the_verb_gets_none(house, chosen):
    reader = house.caller(Permission.PEOPLE_READ)
    assert reader.get(f"/people/{house.ada}/receipts").status == 200
    assert reader.get(f"/people/{house.ada}/receipts/{chosen[0]['id']}").status == 403


def test_nobody_gets_anothers(house, chosen):
    theirs = house.caller(controller=house.harbour)
    for caller, person, receipt in (
        (house.api, house.ben, chosen[0]["id"]),
        (house.api, house.ada, uuid4()),
        (house.api, house.cleo, chosen[0]["id"]),
        (theirs, house.ada, chosen[0]["id"]),
    ):
        answer = caller.get(f"/people/{person}/receipts/{receipt}")
        assert (answer.status, answer.is_problem) == (404, True)
