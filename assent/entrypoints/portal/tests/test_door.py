"""The way in, and everything that must not be one."""

import re
import shutil
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch, ports
from assent.entrypoints.portal import entrance, models, rules
from assent.entrypoints.portal.place import ASKED, COOKIE
from assent.entrypoints.portal.tests.conftest import Remembering, code_in, link_in
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Span
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("assent.entrypoints.portal.tests.addresses")]

ADA = "ada@people.example"


def inside(browser, slug="bloom"):
    return browser.get(f"/p/{slug}/me/held").status_code == 200


def plain(answer):
    """A page without what differs each time: CSRF tokens."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode())


def test_a_code_opens_the_door_once_in_the_browser_that_asked(house, browser):
    _, letter = house.asks(browser, ADA)
    other = Client()
    assert other.post("/p/bloom/me/code", {"code": code_in(letter)}).url.startswith("/p/bloom/me/?")
    assert not inside(other)
    browser.post("/p/bloom/me/code", {"code": code_in(letter)})
    assert inside(browser)
    browser.post("/p/bloom/me/out", {"here": "1"})
    assert not inside(browser)
    browser.cookies[ASKED] = other.cookies.get(ASKED, "")
    browser.post("/p/bloom/me/code", {"code": code_in(letter)})
    assert not inside(browser)


def test_a_code_that_was_used_opens_nothing_though_the_browser_kept_its_handle(house, browser):
    _, letter = house.asks(browser, ADA)
    kept = browser.cookies[ASKED].value
    browser.post("/p/bloom/me/code", {"code": code_in(letter)})
    browser.post("/p/bloom/me/out", {"here": "1"})
    browser.cookies[ASKED] = kept
    assert browser.post("/p/bloom/me/code", {"code": code_in(letter)}).status_code == 422
    assert not inside(browser)


def test_opening_the_link_opens_nothing_and_pressing_the_button_does_once(house, browser):
    _, letter = house.asks(browser, ADA)
    elsewhere = Client()
    for _ in range(3):
        page = elsewhere.get(link_in(letter))
        assert page.status_code == 200
        assert elsewhere.head(link_in(letter)).status_code == 200
        assert COOKIE not in elsewhere.cookies
    elsewhere.post(link_in(letter))
    assert inside(elsewhere)
    again = Client()
    assert again.post(link_in(letter)).status_code == 404
    assert not inside(again)


@pytest.mark.parametrize("address", ["nobody@people.example", "family@people.example", "cleo@people.example"])
def test_an_unknown_a_shared_and_another_brands_address_are_answered_as_a_known_one(house, browser, address):
    stranger = Client()
    first, letter = house.asks(browser, ADA)
    second, nothing = house.asks(stranger, address)
    assert letter
    assert nothing is None
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert {name for name, _ in first.items()} == {name for name, _ in second.items()}
    assert plain(browser.get(first.url)) == plain(stranger.get(second.url))
    wrong = [one.post("/p/bloom/me/code", {"code": "000000x"}) for one in (browser, stranger)]
    assert plain(wrong[0]) == plain(wrong[1])
    assert wrong[0].status_code == wrong[1].status_code == 422


def test_asking_does_the_same_work_whether_or_not_somebody_is_known(house, browser):
    def asked(address):
        with CaptureQueriesContext(connection) as caught:
            Client().post("/p/bloom/me/", {"address": address})
        return [re.sub(r"\d+|'[^']*'|X'[0-9A-F]*'", "?", one["sql"])[:60] for one in caught.captured_queries]

    asked("warm@people.example")
    assert asked(ADA) == asked("nobody@people.example") == asked("family@people.example")


def test_codes_can_not_be_guessed(house, browser):
    _, letter = house.asks(browser, ADA)
    right = code_in(letter)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(rules.TRIES):
        assert browser.post("/p/bloom/me/code", {"code": wrong}).status_code == 422
    assert browser.post("/p/bloom/me/code", {"code": right}).status_code == 422
    assert not inside(browser)


def test_guessing_on_with_new_codes_ends_for_the_day_at_any_browser(house):
    tries = 0
    for _ in range(rules.ASKS[0].most):
        browser = Client()
        _, letter = house.asks(browser, ADA)
        for _ in range(rules.TRIES):
            answer = browser.post("/p/bloom/me/code", {"code": f"{(int(code_in(letter)) + 1) % 1_000_000:06}"})
            if answer.status_code == 429:
                assert tries == rules.GUESSES[0].most
                assert browser.post("/p/bloom/me/code", {"code": code_in(letter)}).status_code == 429
                assert not inside(browser)
                return
            tries += 1
    pytest.fail("nobody stopped the guessing")


def test_an_address_a_network_and_a_brand_are_asked_for_so_often_and_no_more(house, browser, monkeypatch):
    for _ in range(rules.ASKS[0].most):
        assert Client().post("/p/bloom/me/", {"address": "x@people.example"}).status_code == 302
    assert Client().post("/p/bloom/me/", {"address": "X@people.example"}).status_code == 429
    assert Client().post("/p/bloom/me/", {"address": "y@people.example"}).status_code == 302
    for number in range(rules.ASKS[1].most):
        answer = Client().post("/p/bloom/me/", {"address": f"z{number}@people.example"})
    assert answer.status_code == 429
    assert Client().post("/p/bloom/me/", {"address": ADA}, REMOTE_ADDR="203.0.113.9").status_code == 302
    monkeypatch.setattr(rules, "ASKS", (rules.ASKS[0], rules.ASKS[1], rules.Limit("ask", "controller", 3, 60)))
    assert Client().post("/p/bloom/me/", {"address": ADA}, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert Client().post("/p/harbour/me/", {"address": ADA}, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_a_code_and_a_link_end_by_themselves(house, browser):
    _, letter = house.asks(browser, ADA)
    with scope.controller(house.bloom):
        models.Knock.objects.update(ends_ms=1)
    assert browser.post("/p/bloom/me/code", {"code": code_in(letter)}).status_code == 422
    assert Client().get(link_in(letter)).status_code == 404
    assert Client().post(link_in(letter)).status_code == 404


def test_a_session_ends_when_left_alone_and_when_it_is_old(house, browser):
    house.enters(browser)
    with scope.controller(house.bloom):
        row = models.Session.objects.get()
        assert inside(browser)
        models.Session.objects.update(seen_ms=row.seen_ms - int(rules.IDLE.total_seconds() * 1000) - 1)
        assert not inside(browser)
        models.Session.objects.update(
            seen_ms=row.seen_ms, began_ms=row.began_ms - int(rules.LONGEST.total_seconds() * 1000) - 1
        )
    assert not inside(browser)


def test_another_brands_session_opens_nothing(house, browser):
    house.enters(browser, "cleo@people.example", "harbour")
    assert inside(browser, "harbour")
    cookie = browser.cookies[COOKIE]
    assert cookie["path"] == "/p/harbour/me/"
    thief = Client()
    thief.cookies[COOKIE] = cookie.value
    thief.cookies[COOKIE]["path"] = "/"
    assert inside(thief, "harbour")
    assert not inside(thief, "bloom")


def test_a_cookie_planted_beforehand_is_not_the_one_a_person_comes_in_with(house, browser):
    attacker = Client()
    house.enters(attacker, "ben@people.example")
    planted = attacker.cookies[COOKIE].value
    _, letter = house.asks(browser, ADA)
    browser.cookies[COOKIE] = planted
    browser.post("/p/bloom/me/code", {"code": code_in(letter)})
    assert browser.cookies[COOKIE].value != planted
    assert "ada@people.example" in browser.get("/p/bloom/me/held").content.decode()
    assert "ada@people.example" not in attacker.get("/p/bloom/me/held").content.decode()


def test_a_cookie_that_somebody_wrote_themselves_opens_nothing(house, browser):
    house.enters(browser)
    forged = Client()
    forged.cookies[COOKIE] = browser.cookies[COOKIE].value[:-1] + "x"
    assert not inside(forged)


def test_signing_out_everywhere_ends_every_session_and_every_code_on_its_way(house, browser):
    phone = Client()
    house.enters(phone)
    house.enters(browser)
    _, letter = house.asks(Client(), ADA)
    browser.post("/p/bloom/me/out", {"everywhere": "1"})
    assert not inside(browser)
    assert not inside(phone)
    assert Client().post(link_in(letter)).status_code == 404


def test_nothing_is_posted_without_the_pages_own_token(house):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/p/bloom/me/", {"address": ADA}).status_code == 403
    page = browser.get("/p/bloom/me/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
    assert browser.post("/p/bloom/me/", {"address": ADA, "csrfmiddlewaretoken": token}).status_code == 302


def test_cookies_are_for_the_server_alone_and_secure_where_the_house_is(house, browser, settings):
    house.enters(browser)
    cookie = browser.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", False)
    settings.SESSION_COOKIE_SECURE = True
    house.enters(browser)
    assert browser.cookies[COOKIE]["secure"]


def test_no_page_can_be_cached_framed_indexed_or_scripted(house, browser):
    house.enters(browser)
    for path in ("", "held", "events", "choices", "receipts"):
        page = browser.get(f"/p/bloom/me/{path}")
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store"
        assert "script-src" not in page["Content-Security-Policy"]
        assert "default-src 'none'" in page["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert "noindex" in page["X-Robots-Tag"]
        assert b"<script" not in page.content
        assert b" style=" not in page.content


def test_nothing_is_kept_of_an_address_a_code_a_link_or_a_cookie_but_hashes(house, browser):
    answer, letter = house.asks(browser, ADA)
    browser.post("/p/bloom/me/code", {"code": code_in(letter)})
    secret = [ADA, code_in(letter), link_in(letter).rsplit("/", 1)[1], browser.cookies[COOKIE].value.split(":")[0]]
    with scope.controller(house.bloom):
        kept = repr([list(table.objects.values()) for table in (models.Knock, models.Session)])
    lines = repr(audit.entries(controller=house.bloom, limit=500))
    for one in secret:
        assert one not in kept
        assert one not in lines
        assert one not in answer.url


def test_the_house_forgets_who_knocked(house, browser):
    house.asks(browser, ADA)
    house.enters(browser)
    entrance.sweep(now() + timedelta(hours=3))
    with scope.controller(house.bloom):
        assert models.Knock.objects.count() == 0
        assert models.Session.objects.count() == 0


def test_coming_and_going_is_written_in_the_book(house, browser):
    house.enters(browser)
    browser.post("/p/bloom/me/out", {"here": "1"})
    told = [entry.did for _, entry in audit.entries(controller=house.bloom, about=house.ada, did="portal")]
    assert told[::-1] == [Did.PORTAL_ENTERED, Did.PORTAL_LEFT]


def test_whoever_is_being_erased_gets_no_code_and_is_out_at_once(house, browser):
    house.enters(browser)
    _, letter = house.asks(Client(), ADA)
    rights.erase(controller=house.bloom, subjects=[house.ada], by=Actor.person(), at=now())
    assert not inside(browser)
    assert Client().post(link_in(letter)).status_code == 404
    _, nothing = house.asks(Client(), ADA)
    assert nothing is None


def test_a_merged_person_comes_in_anew(house, browser):
    house.enters(browser, "ben@people.example")
    subjects.merge(controller=house.bloom, into=house.ada, other=house.ben, by=Actor.person(), at=now())
    assert not inside(browser)


def test_a_brand_that_is_not_there_has_no_door(house, browser):
    assert browser.get("/p/nobody/me/").status_code == 404
    assert browser.get("/p/nobody/me/held").status_code == 404


def test_what_is_no_address_is_said_so_and_costs_nothing(house, browser):
    for wrong in ("", "ada", "a@", "x" * 5000, "\x00@x.example", "ada@people.example\nBcc: b@x.example"):
        assert browser.post("/p/bloom/me/", {"address": wrong}).status_code == 422
    house.tend()
    assert house.sender.sent == []


def test_the_letter_is_in_the_language_of_the_page(house, browser):
    for language, word in (("ro", "datele"), ("en", "See my data")):
        house.sender.sent.clear()
        browser.post(f"/p/bloom/me/?language={language}", {"address": ADA})
        house.tend()
        [message] = house.sender.sent
        assert message.language == language
        assert word in message.rendered.text
        assert message.purpose == "privacy_requests"


def test_every_cookie_these_pages_set_is_declared_as_necessary_and_lives_no_longer_than_said(house, browser):
    house.enters(browser)
    browser.post("/p/bloom/me/ask/erasure", {"sure": "1"})
    declared = [one for one in policy.current(controller=house.bloom).policy.cookies.values() if one.category == "necessary"]
    assert {COOKIE, ASKED} < set(browser.cookies)
    for name, cookie in browser.cookies.items():
        [found] = [one for one in declared if fnmatch(name, one.name)]
        assert int(cookie["max-age"] or 0) <= Span.read(found.lifetime).days * 86_400


@pytest.mark.parametrize("way_out", [True, False])
def test_a_phone_number_is_as_good_as_an_address_where_messages_can_go_there(house, browser, tmp_path, way_out):
    bundles = Path(settings.HOME / "policies")
    for name in ("brand", "bloom"):
        shutil.copytree(bundles / name, tmp_path / name)
    brand = tmp_path / "brand" / "policy.yaml"
    before, after, rest = brand.read_text().partition("  direct_marketing:\n")
    brand.write_text(before.replace("    channels: [email]\n", "    channels: [email, sms]\n") + after + rest)
    policy.publish(controller=house.bloom, bundle=tmp_path / "bloom", by=Actor.staff(1), at=now())
    texts = Remembering("sms")
    senders = {"email": house.sender, **({"sms": texts} if way_out else {})}
    ports._senders.clear()
    ports.wire(senders=senders.values())
    answer = browser.post("/p/bloom/me/", {"address": "0722 123 456"})
    assert answer.status_code == (302 if way_out else 422)
    house.tend()
    dispatch.hand_over_once(controller=house.bloom, sender=texts, at=now())
    if way_out:
        browser.post("/p/bloom/me/code", {"code": code_in(texts.sent[0].rendered.text)})
    assert inside(browser) is way_out
