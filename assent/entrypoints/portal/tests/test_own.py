"""What Ada sees of hers, and what turning a switch does."""

import dataclasses
import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import translation

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.entrypoints.portal import choices, held, words
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.policy import api as policy
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import Told
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.receipts import check
from tests.sources.conftest import bundle

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("assent.entrypoints.portal.tests.addresses")]


@pytest.fixture
def ada(house, browser):
    house.enters(browser)
    return browser


def choice(house, purpose="direct_marketing", channel="email"):
    found = {(one.purpose, one.channel): one for one in consent.standing(controller=house.bloom, subject=house.ada)}
    return found[purpose, channel].choice if (purpose, channel) in found else Choice.NONE


def shown(browser):
    page = browser.get("/p/bloom/me/choices").content.decode()
    switches = re.findall(r'<input class="toggle"[^>]*value="([^"]+)"([^>]*)>', page)
    return {key: "checked" in rest for key, rest in switches}, {key for key, rest in switches if "disabled" in rest}


def turn(browser, **on):
    """Post the form as a browser would, with some switches turned: ``direct_marketing__sms=True``."""
    now_on, disabled = shown(browser)
    wanted = {key for key, state in now_on.items() if state} - disabled
    for key, state in on.items():
        (wanted.add if state else wanted.discard)(key.replace("__", "."))
    return browser.post("/p/bloom/me/choices", {"shown": list(now_on), "on": sorted(wanted)})


def may(house, purpose="direct_marketing", channel="email"):
    question = Question(Operation.USE, purpose, house.ada, now(), channel=channel, recipient="self")
    return lawfulness.decide(controller=house.bloom, question=question)


def test_she_sees_her_data_opened_by_purpose_with_why_how_long_and_who(house, ada):
    page = ada.get("/p/bloom/me/held").content.decode()
    for told in ("ada@people.example", "+40722123456", "Popescu", "1990-04-17", "Process Lab", "GDPR, art. 6(1)(a)"):
        assert told in page, told
    assert "ben@people.example" not in page
    lines = [entry.did for _, entry in audit.entries(controller=house.bloom, about=house.ada)]
    assert Did.PORTAL_READ in lines


def test_nothing_that_is_held_of_her_is_left_out(house, ada):
    more = {"email": "ada@people.example", "note": "likes tea", "social": "@ada"}
    subjects.upsert_many(controller=house.bloom, people=[PersonInput(more)], by=Actor.staff(1), at=now())
    page = ada.get("/p/bloom/me/held").content.decode()
    assert "likes tea" in page
    assert "@ada" in page


def test_she_sees_who_gave_her_data_away_and_when_she_was_told(house, ada, tmp_path):
    assert "How your data came to us" not in ada.get("/p/bloom/me/held").content.decode()
    policy.publish(controller=house.bloom, bundle=bundle(tmp_path), by=Actor.staff(1), at=now())
    whence = {"controller": house.bloom, "subject": house.ada, "by": Actor.staff(1), "at": now()}
    sources.came_from(source="partner", obtained_at=datetime(2026, 3, 5, 12, tzinfo=UTC), **whence)
    page = ada.get("/p/bloom/me/held").content.decode()
    came = page[page.index("How your data came to us") :]
    assert "The partner shop that introduced you (Petal Flowers SRL)" in came
    assert "on 5.03.2026" in came
    assert "told you on" not in came
    told = Told(house.ada, "partner", 1)
    with scope.controller(house.bloom):
        when = datetime(2026, 3, 20, 12, tzinfo=UTC)
        sources.told(controller=house.bloom, people=[told], channel="email", policy_digest="", by=Actor.staff(1), at=when)
    assert "told you on 20.03.2026" in ada.get("/p/bloom/me/held").content.decode()


def test_what_an_event_holds_is_told_in_words(house, ada):
    with translation.override("ro"):
        nested = held._flat({"order_id": "B-7", "products": [{"sku": "A1", "own_word": 2.5}]})
        several = held._flat({"products": [{"sku": "A1"}, {"sku": "A2", "price": 2.5}, "loose"]})
    assert nested == [("număr comandă", "B-7"), ("produs", "cod articol: A1 · own word: 2.5")]
    assert several == [("produs 1", "cod articol: A1"), ("produs 2", "cod articol: A2 · preț: 2.5"), ("produs 3", "loose")]


def test_a_programme_she_never_joined_is_not_claimed(house, ada):
    assert "Loyalty programme" not in ada.get("/p/bloom/me/held").content.decode()


