"""From a person's erasure to the last recipient's answer, at the officer's desk."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from assent.audit.contracts import Actor
from assent.foundation import clock
from assent.privacy.disclosures import api as disclosures, ports
from assent.privacy.disclosures.contracts import Told, ToldHow, Way
from assent.privacy.subjects import api as subjects
from tests.journeys import world as worlds
from tests.journeys.test_console import MOST_BYTES, barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

SHOTS = os.environ.get("ASSENT_SHOTS", "")
BY = Actor.system("test")


def shot(page, name):
    """Keep a picture of a page for whoever wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def world():
    """Return Bloom, of which Meta and a shop called Petal got some people's addresses, two of whom were erased."""
    made = worlds.make()
    people = subjects.recognise(controller=made.bloom, kind="user_id", values=["ada", "ben", "dora", "emil"])
    where = {"controller": made.bloom, "by": BY, "at": clock.now() - timedelta(hours=3)}
    for recipient, purpose in (("meta", "advertising"), ("courier", "service")):
        disclosures.record(subjects=people, recipient=recipient, way=Way.CONNECTOR, purpose=purpose, items=["email"], **where)
    disclosures.record(subjects=people[:1], named="Petal SRL", way=Way.HAND_OVER, purpose="", items=["email"], **where)
    disclosures.record_agreements(controller=made.bloom, at=clock.now())
    disclosures.pass_on(subjects=people[:1], what="erasure", request="request:K3M7-9QX2", **where)
    disclosures.pass_on(subjects=people[1:2], what="rectification", request="request:7TQW-44RD", **where)
    disclosures.tell_recipients(at=clock.now())
    return made


def test_a_recipient_is_told_answers_and_the_request_no_longer_waits(world, visitor):
    told = []

    class Mail:
        way, most, first_question = "email", 200, timedelta(days=3)

        def check(self, address):
            return address

        def tell(self, notice):
            told.append(notice)
            return Told(ToldHow.SENT)

    before = ports.notifiers()
    ports.wire([Mail()])
    try:
        officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
        page = officer.go("/recipients/")
        assert barriers(page) == ""
        shot(page, "recipients")
        page.click("text=Meta Platforms Ireland Limited >> nth=0")
        assert barriers(page) == ""
        shot(page, "recipient")
        page.fill("[name=address]", "privacy@meta.example")
        page.click("text=Save the way")
        disclosures.tell_recipients(at=clock.now())
        assert len(told) == 2
        page = officer.go("/recipients/one?key=meta")
        page.click("text=It has done it >> nth=0")
        assert page.is_visible("text=Written down")
        page = officer.go("/recipients/one?name=Petal+SRL")
        page.click("text=It can’t be told")
        page.check("[name=because][value=gone]")
        page.click("text=Write it down")
        assert page.is_visible("text=It does not exist any more")
        shot(page, "recipient-settled")
        assert barriers(page) == ""
    finally:
        ports.wire(before)


@pytest.mark.parametrize(("language", "phone", "dark"), [("ro", False, False), ("ro", True, False), ("en", True, True)])
def test_the_pages_serve_everybody(world, visitor, language, phone, dark):
    officer = visitor(phone=phone, dark=dark, language=language)
    if language == "ro":
        officer.go("/account/login/").click("text=Română")
    officer.log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    for path, name in (("/recipients/", "recipients"), ("/recipients/one?key=meta", "recipient")):
        page = officer.go(path)
        assert barriers(page) == ""
        assert page.locator("html").get_attribute("lang") == language
        assert len(page.content()) < MOST_BYTES
        shot(page, f"{name}-{language}-{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}")


def test_a_recipient_confirms_on_a_phone(world, visitor):
    heard = []

    class Mail:
        way, most, first_question = "email", 200, timedelta(days=3)

        def check(self, address):
            return address

        def tell(self, notice):
            heard.append(notice)
            return Told(ToldHow.SENT)

    before = ports.notifiers()
    ports.wire([Mail()])
    try:
        disclosures.set_way(
            controller=world.bloom, recipient="meta", way="email", address="privacy@meta.example", by=BY, at=clock.now()
        )
        disclosures.tell_recipients(at=clock.now())
        page = visitor(phone=True, language="ro").go(f"/n/{heard[0].token}")
        assert barriers(page) == ""
        shot(page, "confirm-ro")
        page.click("main button")
        assert page.is_visible("text=Vă mulțumim")
        assert barriers(page) == ""
    finally:
        ports.wire(before)
