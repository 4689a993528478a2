"""Ada has a message with a link. Scanners open links, mail programs post one line, people press a button."""

import json
import re
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch, ports
from assent.dispatch.contracts import Handover, Outcome, Rendered
from assent.entrypoints.public.words import LANGUAGES, words
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api as suppression
from assent.receipts import check
from assent.tenancy import api as tenancy
from tests.agreements import agree

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("assent.entrypoints.public.tests.addresses")]

STAFF = Actor.staff(1)


class Plain:
    def render(self, *, controller, template, language, variables, links):
        return Rendered("Hi", "", f"{links.source_line}\n{links.unsubscribe}\n{links.contact}", "Bloom", "news@bloom.example")


class Remembering:
    channel, recipient = "email", "self"

    def __init__(self):
        self.sent = []

    def hand_over(self, messages):
        self.sent += messages
        return [Handover(message.id, Outcome.SENT) for message in messages]


class Ada:
    """Said yes to news by e-mail, and got one."""

    def __init__(self):
        at = now()
        self.bloom = tenancy.make_controller(
            slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=at
        ).id
        policy.publish(controller=self.bloom, bundle=django_settings.HOME / "policies" / "bloom", by=STAFF, at=at)
        agree(controller=self.bloom, at=at)
        who = PersonInput({"user_id": "ada", "email": "ada@people.example", "first_name": "Ada"})
        self.id = subjects.upsert_many(controller=self.bloom, people=[who], by=STAFF, at=at)[0].subject
        consent.give(
            controller=self.bloom, subject=self.id, purpose="direct_marketing", channel="email", wording="marketing_email",
            method=Method.WEB_FORM, source="test", by=Actor.person(), at=at,
        )  # fmt: skip
        ports.wire(renderer=Plain())
        self.sent = self.gets("news:1")
        self.link = self.sent[0].headers["List-Unsubscribe"].split(">")[0].removeprefix(f"<{django_settings.ASSENT_PUBLIC_URL}")

    def gets(self, occasion, language="ro"):
        at, sender = now(), Remembering()
        dispatch.enqueue(
            controller=self.bloom, occasion=occasion, purpose="direct_marketing", channel="email", template=1,
            people=[(self.id, {"language": language})], not_before=at, by=STAFF, at=at,
        )  # fmt: skip
        dispatch.hand_over_once(controller=self.bloom, sender=sender, at=now())
        return sender.sent

    def choice(self, channel="email"):
        found = {one.channel: one.choice for one in consent.standing(controller=self.bloom, subject=self.id)}
        return found.get(channel, Choice.NONE)


@pytest.fixture
def ada(db):
    return Ada()


@pytest.fixture
def browser(client):
    client.handler.enforce_csrf_checks = True
    return client


def test_opening_the_link_changes_nothing(ada, browser):
    for method in (browser.get, browser.head):
        assert method(ada.link).status_code == 200
    assert ada.choice() is Choice.GIVEN
    assert ada.gets("news:2")


