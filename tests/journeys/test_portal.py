"""Ada on her own pages: in by the code from the mail catcher, and from there to the proof of whatever she does."""

import json
import re
import zipfile
from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.dispatch import api as dispatch
from assent.entrypoints.portal import entrance
from assent.foundation import clock
from assent.privacy.retention import api as retention
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import RequestKind
from assent.privacy.subjects import api as subjects
from assent.receipts import check
from assent.records.files import api as files
from tests.journeys import world as worlds
from tests.journeys.test_console import barriers
from tests.journeys.test_requests import let_years_pass, shot

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

ADA = "ada.popescu@customers.example"
PAGES = (
    "", "held", "events", "choices", "receipts", "requests", "recipients", "proof",
    *(f"ask/{kind.value}" for kind in RequestKind),
)  # fmt: skip


@pytest.fixture
def world():
    return worlds.make()


def tend(world):
    """Do what the workers do: look who knocked, write to them, and keep what leaves in the catcher."""
    entrance.answer(clock.now())
    world.tend()
    for minutes in (0, 5, 10, 15):  # what is tried again is tried again
        later = clock.now() + timedelta(minutes=minutes)
        rights.sweep_requests(at=later)
        rights.sweep_erasures(at=later)
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


def ask_to_be_erased(page):
    page.click("text=Your requests")
    page.click("text=Erase my data")
    page.check("[name=sure]")
    page.click("main button")
    page.wait_for_url("**/me/proof*")


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
    told = page.locator("main section", has_text="What changed for your data").inner_text()
    assert "you took your consent back" in told
    assert "Orders and your account" in told
    assert "art. 6(1)(b)" in told
    assert barriers(page) == ""
    shot(page, "ended")
    tend(world)
    for minutes in (0, 4, 8):
        retention.draw(at=clock.now() + timedelta(minutes=minutes))
        retention.tell_what_stays(at=clock.now() + timedelta(minutes=minutes))
    ended = retention.ended(controller=world.bloom, subject=person(world))
    assert [(one.purpose, one.why.value) for one in ended] == [("direct_marketing", "withdrawn")]
    occasions = {one.occasion for one in dispatch.messages(controller=world.bloom, subject=person(world))}
    assert not [one for one in occasions if one.startswith("ended:")], "whoever read it on the page gets no letter"
    # Others of that day said no elsewhere, and were written to.
    lines = audit.entries(controller=world.bloom, did="retention.people.told_what_stays")
    assert sorted(line.detail["how"] for _, line in lines) == ["letter", "page"]
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


def test_ada_gets_a_copy_of_everything(world, visitor):
    page = enter(world, visitor(phone=True))
    page.click("text=Your requests")
    page.click("text=Get a copy of my data")
    page.click("text=Send the request")
    page.wait_for_url("**done=received")
    with page.expect_download() as caught:
        page.click("text=Download the copy")
    with zipfile.ZipFile(caught.value.path()) as package:
        assert ADA in "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    tend(world)
    page.reload()
    assert "We answered" in page.locator("main").inner_text()
    assert "Our answer to your request" in newest_mail(world.bloom, ADA)["subject"]


def test_ada_takes_her_data_along(world, visitor):
    page = enter(world, visitor(scripts=False))
    page.click("text=Your requests")
    page.click("text=Take my data along")
    page.click("text=Send the request")
    with page.expect_download() as caught:
        page.click("text=Download the copy")
    with zipfile.ZipFile(caught.value.path()) as package:
        assert ADA in package.read("package.json").decode()


def test_ada_has_her_name_corrected_by_a_person_who_looks_at_it(world, visitor):
    page = enter(world, visitor())
    page.click("text=Your requests")
    page.click("text=Correct my data")
    page.fill("[name='field.last_name']", "Popa")
    page.click("text=Send the request")
    page.wait_for_url("**done=received")
    [info] = rights.requests(controller=world.bloom, subject=person(world), at=clock.now())
    rights.answer(controller=world.bloom, request=info.id, by=worlds.BY, at=clock.now())
    tend(world)
    page.click("nav >> text=What is held")
    for fold in page.locator("summary").all():
        fold.click()
    assert "Popa" in page.locator("main").inner_text()
    assert "Popescu" not in page.locator("main").inner_text().replace(ADA, "")


def test_ada_has_her_data_frozen_and_can_still_come_in(world, visitor):
    page = enter(world, visitor())
    page.click("text=Your requests")
    page.click("text=Keep my data, but do not use them")
    page.check("text=The data are wrong")
    page.click("text=Send the request")
    page.wait_for_url("**done=received")
    page = enter(world, visitor())
    page.click("text=Your requests")
    assert "Keep my data, but do not use them" in page.locator("main li >> nth=0").inner_text()


def test_ada_objects_and_withdraws_and_it_ends_at_once(world, visitor):
    page = enter(world, visitor(language="ro"))
    for kind in ("Mă opun unei folosiri a datelor", "Îmi retrag acordul"):
        page.click("nav >> text=Cereri")
        page.click(f"text={kind} >> nth=0")
        page.click("text=Trimit cererea")
        page.wait_for_url("**done=received")
    page.click("nav >> text=Alegeri")
    assert not any(one.is_checked() for one in page.locator(".toggle").all())


def test_ada_asks_for_a_human_and_takes_it_back(world, visitor):
    page = enter(world, visitor())
    page.click("text=Your requests")
    page.click("text=Ask for a human")
    page.fill("[name=words]", "Why did I see this offer?")
    page.click("text=Send the request")
    page.wait_for_url("**done=received")
    page.click("summary")
    page.click("text=I no longer ask for it")
    assert "taken back" in page.locator("main").inner_text()


def test_ada_is_erased_and_holds_the_proof(world, visitor):
    page = enter(world, visitor(phone=True))
    subject = person(world)
    ask_to_be_erased(page)
    number = page.locator("main b >> nth=0").inner_text()
    assert barriers(page) == ""
    tend(world)
    page.reload()
    # Ada bought something: a law keeps the accounts, and nothing else of her is here any more.
    assert "What need not stay is erased" in page.locator("main").inner_text()
    assert barriers(page) == ""
    assert subjects.addresses(controller=world.bloom, subjects=[subject], field="email") == {}
    let_years_pass()
    page.reload()
    assert "Nothing is left that names you" in page.locator("main").inner_text()
    assert "Everything is done" in page.locator("main").inner_text()
    assert subjects.public_ids(controller=world.bloom, subjects=[subject]) == {}
    left = {held.store for held in rights.inventory(controller=world.bloom, subject=subject)}
    assert left <= {"audit", "consent", "rights", "suppression"}, "what stays is proof under a number that leads to nobody"
    stranger = visitor().go("/p/bloom/me/proof")
    stranger.fill("[name=number]", number)
    stranger.click("main button")
    assert "Everything is done" in stranger.locator("main").inner_text()
    stranger.goto(page.url.replace("proof", ""))
    stranger.fill("[name=address]", ADA)
    stranger.click("main button")
    before = len(files.listing(controller=world.bloom, kind="mail", limit=50))
    tend(world)
    assert len(files.listing(controller=world.bloom, kind="mail", limit=50)) == before


def test_ada_sees_who_received_her_data(world, visitor):
    page = enter(world, visitor())
    page.click("text=Who received your data")
    assert page.locator("h1").inner_text() == "Who received your data"
    assert page.locator("main").inner_text().count("GDPR") == 1
