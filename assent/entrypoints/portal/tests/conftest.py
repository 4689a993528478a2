"""Ada and Ben are Bloom's, Cleo is Harbour's; Dora and Emil share one address. A sender remembers what it was given."""

import re
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.core.cache import cache

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch, ports
from assent.dispatch.contracts import Handover, Outcome, Rendered
from assent.entrypoints.portal import entrance
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import ports as suppression_ports
from assent.tenancy import api as tenancy
from tests.agreements import agree

STAFF = Actor.staff(1)


class Plain:
    """Says hello, with what is owed."""

    def render(self, *, controller, template, language, variables, links):
        return Rendered("Hi", "", f"{links.source_line}\n{links.unsubscribe}\n{links.contact}", "Bloom", "news@bloom.example")


class Remembering:
    """Keeps what it is given."""

    recipient = "self"

    def __init__(self, channel="email"):
        self.channel, self.sent = channel, []

    def hand_over(self, messages):
        self.sent += messages
        return [Handover(message.id, Outcome.SENT) for message in messages]


@dataclass
class House:
    """Two brands and their people."""

    bloom: int
    harbour: int
    ada: int
    ben: int
    cleo: int
    sender: Remembering = field(default_factory=Remembering)

    def tend(self, *, at=None):
        """Do what the worker does."""
        entrance.answer(at or now())
        for controller in (self.bloom, self.harbour):
            dispatch.hand_over_once(controller=controller, sender=self.sender, at=now())

    def asks(self, browser, address, slug="bloom", **more):
        """Ask for a code and return what came to an inbox: the text of the letter, or None."""
        before = len(self.sender.sent)
        answer = browser.post(f"/p/{slug}/me/", {"address": address}, **more)
        self.tend()
        came = [one.rendered.text for one in self.sender.sent[before:] if "/me/link/" in one.rendered.text]
        return answer, (came[-1] if came else None)

    def enters(self, browser, address="ada@people.example", slug="bloom"):
        """Come in by code."""
        _, letter = self.asks(browser, address, slug)
        answer = browser.post(f"/p/{slug}/me/code", {"code": code_in(letter)})
        assert answer.status_code == 302, answer.content.decode()
        return answer


def code_in(letter):
    return re.search(r"^(\d{6})$", letter, re.MULTILINE)[1]


def link_in(letter):
    return re.search(r"http://\S+?(/p/\S+/me/link/\S+)", letter)[1]


def _made(slug):
    at = now()
    controller = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=at
    ).id
    policy.publish(controller=controller, bundle=settings.HOME / "policies" / slug, by=STAFF, at=at)
    agree(controller=controller, at=at)
    return controller


def _person(controller, name, **more):
    known = {"user_id": name, "email": f"{name}@people.example", "first_name": name.title(), **more}
    return subjects.upsert_many(controller=controller, people=[PersonInput(known)], by=STAFF, at=now())[0].subject


@pytest.fixture
def house(db):
    cache.clear()
    bloom, harbour = _made("bloom"), _made("harbour")
    ada = _person(bloom, "ada", phone="+40722123456", last_name="Popescu", birth_date="1990-04-17")
    house = House(bloom, harbour, ada, _person(bloom, "ben"), _person(harbour, "cleo"))
    _person(bloom, "dora", email="family@people.example")
    _person(bloom, "emil", email="family@people.example")
    consent.give(
        controller=bloom, subject=ada, purpose="direct_marketing", channel="email", wording="marketing_email",
        method=Method.WEB_FORM, source="test", by=Actor.person(), at=now(),
    )  # fmt: skip
    before = dict(ports._senders)
    ports._senders.clear()
    ports.wire(renderer=Plain(), senders=[house.sender])
    suppression_ports.wire(open_claims=dispatch.open_claims)
    yield house
    ports._senders.clear()
    ports._senders.update(before)


@pytest.fixture
def browser(client):
    """A browser that sends no CSRF token it was not given."""
    return client
