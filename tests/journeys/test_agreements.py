"""The privacy officer ends an agreement, fetches what it held, and sees it deleted, with report and line in the book."""

import json
import zipfile
from datetime import timedelta

import pytest

from assent.foundation import clock
from assent.privacy.retention import api as retention
from assent.tenancy import api as tenancy
from tests.journeys import world as worlds
from tests.journeys.test_console import barriers
from tests.journeys.test_requests import shot

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])


def work(at):
    """Do what the worker does about ended agreements, until nothing moves any more."""
    for tick in range(400):
        if not retention.close_agreements(at=at + timedelta(seconds=tick)):
            return
    raise AssertionError("it does not come to an end")


def test_an_ended_agreements_data_are_fetched_then_deleted_with_a_report(visitor):
    world = worlds.make()
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    held = tenancy.in_force(controller=world.bloom, solution="crm", at=clock.now())
    page = officer.go(f"/agreements/{held.id}/")
    page.click("summary:has-text('End this agreement')")
    page.check("[name=choice][value=return]")
    page.fill("[name=reason]", "We move to another house.")
    page.click("button:has-text('End the agreement') >> visible=true")
    page.locator("text=The end is written down").wait_for()

    work(clock.now())
    page = officer.go("/duties/")
    assert "Return the data: Omnichannel CRM" in page.locator("main").inner_text()
    assert barriers(page) == ""
    shot(page, "duties")
    page.click("text=Return the data: Omnichannel CRM")
    assert "Ready for you to fetch" in page.locator("main").inner_text()
    assert barriers(page) == ""
    shot(page, "agreement_ready")
    fetched = 0
    for place in range(page.locator("button:has-text('Fetch file')").count()):
        with page.expect_download() as caught:
            page.locator("button:has-text('Fetch file')").nth(place).click()
        with zipfile.ZipFile(caught.value.path()) as archive:
            fetched += len([json.loads(line) for line in archive.read("people.ndjson").decode().splitlines()])
    assert fetched == len(worlds.PEOPLE)

    work(clock.now())
    page.reload()
    told = page.locator("main").inner_text()
    assert "Ended and settled" in told
    assert "removed" in told
    assert barriers(page) == ""
    shot(page, "agreement_done")
    page = officer.go("/audit/")
    told = page.locator("main").inner_text()
    assert "What was held for an ended agreement alone was deleted" in told
    assert "Data of an ended agreement were fetched" in told


def test_the_desk_leads_to_what_ends_next_month_and_to_what_is_left_over(visitor):
    world = worlds.make()
    begin = clock.now()
    number = retention.begin(controller=world.bloom, by=worlds.BY, at=begin)
    while retention.step(controller=world.bloom, run=number, at=begin):
        pass
    while retention.scan(controller=world.bloom, run=number, at=begin):
        pass
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = officer.go("/duties/")
    page.click("a.figure:has-text('Records without a live purpose')")
    page.wait_for_url("**/retention/#left")
    assert "every record serves a purpose that lives" in page.locator("#left").inner_text()
    assert barriers(page) == ""
    shot(page, "left_over")
    page = officer.go("/duties/")
    page.click("a.figure:has-text('People erased by')")
    page.wait_for_url("**/retention/?by=*#by-day")
    assert "of whom nothing will be left" in page.locator("#by-day").inner_text()
