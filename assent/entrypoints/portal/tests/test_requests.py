"""Ada asks for what is hers by law, and follows it to the answer; nobody else can look over her shoulder."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter
from assent.entrypoints.portal import rules
from assent.foundation.clock import now
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.rights import api as rights, ports as rights_ports
from assent.privacy.rights.contracts import Identity, RequestKind, RequestState, Told, Via

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("assent.entrypoints.portal.tests.addresses")]


def tell(*, controller, subject, occasion, language, heading, text, by, at):
    letter = Letter(language=language, subject=heading, lines=tuple(text.split("\n\n")))
    dispatch.tell(controller=controller, occasion=occasion, letters_to=[(subject, letter)], by=by, at=at)
    return Told.SENT


@pytest.fixture
def ada(house, browser):
    rights_ports.wire(tell=tell)
    house.enters(browser)
    return browser


def asks(browser, kind, **form):
    answer = browser.post(f"/p/bloom/me/ask/{kind}", form)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def newest(house, who=None):
    return rights.requests(controller=house.bloom, subject=who or house.ada, at=now())[0]


def may(house, purpose, **more):
    question = Question(Operation.USE, purpose, house.ada, now(), channel="email", recipient="self", **more)
    return lawfulness.decide(controller=house.bloom, question=question)


def work(house):
    for minutes in range(6):
        later = now() + timedelta(minutes=10 * minutes)
        rights.sweep_requests(at=later)
        rights.sweep_erasures(at=later)
        house.tend()


def test_a_request_is_registered_as_hers_by_the_portal_and_shown_to_her(house, ada):
    where = asks(ada, "access")
    info = newest(house)
    assert (info.kind, info.via, info.identity) == (RequestKind.ACCESS, Via.PORTAL, Identity.SIGNED_IN)
    page = ada.get(where).content.decode()
    assert info.number in page
    assert info.number in ada.get("/p/bloom/me/requests").content.decode()


def test_the_copy_is_everything_and_its_handing_over_is_a_step(house, ada):
    asks(ada, "access")
    info = newest(house)
    assert ada.get(f"/p/bloom/me/requests/{info.number}/copy").status_code == 405
    answer = ada.post(f"/p/bloom/me/requests/{info.number}/copy")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        whole = "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    assert "ada@people.example" in whole
    assert "ben@people.example" not in whole
    assert "copy_handed_over" in [step.kind for step in rights.story(controller=house.bloom, request=info.id, at=now()).steps]


def test_what_is_taken_along_is_the_package_machines_read(house, ada):
    asks(ada, "portability")
    answer = ada.post(f"/p/bloom/me/requests/{newest(house).number}/copy")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        told = json.loads(package.read("package.json"))
        assert {"identifiers.csv", "events.csv", "choices.csv"} <= set(package.namelist())
    assert "ada@people.example" in json.dumps(told)


def test_only_what_differs_is_corrected_and_nothing_typed_is_lost(house, ada):
    page = ada.get("/p/bloom/me/ask/rectification").content.decode()
    fields = dict(re.findall(r'name="(field\.\w+)"[^>]*value="([^"]*)"', page))
    assert fields["field.last_name"] == "Popescu"
    assert ada.post("/p/bloom/me/ask/rectification", fields).status_code == 422
    wrong = ada.post("/p/bloom/me/ask/rectification", {**fields, "field.birth_date": "yesterday"})
    assert wrong.status_code == 422
    assert 'value="yesterday"' in wrong.content.decode()
    asks(ada, "rectification", **{**fields, "field.last_name": "Popa", "statement": "Written without ș"})
    asked = rights.story(controller=house.bloom, request=newest(house).id, at=now()).asked
    assert (dict(asked.fields), asked.statement) == ({"last_name": "Popa"}, "Written without ș")


def test_frozen_data_are_not_used_and_she_still_comes_in(house, ada):
    assert ada.post("/p/bloom/me/ask/restriction", {}).status_code == 422
    asks(ada, "restriction", ground="accuracy")
    assert may(house, "direct_marketing").why is Why.RESTRICTED
    assert may(house, "privacy_requests").why is Why.ALLOWED
    again = Client()
    house.enters(again)
    assert "GDPR" in again.get(f"/p/bloom/me/requests/{newest(house).number}").content.decode()


def test_an_objection_to_marketing_holds_at_once_and_one_against_the_rest_is_weighed(house, ada):
    asks(ada, "objection", purpose="direct_marketing")
    assert may(house, "direct_marketing").why is Why.OBJECTED
    assert newest(house).waits_for_staff is False


def test_a_withdrawal_and_a_human_review_are_taken_in(house, ada):
    asks(ada, "withdrawal")
    assert may(house, "direct_marketing").why is Why.WITHDRAWN
    assert ada.post("/p/bloom/me/ask/human_review", {}).status_code == 422
    asks(ada, "human_review", words="Why was I given this price?")
    assert newest(house).waits_for_staff


def test_a_request_can_be_taken_back(house, ada):
    asks(ada, "human_review", words="Look again")
    number = newest(house).number
    ada.post(f"/p/bloom/me/requests/{number}/take-back")
    assert newest(house).state is RequestState.TAKEN_BACK
    assert ada.post(f"/p/bloom/me/requests/{number}/take-back").status_code == 302


def test_what_was_asked_back_can_be_answered_on_the_page(house, ada):
    asks(ada, "human_review", words="Look again")
    info = newest(house)
    rights.ask_clarification(controller=house.bloom, request=info.id, words="Which price?", by=Actor.staff(7), at=now())
    assert "textarea" in ada.get(f"/p/bloom/me/requests/{info.number}").content.decode()
    ada.post(f"/p/bloom/me/requests/{info.number}/more", {"words": "The one of the coat"})
    assert newest(house).state is RequestState.IN_PROGRESS


def test_nobody_sees_takes_back_or_downloads_the_request_of_somebody_else(house, ada):
    asks(ada, "access")
    number = newest(house).number
    for who, slug in (("ben@people.example", "bloom"), ("cleo@people.example", "harbour")):
        other = Client()
        house.enters(other, who, slug)
        assert other.get(f"/p/{slug}/me/requests/{number}").status_code == 404
        for deed in ("copy", "take-back", "more"):
            assert other.post(f"/p/{slug}/me/requests/{number}/{deed}", {"words": "x"}).status_code == 404
    stranger = Client()
    for path in (f"requests/{number}", "requests", "ask/access", "recipients"):
        assert stranger.get(f"/p/bloom/me/{path}").status_code == 302
    assert newest(house).state is not RequestState.TAKEN_BACK


def test_erasure_asks_twice_signs_out_and_leaves_a_number_that_proves_it(house, ada):
    assert ada.post("/p/bloom/me/ask/erasure", {}).status_code == 422
    assert asks(ada, "erasure", sure="1").startswith("/p/bloom/me/proof")
    number = newest(house).number
    assert ada.get("/p/bloom/me/held").status_code == 302
    assert number in ada.get("/p/bloom/me/proof").content.decode()
    work(house)
    stranger = Client()
    page = stranger.post("/p/bloom/me/proof", {"number": number.lower().replace("-", "")}).content.decode()
    assert number in page
    assert "Nothing is left that names you" in page
    assert "ada@" not in page
    _, letter = house.asks(Client(), "ada@people.example")
    assert letter is None


def test_a_number_tells_nothing_of_who_asked_and_can_not_be_searched_for(house, ada):
    asks(ada, "human_review", words="My secret price")
    number = newest(house).number
    page = Client().post("/p/bloom/me/proof", {"number": number}).content.decode()
    assert number in page
    assert "secret" not in page
    assert Client().post("/p/harbour/me/proof", {"number": number}).status_code == 404
    for _ in range(rules.GUESSES[1].most):
        answer = Client().post("/p/bloom/me/proof", {"number": "AAAA-AAAA"})
    assert answer.status_code == 404
    assert Client().post("/p/bloom/me/proof", {"number": number}).status_code == 429


def test_words_of_a_person_are_escaped_wherever_they_come_back(house, ada):
    asks(ada, "human_review", words="<script>alert(1)</script>")
    page = ada.get(f"/p/bloom/me/requests/{newest(house).number}").content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_kind_that_there_is_not_leads_nowhere(house, ada):
    assert ada.get("/p/bloom/me/ask/everything").status_code == 404
    assert ada.get("/p/bloom/me/requests/nothing").status_code == 404


def test_who_received_what_is_shown_by_name(house, ada):
    page = ada.get("/p/bloom/me/recipients")
    assert page.status_code == 200
