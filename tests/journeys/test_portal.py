"""Ada on her own pages: in by the code from the mail catcher, and from there to the proof of whatever she does."""

import json
import re

import pytest

from assent.audit import api as audit
from assent.entrypoints.portal import entrance
from assent.foundation import clock
from assent.privacy.subjects import api as subjects
from assent.receipts import check
from assent.records.files import api as files
from tests.journeys import world as worlds
from tests.journeys.test_console import barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

ADA = "ada.popescu@customers.example"
PAGES = ("", "held", "events", "choices", "receipts")


@pytest.fixture
def world():
    return worlds.make()


def tend(world):
    """Do what the workers do: look who knocked, write to them, and keep what leaves in the catcher."""
    entrance.answer(clock.now())
    world.tend()


def newest_mail(controller, address):
    for meta in files.listing(controller=controller, kind="mail", limit=20):
        mail = json.loads(files.get(controller=controller, file=meta.id).data)
        if mail["to"] == address:
            return mail
    raise AssertionError("no mail came")


def code_in(mail):
    return re.search(r"^(\d{6})$", mail["text"], re.MULTILINE)[1]


def enter(world, someone, address=ADA):
    page = someone.go("/p/bloom/me/")
    page.fill("[name=address]", address)
    page.click("main button")
    page.wait_for_url("**/me/code*")
    tend(world)
    page.fill("[name=code]", code_in(newest_mail(world.bloom, address)))
    page.click("main button")
    page.wait_for_url("**/me/")
    return page


def person(world, address=ADA):
    return subjects.recognise(controller=world.bloom, kind="email", values=[address])[0]


@pytest.mark.parametrize(("dark", "phone", "language"), [(False, False, "en"), (True, True, "ro"), (False, True, "en")])
def test_every_page_works_for_everyone(world, visitor, dark, phone, language):
    someone = visitor(dark=dark, phone=phone, language=language, scripts=True)
    assert barriers(someone.go("/p/bloom/me/")) == ""
    page = enter(world, someone)
    for path in PAGES:
        page = someone.go(f"/p/bloom/me/{path}")
        for fold in page.locator("details").all():
            fold.evaluate("one => one.open = true")
        assert barriers(page) == ""
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"


def test_ada_comes_in_without_scripts_sees_what_is_held_and_goes(world, visitor):
    page = enter(world, visitor(scripts=False))
    page.click("text=What is held and why")
    assert ADA in page.content()
    assert "Orders and your account" in page.locator("main").inner_text()
    assert "Accounting Act" in page.locator("main").inner_text()
    page.click("text=See what happened")
    assert "An order was placed" in page.locator("main").inner_text()
    page.click("text=Sign out")
    page.wait_for_url("**/me/gone*")
    page.goto(page.url.replace("gone", "held"))
    assert page.locator("[name=address]").is_visible()
    read = [entry.did for _, entry in audit.entries(controller=world.bloom, about=person(world), did="portal")]
    assert read[::-1] == ["portal.session.begun", "portal.data.read", "portal.session.ended"]


def test_ada_turns_a_switch_and_keeps_the_proof(world, visitor):
    page = enter(world, visitor())
    page.click("text=Your choices")
    news = page.locator("[id='direct_marketing.email']")
    assert news.is_checked()
    news.uncheck()
    page.click("text=Save")
    page.wait_for_url("**done=saved")
    assert not page.locator("[id='direct_marketing.email']").is_checked()
    tend(world)
    page.click("nav >> text=Proofs")
    assert "You said no" in page.locator("main li >> nth=0").inner_text()
    with page.expect_download() as caught:
        page.click("main li >> nth=0 >> text=Download")
    proof = caught.value.path().read_bytes()
    assert check(proof, audit.verifier_key())


def test_ada_ends_all_marketing_in_one_press(world, visitor):
    page = enter(world, visitor(phone=True, language="ro"))
    page.click("text=Alegerile dumneavoastră")
    page.click("text=Opresc tot marketingul")
    page.wait_for_url("**done=ended")
    assert not any(page.locator(".toggle").nth(n).is_checked() for n in range(3))
    assert page.locator("text=Opresc tot marketingul").count() == 0