def test_one_click_stops_the_messages_without_cookie_or_csrf(ada, browser):
    answer = browser.post(ada.link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert ada.choice() is Choice.WITHDRAWN
    assert ada.gets("news:2") == []
    [proof] = [one for one in consent.records(controller=ada.bloom, subject=ada.id) if one.choice is Choice.WITHDRAWN]
    assert (proof.method, proof.by) == (Method.ONE_CLICK, "person")


def test_one_click_may_come_as_multipart_and_twice(ada, browser):
    for _ in range(2):
        assert browser.post(ada.link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ada.choice() is Choice.WITHDRAWN


def test_the_button_stops_them_and_says_so(ada, browser):
    page = browser.post(ada.link, {"stop": "1"})
    assert words("ro")["stopped_title"] in page.content.decode()
    assert ada.choice() is Choice.WITHDRAWN


def test_the_answer_waits_until_nothing_is_on_its_way(ada, browser, monkeypatch):
    waited = []
    monkeypatch.setattr(suppression, "acknowledge", lambda **given: waited.append((ada.choice(), given["subject"])) or True)
    browser.post(ada.link, {"List-Unsubscribe": "One-Click"})
    assert waited == [(Choice.WITHDRAWN, ada.id)]


def test_a_post_that_says_something_else_changes_nothing(ada, browser):
    assert browser.post(ada.link, {"hello": "1"}).status_code == 400
    assert ada.choice() is Choice.GIVEN


def test_the_page_speaks_the_messages_language_or_the_one_asked_for(ada, browser):
    assert words("ro")["stop"] in browser.get(ada.link, headers={"accept-language": "en"}).content.decode()
    english = browser.get(f"{ada.link}?language=en").content.decode()
    assert words("en")["stop"] in english
    assert '<html lang="en">' in english


def test_the_page_names_purpose_and_brand_and_nobody_else(ada, browser):
    page = browser.get(ada.link).content.decode()
    assert "Bloom Fashion SRL" in page
    assert "Noutăți și oferte" in page
    assert "Ada" not in page
    assert "people.example" not in page


@pytest.mark.parametrize("path", ["", "/choices"])
@pytest.mark.parametrize("token", ["nonsense", "A" * 32, "%00", "%3Cscript%3E"])
def test_an_unknown_link_shows_the_calm_page(db, browser, token, path):
    for method in (browser.get, browser.post):
        page = method(f"/u/{token}{path}")
        assert page.status_code == 404
        assert words("en")["lost_title"] in page.content.decode()
        assert "<form" not in page.content.decode()


@pytest.mark.parametrize("path", ["", "/choices"])
def test_no_page_is_indexed_cached_framed_or_told_of(ada, browser, path):
    page = browser.get(ada.link + path)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "script" not in page.content.decode()
    assert not page.cookies


def test_choices_shows_what_holds_and_what_a_yes_would_mean(ada, browser):
    page = browser.get(f"{ada.link}/choices").content.decode()
    assert 'value="email" checked' in page
    assert 'value="sms" checked' not in page
    assert "SMS" in page
    assert "{controller}" not in page


def test_choices_can_be_given_and_taken_back_per_channel(ada, browser):
    browser.post(f"{ada.link}/choices", {"channel": ["sms"]})
    assert (ada.choice("email"), ada.choice("sms")) == (Choice.WITHDRAWN, Choice.GIVEN)
    [given] = [one for one in consent.records(controller=ada.bloom, subject=ada.id) if one.channel == "sms"]
    assert given.text_digest
    assert given.language == "ro"
    browser.post(f"{ada.link}/choices", {"channel": ["email"]})
    assert (ada.choice("email"), ada.choice("sms")) == (Choice.GIVEN, Choice.WITHDRAWN)
    assert ada.gets("news:2")


def test_saving_what_is_already_so_writes_nothing(ada, browser):
    before = len(consent.records(controller=ada.bloom, subject=ada.id))
    browser.post(f"{ada.link}/choices", {"channel": ["email"]})
    assert len(consent.records(controller=ada.bloom, subject=ada.id)) == before


def test_all_words_exist_in_all_languages():
    keys = [set(words(language)) for language in LANGUAGES]
    assert all(one == keys[0] for one in keys)
    assert "ş" not in "".join(words("ro").values())
    assert "ţ" not in "".join(words("ro").values())


def test_the_person_downloads_the_proof_of_each_choice_about_this_purpose(ada, browser):
    browser.post(f"{ada.link}/choices", {"channel": ["sms"]})
    page = browser.get(f"{ada.link}/choices?language=en").content.decode()
    links = re.findall(r'href="(/u/[^"]+/receipts/[^"?]+)', page)
    assert len(links) == len(consent.records(controller=ada.bloom, subject=ada.id)) == 3
    assert page.index("You said no") < page.rindex("You said yes"), "newest first: the e-mail was switched off last or with it"
    seen = set()
    for link in links:
        answer = browser.get(link)
        assert answer["Content-Type"] == "application/ld+json"
        assert answer["Content-Disposition"].startswith('attachment; filename="receipt-')
        assert answer["Cache-Control"] == "no-store"
        assert check(answer.content, audit.verifier_key())
        seen.add(json.loads(answer.content)["dct:identifier"])
    assert len(seen) == 3
    handed = audit.entries(controller=ada.bloom, did=Did.RECEIPT_HANDED_OVER)
    assert [(line.by, line.about) for _, line in handed] == [("person", ada.id)] * 3


def test_the_page_that_confirms_the_end_offers_its_proof(ada, browser):
    page = browser.post(f"{ada.link}?language=ro", {"stop": "1"}).content.decode()
    [link] = re.findall(r'href="(/u/[^"]+/receipts/[^"?]+)', page)
    assert words("ro")["receipt_keep"] in page
    status = json.loads(browser.get(link).content)["dpv:hasRecordOfActivity"][0]["dpv:hasConsentStatus"][0]
    assert status["@type"] == ["dpv:ConsentWithdrawn"]
    assert "receipts/" not in browser.get(ada.link).content.decode(), "nothing is offered before the choice"


def test_a_link_gives_no_proof_of_other_purposes_and_nobody_elses(ada, browser):
    other = consent.give(
        controller=ada.bloom, subject=ada.id, purpose="performance", wording="", method=Method.BANNER, source="banner",
        by=Actor.person(), at=now(),
    )  # fmt: skip
    assert str(other.receipt) not in browser.get(f"{ada.link}/choices").content.decode()
    for number in (other.receipt, uuid4()):
        answer = browser.get(f"{ada.link}/receipts/{number}?language=en")
        assert answer.status_code == 404
        assert words("en")["no_receipt_title"] in answer.content.decode()
    assert browser.get(f"/u/{'A' * 32}/receipts/{other.receipt}").status_code == 404
    assert audit.entries(controller=ada.bloom, did=Did.RECEIPT_HANDED_OVER) == []
