"""Ada said yes, Ben said yes then no, Dan never chose; Cleo is Harbour's. A sender that remembers stands behind e-mail."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import settings

from assent.audit.contracts import Actor
from assent.dispatch import api, ports
from assent.dispatch.contracts import Handover, Outcome, Rendered
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
WORDS = {
    "purpose": "direct_marketing",
    "method": Method.WEB_FORM,
    "source": "test",
    "channel": "email",
}


class PlainRenderer:
    """Says hello and adds everything that is owed."""

    def __init__(self):
        self.leaves_out = ""

    def render(self, *, controller, template, language, variables, links):
        owed = "\n".join(
            value for value in (links.source_line, links.opt_out, links.unsubscribe, links.contact) if value != self.leaves_out
        )
        text = f"Hello {variables['name']} ({language})\n{owed}"
        return Rendered(f"Template {template}", "", text, "Bloom", "news@bloom.example")


class Remembering:
    """A sender that keeps what it is given, and answers by address what ``says`` names."""

    channel = "email"
    recipient = "self"

    def __init__(self):
        self.sent = []
        self.says = {}

    def hand_over(self, messages):
        for message in messages:
            outcome = self.says.get(message.address, Outcome.SENT)
            if isinstance(outcome, Exception):
                raise outcome
            if outcome is Outcome.SENT:
                self.sent.append(message)
            yield Handover(message.id, outcome, code="said", address_refused=outcome is Outcome.PERMANENT)


@dataclass
class House:
    """The cast and what they do most."""

    bloom: int
    harbour: int
    ada: int
    ben: int
    dan: int
    cleo: int
    renderer: PlainRenderer
    sender: Remembering
    people: dict[int, str] = field(default_factory=dict)

    def enqueue(self, *who, occasion="news:1", purpose="direct_marketing", controller=None, **more):
        at = now()
        people = [(one, {"name": self.people.get(one, "friend"), "language": "en"}) for one in who]
        return api.enqueue(
            controller=controller or self.bloom, occasion=occasion, purpose=purpose, channel="email", template=1, people=people,
            not_before=more.pop("not_before", at), by=STAFF, at=at, **more,
        )  # fmt: skip

    def hand_over(self, *, later=timedelta(0), **more):
        return api.hand_over_once(controller=self.bloom, sender=more.pop("sender", self.sender), at=now() + later, **more)

    def states(self, occasion="news:1"):
        return {state.value: n for state, n in api.progress(controller=self.bloom, occasion=occasion).items() if n}

    def message(self, who, occasion="news:1"):
        return next(one for one in api.messages(controller=self.bloom, subject=who) if one.occasion == occasion)

    def withdraw(self, who):
        consent.withdraw(controller=self.bloom, subject=who, by=Actor.person(), at=now(), **WORDS)

    def give(self, who):
        consent.give(controller=self.bloom, subject=who, wording="marketing_email", by=Actor.person(), at=now(), **WORDS)


def made(slug):
    at = now()
    controller = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=at
    )
    return controller.id


def person(controller, name):
    who = PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name.title()})
    return subjects.upsert_many(controller=controller, people=[who], by=STAFF, at=now())[0].subject


@pytest.fixture
def house(db):
    """Return the house."""
    bloom, harbour = made("bloom"), made("harbour")
    policy.publish(controller=bloom, bundle=settings.HOME / "policies" / "bloom", by=STAFF, at=now())
    agree(controller=bloom, at=now())
    ada, ben, dan, cleo = person(bloom, "ada"), person(bloom, "ben"), person(bloom, "dan"), person(harbour, "cleo")
    house = House(bloom, harbour, ada, ben, dan, cleo, PlainRenderer(), Remembering(), {ada: "Ada", ben: "Ben"})
    house.give(ada)
    house.give(ben)
    house.withdraw(ben)
    ports.wire(renderer=house.renderer)
    suppression_ports.wire(open_claims=api.open_claims)
    return house
