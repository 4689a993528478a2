"""The privacy officer answers what people ask; a marketer registers what reaches them by telephone, and no more."""

import io
import zipfile

import pytest
from django.apps import apps

from assent.foundation import clock
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, Identity, Outcome, RequestKind, RequestState, Via
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy.contracts import Role
from tests.rights.conftest import OFFICER

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _wired():
    apps.get_app_config("house").ready()  # other tests put their own parts behind the ports


def asked(house, kind=RequestKind.RECTIFICATION, person=None, *, identity=Identity.SIGNED_IN, **what):
    what = what or ({"fields": {"first_name": "Adela"}} if kind is RequestKind.RECTIFICATION else {})
    return rights.receive(
        controller=house.bloom, kind=kind, subject=house.subject(person or house.ada), via=Via.LETTER, identity=identity,
        asked=Asked(**what), by=OFFICER, at=clock.now(),
    ).request  # fmt: skip


def now(house, request):
    return rights.request(controller=house.bloom, request=request.id, at=clock.now())


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_list_shows_who_asks_what_until_when(house, language):
    request = asked(house)
    page = house.at_work(Role.PRIVACY_OFFICER, language=language).get("/requests/").content.decode()
    assert request.number in page
    assert "Ada Popescu" in page
    assert {"en": "days left", "ro": "zile"}[language] in page


def test_only_who_may_answer_sees_the_list(house):
    request = asked(house)
    for role in (Role.MARKETER, Role.ANALYST, Role.ADMINISTRATOR):
        browser = house.at_work(role)
        assert browser.get("/requests/").status_code == 403
        assert browser.get(f"/requests/{request.number}/").status_code == 403
        assert browser.post(f"/requests/{request.number}/answer", {"outcome": "granted"}).status_code == 403


def test_a_marketer_registers_what_a_caller_asks_and_gets_the_number_to_tell(house):
    browser = house.at_work(Role.MARKETER)
    assert browser.get("/requests/new").status_code == 200
    body = {"kind": "erasure", "phone": "", "email": "ada.popescu@customers.example", "via": "phone", "words": ""}
    answer = browser.post("/requests/new", {**body, "received_on": f"{clock.now():%Y-%m-%d}"}, follow=True)
    [request] = rights.requests(controller=house.bloom, at=clock.now())
    assert request.number in answer.content.decode()
    assert (request.kind, request.state, request.via) == (RequestKind.ERASURE, RequestState.RECEIVED, Via.PHONE)
    assert request.subject == house.subject(house.ada)


@pytest.mark.parametrize("kind", list(RequestKind))
def test_each_kind_has_its_form(house, kind):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    page = browser.get(f"/requests/new?kind={kind.value}&person={house.ada}")
    assert page.status_code == 200
    assert ("correct_first_name" in page.content.decode()) == (kind is RequestKind.RECTIFICATION)
    assert ('name="ground"' in page.content.decode()) == (kind is RequestKind.RESTRICTION)


def test_a_form_says_what_is_missing_and_loses_nothing(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    body = {"kind": "rectification", "person": house.ada, "via": "letter", "received_on": "2030-01-01", "words": "Hello there"}
    page = browser.post("/requests/new", body)
    assert page.status_code == 422
    assert "Hello there" in page.content.decode()
    assert rights.requests(controller=house.bloom, at=clock.now()) == []


def test_granting_a_correction_is_done_and_told_on_paper_where_nothing_else_carries_it(house):
    nobody = subjects.upsert_many(
        controller=house.bloom, people=[PersonInput({"first_name": "Dan", "user_id": "dan"})], by=OFFICER, at=clock.now()
    )[0]
    request = asked(house, person=nobody.public_id)
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert "Grant it" in browser.get(f"/requests/{request.number}/").content.decode()

    browser.post(f"/requests/{request.number}/answer", {"outcome": "granted", "words": "We looked at your passport."})
    letter = browser.get(f"/requests/{request.number}/print").content.decode()
    assert "We looked at your passport." in letter
    browser.post(f"/requests/{request.number}/letter")

    assert now(house, request).closed_at is not None


def test_a_refusal_needs_a_reason(house):
    request = asked(house)
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert browser.post(f"/requests/{request.number}/refuse", {"words": "no"}).status_code == 422
    browser.post(f"/requests/{request.number}/refuse", {"words": "", "reasons": ["correct"]})
    assert now(house, request).outcome is Outcome.REFUSED


def test_questions_time_and_identity(house):
    request = asked(house, RequestKind.ACCESS, identity=Identity.NONE)
    browser = house.at_work(Role.PRIVACY_OFFICER)
    browser.post(f"/requests/{request.number}/ask-identity", {"words": "Your customer number?"})
    assert now(house, request).state is RequestState.IDENTITY
    browser.post(f"/requests/{request.number}/extend", {"words": "Many requests."})
    assert now(house, request).extended
    browser.post(f"/requests/{request.number}/identity")
    assert now(house, request).identity is Identity.CHECKED
    answer = browser.post(f"/requests/{request.number}/copy")
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert "index.html" in archive.namelist()


def test_of_two_who_share_an_address_the_officer_says_which(house):
    shared = PersonInput({"user_id": "eva", "first_name": "Eva", "email": "ada.popescu@customers.example"})
    eva = subjects.upsert_many(controller=house.bloom, people=[shared], by=OFFICER, at=clock.now())[0]
    browser = house.at_work(Role.PRIVACY_OFFICER)
    body = {"kind": "access", "email": "ada.popescu@customers.example", "via": "email", "words": ""}
    browser.post("/requests/new", {**body, "received_on": f"{clock.now():%Y-%m-%d}"})
    [request] = rights.requests(controller=house.bloom, at=clock.now())
    page = browser.get(f"/requests/{request.number}/").content.decode()
    assert "Several people share the address" in page
    assert "Eva" in page
    browser.post(f"/requests/{request.number}/identity", {"person": eva.public_id})
    assert now(house, request).subject == eva.subject


def test_another_brands_request_is_nowhere(house):
    where = {"kind": RequestKind.ACCESS, "via": Via.LETTER, "by": OFFICER, "at": clock.now()}
    cleo = house.subject(house.cleo, house.harbour)
    request = rights.receive(controller=house.harbour, subject=cleo, **where).request
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert request.number not in browser.get("/requests/?show=open").content.decode()
    assert browser.get(f"/requests/{request.number}/").status_code == 404
    assert browser.post(f"/requests/{request.number}/take-back").status_code == 404


def test_what_people_say_is_escaped(house):
    request = asked(house, RequestKind.HUMAN_REVIEW, decision="<script>alert(1)</script>", words="<b>bold</b>")
    page = house.at_work(Role.PRIVACY_OFFICER).get(f"/requests/{request.number}/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
