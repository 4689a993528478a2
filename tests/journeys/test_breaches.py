"""From a key that leaked to the draft for the authority, in a real browser; every page is also given to axe-core."""

import json

import pytest
from django.test import Client

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import State
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
from tests.journeys import world as worlds
from tests.journeys.test_console import MOST_BYTES, barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])


@pytest.fixture
def world():
    return worlds.make()


def officer(visitor, **more):
    return visitor(**more).log_in("privacy_officer@bloom.example", worlds.PASSWORD)


def stolen_key(world):
    """Return a key with its number, as a thief has it, and as an honest shop uses it beside."""
    verbs = {Permission.PEOPLE_READ, Permission.PEOPLE_IDENTIFY}
    clear = tenancy.make_api_key(controller=world.bloom, name="Old exporter", verbs=verbs, by=worlds.BY, at=clock.now())
    return clear, tenancy.api_key(clear=clear).id


def call(key, path):
    answer = Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def read_through(key):
    """Read everybody by the API, one after the other, as a thief does; return their ids outside."""
    people = call(key, "/people?limit=500")["items"]
    for person in people:
        call(key, f"/people/{person}")
    return set(people)


def make_alarm(world, number):
    """Let the key have read so much that it stands out, as far as the watch can tell."""
    by = Actor.key(number)
    audit.write_bulk(
        Did.SEGMENT_READ, controller=world.bloom, by=by, at=clock.now(), subjects=list(range(1, 1_200)),
        detail={"why": "api"},
    )  # fmt: skip
    audit.seal_pending()
    breaches.look_over(at=clock.now())


def describe(page):
    """Write what happened, in both languages, and what was lost, until nothing is open any more."""
    for language in ("en", "ro"):
        page.locator(f"[name={language}-what]").evaluate("box => { box.closest('details').open = true }")
        for part in ("what", "causes", "effects", "measures", "advice"):
            page.fill(f"[name={language}-{part}]", f"The key lay on a public page ({part}).")
    page.click("text=Keep the words")
    page.locator(".toast", has_text="Kept.").wait_for()
    page.click("summary >> text=Times, data, kinds of people")
    page.check("[name=nature][value=confidentiality]")
    page.click("button >> text=/^Keep$/")
    page.locator(".toast", has_text="Kept.").wait_for()
    assert page.locator("text=still open:").count() == 0, page.locator("text=still open:").first.inner_text()
    assert barriers(page) == ""


def finish(page):
    """Contain it, tell the authority and the brand, and close it."""
    page.fill("form[action$=contain] textarea", "The key was revoked.")
    page.click("text=It is contained")
    page.click("summary >> text=The authority was told")
    page.fill("[name=reference]", "1234/2026")
    page.click("form[action$=notified] button")
    page.locator("text=told in time").wait_for()
    page.click("button >> text=The brand was told")
    page.click("text=Close the breach")
    page.locator(".head .status", has_text="closed").wait_for()
    assert barriers(page) == ""


