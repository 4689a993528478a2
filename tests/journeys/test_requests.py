"""The privacy officer and what people ask: from a letter on the desk to the proof in the book."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.foundation import clock
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, Identity, RequestKind, Via
from assent.privacy.subjects import api as subjects
from tests.journeys import world as worlds
from tests.journeys.test_console import MOST_BYTES, barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

SHOTS = os.environ.get("ASSENT_SHOTS", "")


def shot(page, name):
    """Keep a picture of a page for whoever wants to look at it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def world():
    return worlds.make()


def person(world, user):
    (found,) = subjects.recognise(controller=world.bloom, kind="user_id", values=[user])
    return found


def asked(world, kind, user, *, identity=Identity.SIGNED_IN, **what):
    return rights.receive(
        controller=world.bloom, kind=kind, subject=person(world, user), via=Via.LETTER, identity=identity,
        asked=Asked(**what), by=Actor.system("test"), at=clock.now(),
    ).request  # fmt: skip


def work(world):
    """Do what the worker does in ten minutes, until everything is carried out."""
    for minutes in range(0, 10, 2):
        world.tend()
        at = clock.now() + timedelta(minutes=minutes)
        rights.sweep_requests(at=at)
        rights.sweep_erasures(at=at)


def let_years_pass():
    """Do what the worker does when no law keeps anybody's books any more."""
    years = clock.now() + timedelta(days=366 * 8)
    rights.sweep_held(at=years)
    for minutes in (1, 5, 30):
        rights.sweep_requests(at=years + timedelta(minutes=minutes))
        rights.sweep_erasures(at=years + timedelta(minutes=minutes))


def test_a_letter_is_registered_decided_answered_and_proven(world, visitor):
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = officer.go("/requests/")
    assert barriers(page) == ""
    page.click("main .head >> text=Register a request")
    shot(page, "kinds")
    page.click("text=Correction")
    assert barriers(page) == ""
    page.fill("[name=email]", "dora.turcanu@customers.example")
    page.fill("[name=correct_first_name]", "Dorina")
    page.fill("[name=words]", "I write to you about my name.")
    page.check("[name=checked]")
    shot(page, "form")
    page.click("main button.primary")

    page.locator("h1", has_text="Correction").wait_for()
    assert barriers(page) == ""
    shot(page, "request")
    page.click("summary:has-text('Grant it')")
    page.fill("#words-answer", "We looked at your letter.")
    page.click("button:has-text('Grant') >> visible=true")
    work(world)

    page.reload()
    page.locator(".stepper .done", has_text="closed").wait_for()
    assert "We looked at your letter." in page.locator("main").inner_text()
    assert barriers(page) == ""
    shot(page, "answered")
    told = dispatch.messages(controller=world.bloom, subject=person(world, "dora"))
    assert [(one.purpose, one.state.value) for one in told] == [("privacy_requests", "sent")]
    page = officer.go("/audit/")
    assert "A request was answered" in page.locator("main").inner_text()


def test_an_erasure_goes_from_the_click_to_the_proof(world, visitor):
    request = asked(world, RequestKind.ERASURE, "gelu", identity=Identity.NONE)
    gelu = person(world, "gelu")
    officer = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    page = officer.go(f"/requests/{request.number}/")
    page.click("text=I have made sure who asks")
    work(world)

    # Gelu bought something: the accounts stay as long as the law says, and he was told so; the rest is gone at once.
    page.reload()
    assert "A law obliges us to keep the data" in page.locator("main").inner_text()
    shot(page, "erased_in_part")
    assert barriers(page) == ""
    assert subjects.addresses(controller=world.bloom, subjects=[gelu], field="email") == {}
    (told,) = dispatch.messages(controller=world.bloom, subject=gelu)
    assert told.state.value == "sent"

    # When the books may go, the rest goes by itself.
    let_years_pass()
    page.reload()
    page.locator(".stepper .done", has_text="closed").wait_for()
    shot(page, "erased")
    assert barriers(page) == ""
    assert "What stays, and why" in page.locator("main").inner_text()
    assert subjects.public_ids(controller=world.bloom, subjects=[gelu]) == {}
    page = officer.go("/audit/")
    assert "A person was erased as far as nothing must stay" in page.locator("main").inner_text()


def test_the_list_and_a_request_work_for_everyone_dark_and_on_a_phone_in_romanian(world, visitor):
    request = asked(world, RequestKind.HUMAN_REVIEW, "ada", decision="credit", words="Vă rog să vă mai uitați o dată.")
    asked(world, RequestKind.RECTIFICATION, "flavia", fields={"last_name": "Radulescu"})
    asked(world, RequestKind.ACCESS, "emil", identity=Identity.NONE)
    for ways in ({"dark": True}, {"phone": True, "language": "ro"}):
        someone = visitor(**ways)
        if "language" in ways:
            someone.go("/account/login/").click("text=Română")
        someone.log_in("privacy_officer@bloom.example", worlds.PASSWORD)
        for path in ("/requests/", "/requests/new", "/requests/new?kind=restriction", f"/requests/{request.number}/"):
            weights = []
            someone.page.on("response", lambda answer, weights=weights: weights.append(len(answer.body())))
            page = someone.go(path)
            page.wait_for_load_state("networkidle")
            assert barriers(page) == ""
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"
            assert sum(weights) < MOST_BYTES, f"{path} weighs {sum(weights):,} bytes"
            shot(page, "-".join(["phone" if "phone" in ways else "dark", path.strip("/").replace("/", "_").split("?")[0]]))
