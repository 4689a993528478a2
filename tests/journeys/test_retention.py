"""Data end when their time is over, are held for a claim as long as it says, and the officer sees all of it."""

from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.dispatch import api as dispatch
from assent.foundation import clock
from assent.privacy.retention import api as retention
from assent.privacy.subjects import api as subjects
from assent.records.events import api as events
from tests.journeys import world as worlds
from tests.journeys.test_console import barriers
from tests.journeys.test_portal import ask_to_be_erased, enter, tend
from tests.journeys.test_requests import let_years_pass, person, shot

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

ADA = "ada.popescu@customers.example"


@pytest.fixture
def world():
    return worlds.make()


def booked(world, subject):
    """Return what is kept of somebody for the books."""
    return events.timeline(controller=world.bloom, subject=subject, purpose="legal_accounts", limit=10)


def run(world, at):
    """Do what the worker does once a day: a run to its end, the letters about it, and a look at what is left over."""
    number = retention.begin(controller=world.bloom, by=worlds.BY, at=at)
    while retention.step(controller=world.bloom, run=number, at=at):
        pass
    while retention.scan(controller=world.bloom, run=number, at=at):
        pass
    world.tend()


def test_an_officer_sees_what_will_end_and_then_that_it_ended(world, visitor):
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = officer.go("/retention/")
    assert "Nothing is counted yet" in page.locator("main").inner_text()
    gelu = person(world, "gelu")
    assert booked(world, gelu)
    run(world, clock.now())
    page = officer.go("/retention/")
    far = clock.now() + timedelta(days=366 * 12)
    page.fill("[name=by]", f"{far:%Y-%m-%d}")
    page.click("#by-day button")
    ahead = page.locator("#by-day").inner_text()
    assert "E-mails about products like those you bought" in ahead
    assert barriers(page) == ""
    shot(page, "will_end")
    # The years pass; nobody came back, and no claim holds anything.
    run(world, far)
    page = officer.go("/retention/")
    told = page.locator("main").inner_text()
    assert "Invoices and accounts: 6 (the period is over)" in told
    assert "News and offers: 3 asked again" in told
    assert "every record serves a purpose that lives" in told
    assert barriers(page) == ""
    shot(page, "ended_by_time")
    assert not booked(world, gelu), "the order stays for the account alone, which nobody has closed"
    lines = audit.entries(controller=world.bloom, did="retention")
    assert lines
    assert barriers(officer.go("/audit/")) == ""


def test_a_claim_holds_what_it_needs_says_so_and_lets_go(world, visitor):
    ada = person(world, "ada")
    public = subjects.public_ids(controller=world.bloom, subjects=[ada])[ada]
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = officer.go(f"/people/{public}/")
    page.click("text=Hold…")
    assert page.locator("[name=person]").input_value() == str(public)
    page.fill("[name=reference]", "C-118/2026")
    page.fill("[name=until]", f"{clock.now() + timedelta(days=30):%Y-%m-%d}")
    page.click("main button.primary:has-text('Put on hold')")
    page.locator("text=C-118/2026").first.wait_for()
    assert barriers(page) == ""
    shot(page, "held")

    # Ada asks to be erased: she learns at once that a claim holds her data, and until when it can.
    hers = enter(world, visitor(phone=True))
    ask_to_be_erased(hers)
    tend(world)
    hers.reload()
    told = hers.locator("main").inner_text()
    assert "claim" in told
    assert barriers(hers) == ""
    shot(hers, "held_erasure")
    assert subjects.public_ids(controller=world.bloom, subjects=[ada]) != {}
    assert [one.state.value for one in dispatch.messages(controller=world.bloom, subject=ada)][-1:] == ["sent"]

    page.click("button:has-text('Release')")
    page.locator("text=Released.").wait_for()
    let_years_pass()
    hers.reload()
    assert "Nothing is left that names you" in hers.locator("main").inner_text()
    assert subjects.public_ids(controller=world.bloom, subjects=[ada]) == {}
    book = officer.go("/audit/").locator("main").inner_text()
    assert "A person was erased" in book