def test_from_the_key_that_leaked_to_the_draft_and_the_letters(world, visitor):
    key, number = stolen_key(world)
    taken = read_through(key)
    make_alarm(world, number)
    irina = officer(visitor)

    page = irina.go("/breaches/")
    page.locator(".status.refused", has_text="unusually many people read").wait_for()
    assert barriers(page) == ""
    page.click("td >> text=Suspect a breach")
    page.click("text=Write it down")
    page.locator("h1", has_text="Unusually many people read").wait_for()
    assert barriers(page) == ""

    page.check(f"[name=by][value='key:{number}']")
    page.uncheck("[name=readings][value=segments]")
    page.uncheck("[name=readings][value=lists]")
    page.click("text=Find them")
    page.locator(".toast", has_text=f"Found: {len(taken)} people.").wait_for()

    page.click("text=It is a breach: start the clock")
    page.locator(".ring text", has_text="71 h 59 min").wait_for()
    page.locator("[name=confidentiality]").select_option("most")
    page.locator("summary", has_text="Assess").scroll_into_view_if_needed()
    page.check("text=Somebody meant harm")
    page.locator("#sum b", has_text="2").first.wait_for()
    page.click("text=Keep the assessment")
    page.locator(".toast", has_text="The risk is written down.").wait_for()

    describe(page)
    [made] = breaches.breaches(controller=world.bloom)
    found = subjects.public_ids(
        controller=world.bloom, subjects=breaches.affected(controller=world.bloom, breach=made.id).tolist()
    )
    assert {str(one) for one in found.values()} == taken

    page.click("a >> text=The authority")
    page.locator("text=found one by one").wait_for()
    assert page.locator("text=Still to be written").count() == 0
    assert barriers(page) == ""
    with page.expect_download() as taking:
        page.click("a >> text=PDF")
    assert taking.value.path().read_bytes().startswith(b"%PDF")

    page = irina.go(f"/breaches/{made.id}/")
    page.click("summary >> text=Write to the people")
    page.click(f"text=Write to {len(taken)} people")
    breaches.sweep_letters(at=clock.now())
    world.tend()
    told = [dispatch.messages(controller=world.bloom, subject=one) for one in found]
    assert all(sum(letter.occasion.startswith(f"breach:{made.id}:") for letter in each) == 1 for each in told)
    page = irina.go(f"/breaches/{made.id}/")
    page.locator("text=handed over").first.wait_for()

    finish(page)
    assert breaches.breach(controller=world.bloom, breach=made.id).state is State.CLOSED


def test_a_demand_is_written_down_answered_and_told_when_the_ban_ends(world, visitor):
    (ada,) = subjects.recognise(controller=world.bloom, kind="user_id", values=["ada"])
    public = subjects.public_ids(controller=world.bloom, subjects=[ada])[ada]
    irina = officer(visitor)
    page = irina.go("/demands/")
    page.click("summary:has-text('Write a demand down')")
    page.fill("[name=authority]", "Bucharest prosecutor")
    page.fill("[name=reference]", "12/P/2026")
    page.fill("[name=what]", "Orders of one customer")
    page.fill("[name=people]", str(public))
    page.check("[name=secret]")
    page.click("main button:has-text('Write it down') >> visible=true")
    assert "On which legal ground" in page.locator("main").inner_text()
    assert breaches.orders(controller=world.bloom) == [], "without a ground nothing is written down"
    page.fill("[name=ground]", "Code of criminal procedure, art. 170")
    page.click("main button:has-text('Write it down') >> visible=true")
    page.locator("text=12/P/2026").first.wait_for()
    page.click("summary:has-text('Answer')")
    page.fill("textarea[name=handed] >> visible=true", "A list of orders.")
    page.click("main button:has-text('Write it down') >> visible=true")
    page.locator("text=forbidden for now").wait_for()
    assert barriers(page) == ""
    breaches.sweep_orders(at=clock.now())
    assert dispatch.messages(controller=world.bloom, subject=ada) == [], "the law forbids telling"

    page.click("text=The ban has ended")
    breaches.sweep_orders(at=clock.now())
    world.tend()
    page = irina.go("/demands/")
    page.locator(".status", has_text="told").first.wait_for()
    assert barriers(page) == ""
    [letter] = dispatch.messages(controller=world.bloom, subject=ada)
    assert letter.state.value == "sent"
    assert "demand" in irina.go("/audit/").locator("main").inner_text()


def test_every_page_of_breaches_works_for_everyone_and_is_light(world, visitor):
    made = breaches.suspect(controller=world.bloom, title="Lost bag", found_at=clock.now(), by=Actor.staff(1), at=clock.now())
    one = f"/breaches/{made.id}/"
    paths = ("/breaches/", "/breaches/new", one, f"{one}draft/people.page", "/demands/", "/measures/")
    for how in ({"dark": True}, {"phone": True, "language": "ro"}):
        irina = officer(visitor, **how)
        for path in paths:
            page = irina.go(path)
            assert barriers(page) == "", (path, how)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, how)
            assert len(page.content()) < MOST_BYTES
