"""From an import that names its source to the first message in the mail catcher and the proof, at the officer's desk."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.campaigns import api as campaigns
from assent.config.wiring import wire
from assent.dispatch import api as dispatch
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.sources import api as sources
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
from tests.journeys import world as worlds
from tests.journeys.test_console import MOST_BYTES, barriers
from tests.sources.conftest import bundle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

SHOTS = os.environ.get("ASSENT_SHOTS", "")


def shot(page, name):
    """Keep a picture of a page for whoever wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def world(tmp_path):
    """Return Bloom, whose policy names a partner that introduces people."""
    made = worlds.make()
    wire()
    policy.publish(controller=made.bloom, bundle=bundle(tmp_path), by=worlds.BY, at=clock.now())
    return made


def bring(world, source, *names, days_ago=0, email=True):
    """Bring people in by the API, as a shop does, and return their ids inside."""
    key = tenancy.make_api_key(
        controller=world.bloom, name="Shop", verbs={Permission.PEOPLE_WRITE}, by=worlds.BY, at=clock.now()
    )
    body = {
        "people": [
            {"identifiers": {"user_id": name, **({"email": f"{name}@customers.example"} if email else {})}} for name in names
        ],
        "source": source,
        "obtained_at": (clock.now() - timedelta(days=days_ago)).isoformat(),
    }
    answer = Client().post(
        "/api/v1/people", json.dumps(body), content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.content
    return subjects.recognise(controller=world.bloom, kind="user_id", values=list(names))


def write_to(world, subject):
    """Let a campaign write to somebody who agreed to its news."""
    at, where = clock.now(), {"controller": world.bloom}
    consent.give(
        **where, subject=subject, purpose="direct_marketing", channel="email", wording="marketing_email", language="en",
        method=Method.WEB_FORM, source="checkout", by=worlds.BY, at=at,
    )  # fmt: skip
    words = campaigns.create_template(
        **where, name="Coats", subject={"en": "The coats are here"}, body={"en": "Come and see them."}, by=worlds.BY, at=at
    )
    edition = campaigns.edition(**where, template=words.id, sender_name="Bloom", sender_address="news@bloom.example")
    dispatch.enqueue(
        **where, occasion="coats", purpose="direct_marketing", channel="email", template=edition,
        people=[(subject, {"language": "en"})], not_before=at, by=worlds.BY, at=at,
    )  # fmt: skip
    world.tend()


def test_people_from_a_partner_are_told_by_the_first_message_and_the_book_shows_it(world, visitor):
    iris, _jan = bring(world, "partner", "iris", "jan")
    petru = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = petru.go("/duties/")
    assert "The partner shop that introduced you · 2 people" in page.inner_text("main")
    assert barriers(page) == ""
    page.click(".figure >> text=People to be told of a source")
    page.wait_for_url("**/sources/")
    assert "with the first message, or by letter" in page.inner_text("main")
    assert barriers(page) == ""
    shot(page, "sources")

    write_to(world, iris)

    mara = visitor().log_in("marketer@bloom.example", worlds.PASSWORD)
    mails = mara.go("/mail/")
    mails.click("text=The coats are here")
    mails.wait_for_load_state("networkidle")
    told = mails.content() + "".join(frame.content() for frame in mails.frames)
    assert "Petal Flowers SRL" in told
    assert "/p/bloom/privacy" in told

    page = petru.go("/audit/")
    assert "People were told where their data came from" in page.inner_text("main")
    (line,) = [one for _, one in audit.entries(controller=world.bloom, did=Did.SOURCE_TOLD)]
    assert line.detail["policy"] == policy.current(controller=world.bloom).digest
    (known,) = sources.known(controller=world.bloom, subject=iris)
    assert known.message == dispatch.messages(controller=world.bloom, subject=iris)[0].id
    assert "· 1 person" in petru.go("/duties/").inner_text("main")


def test_whom_no_message_reaches_the_officer_decides_about(world, visitor):
    bring(world, "partner", "kim", "lea", days_ago=20, email=False)
    bring(world, "", "mia", days_ago=50)
    sources.sweep(at=clock.now())
    petru = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = petru.go("/sources/")
    said = page.inner_text("main")
    assert "no message reaches 2 of them" in said
    assert "nobody writes to them until it is named" in said
    assert re.search(r"\d+ days late", said)
    shot(page, "sources-owed")

    page.click("text=Nobody said where from")
    assert barriers(page) == ""
    shot(page, "sources-group")
    page.select_option("[name=named]", "partner")
    page.click("text=Name it")
    page.locator(".toast", has_text="Named for 1 person.").wait_for()

    page.locator("tr", has_text="no message reaches 2").locator("a").click()
    page.click("summary >> text=They need not be told")
    assert barriers(page) == ""
    page.select_option("[name=ground]", "impossible")
    page.fill("[name=reason]", "The partner gave no address.")
    page.click("text=Write it down")
    page.locator(".toast", has_text="Written down for 2 people.").wait_for()
    assert "The partner gave no address." in page.inner_text("main")
    assert barriers(page) == ""


def test_the_pages_are_for_everybody_in_romanian_on_a_phone_in_the_dark(world, visitor):
    bring(world, "partner", "noa", days_ago=20, email=False)
    sources.sweep(at=clock.now())
    (group,) = sources.groups(controller=world.bloom)
    petru = visitor(phone=True, dark=True, language="ro").log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    petru.page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "ro", "url": petru.base}])
    for path, name in (("/sources/", "list"), (f"/sources/{group.number}?source=partner", "group")):
        page = petru.go(path)
        assert barriers(page) == "", path
        assert len(page.content()) < MOST_BYTES
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), path
        shot(page, f"sources-{name}-ro")
    assert "Nu trebuie informați" in page.inner_text("main")