def test_turning_a_switch_off_withdraws_at_once_and_on_gives_with_the_words(house, ada):
    assert shown(ada)[0]["direct_marketing.email"]
    turn(ada, direct_marketing__email=False)
    assert (choice(house), may(house).why) == (Choice.WITHDRAWN, Why.WITHDRAWN)
    turn(ada, direct_marketing__sms=True, direct_marketing__email=True)
    assert choice(house) is choice(house, channel="sms") is Choice.GIVEN
    [*_, last] = consent.records(controller=house.bloom, subject=house.ada)
    assert (last.method, last.explicit, last.by, last.source) == (Method.WEB_FORM, True, "person", "portal")
    assert last.text_digest


def test_saving_without_a_change_writes_nothing(house, ada):
    before = len(consent.records(controller=house.bloom, subject=house.ada))
    turn(ada)
    assert len(consent.records(controller=house.bloom, subject=house.ada)) == before


def test_what_a_form_did_not_show_it_does_not_turn(house, ada):
    ada.post("/p/bloom/me/choices", {"shown": ["direct_marketing.sms"], "on": []})
    assert choice(house) is Choice.GIVEN
    ada.post("/p/bloom/me/choices", {"shown": ["service.email", "nothing"], "on": ["service.email", "nothing"]})
    assert len(consent.records(controller=house.bloom, subject=house.ada)) == 1


def test_all_marketing_ends_in_one_act_though_it_rests_on_no_consent(house, ada):
    assert may(house, "similar_products").yes
    ada.post("/p/bloom/me/choices/no-marketing")
    assert not may(house).yes
    assert may(house, "similar_products").why is Why.OBJECTED
    objected = {one.purpose for one in suppression.active(controller=house.bloom, subject=house.ada)}
    assert {"direct_marketing", "similar_products", "location_offers"} <= objected
    on, fixed = shown(ada)
    assert not any(on.values())
    assert "similar_products.email" in fixed


def test_her_own_later_yes_overtakes_her_no(house, ada):
    ada.post("/p/bloom/me/choices/no-marketing")
    turn(ada, direct_marketing__email=True)
    assert may(house).yes
    assert shown(ada)[0]["direct_marketing.email"]


def test_an_opt_out_of_similar_products_stays_off(house, ada):
    turn(ada, similar_products__email=False)
    assert [one.kind for one in suppression.active(controller=house.bloom, subject=house.ada)] == [Kind.UNSUBSCRIBE]
    turn(ada, similar_products__email=True)
    assert not may(house, "similar_products").yes


def test_a_yes_that_no_longer_counts_is_asked_for_again(house, ada, monkeypatch):
    real = lawfulness.explain

    def outgrown(**asked):
        return [
            dataclasses.replace(row, choice="outdated", use=may(house, "nothing")) if row.purpose == "direct_marketing" else row
            for row in real(**asked)
        ]

    monkeypatch.setattr(choices.lawfulness, "explain", outgrown)
    page = ada.get("/p/bloom/me/choices").content.decode()
    assert "asked again" in page
    assert "no longer counts until you give it again" in page
    assert not shown(ada)[0]["direct_marketing.email"]


def test_a_receipt_is_hers_alone_and_anybody_can_check_it(house, ada):
    audit.seal_pending()
    audit.checkpoint(at=now())
    page = ada.get("/p/bloom/me/receipts").content.decode()
    [number] = re.findall(r"receipts/([0-9a-f-]{36})", page)
    answer = ada.get(f"/p/bloom/me/receipts/{number}")
    assert check(answer.content, audit.verifier_key())
    assert json.loads(answer.content)
    ben = Client()
    house.enters(ben, "ben@people.example")
    assert ben.get(f"/p/bloom/me/receipts/{number}").status_code == 404


def test_the_page_of_events_can_be_turned_by_no_nonsense(house, ada):
    for before in ("", "abc", "9" * 40, "-1", "1"):
        assert ada.get(f"/p/bloom/me/events?before={before}").status_code == 200


def test_everything_is_said_in_romanian_when_asked_for_and_goes_on_so(house, ada):
    ada.get("/p/bloom/me/held?language=ro")
    page = ada.get("/p/bloom/me/choices").content.decode()
    assert '<html lang="ro">' in page
    assert "Alegerile dumneavoastră" in page


def test_a_language_chosen_on_the_overview_stays_on_the_pages_behind_it(house, ada):
    ada.get("/p/bloom/me/?language=ro")
    page = ada.get("/p/bloom/me/choices").content.decode()
    assert '<html lang="ro">' in page
    assert "Alegerile dumneavoastră" in page


def test_a_language_is_shown_by_its_name_and_anything_else_as_it_is():
    assert words.attribute("language", "ro") == "Romanian"
    with translation.override("ro"):
        assert words.attribute("language", "en") == "Engleză"
    assert words.attribute("language", "x-unknown") == "x-unknown"
    assert words.attribute("city", "en") == "en"
