"""Bloom and Harbour with their people and staff. Ada said yes, Ben said yes then no, Cleo belongs to Harbour."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from assent.audit.contracts import Actor
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role
from tests.agreements import agree

BUNDLES = Path(__file__).resolve().parents[4] / "policies"
BY = Actor.system("test")
PASSWORD = "a long walk by the sea"


@dataclass
class House:
    bloom: int
    harbour: int
    ada: UUID
    ben: UUID
    cleo: UUID
    staff: dict[Role, int]

    def at_work(self, role, *, language="en"):
        """Return a browser in which a member of Bloom's staff is logged in."""
        browser = Client(headers={"accept-language": language})
        assert browser.login(email=f"{role}@bloom.example", password=PASSWORD)
        return browser

    def subject(self, person, controller=None):
        return subjects.by_public_id(controller=controller or self.bloom, public_id=person)


def make_brand(slug):
    info = tenancy.make_controller(
        slug=slug, name=slug.capitalize(), country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=clock.now()
    )
    policy.publish(controller=info.id, bundle=BUNDLES / slug, by=BY, at=clock.now())
    agree(controller=info.id, at=clock.now())
    return info.id


def make_person(controller, first, last):
    email = f"{first}.{last}@customers.example".lower()
    person = PersonInput({"user_id": first.lower(), "first_name": first, "last_name": last, "email": email})
    return subjects.upsert_many(controller=controller, people=[person], by=BY, at=clock.now())[0]


@pytest.fixture
def house(db):
    """Make the house anew for each test."""
    bloom, harbour = make_brand("bloom"), make_brand("harbour")
    ada, ben = make_person(bloom, "Ada", "Popescu"), make_person(bloom, "Ben", "Ștefănescu")
    cleo = make_person(harbour, "Cleo", "Marin")
    for person in (ada, ben):
        consent.give(
            controller=bloom, subject=person.subject, purpose="direct_marketing", channel="email", wording="marketing_email",
            method=Method.WEB_FORM, source="test", language="ro", by=BY, at=clock.now(),
        )  # fmt: skip
    consent.withdraw(
        controller=bloom, subject=ben.subject, purpose="direct_marketing", channel="email", method=Method.WEB_FORM,
        source="test", by=BY, at=clock.now(),
    )  # fmt: skip
    profiles.set_attributes(
        controller=bloom, rows=[(ada.subject, {"city": "Cluj"}), (ben.subject, {"city": "Iași"})], at=clock.now()
    )
    profiles.mirror(controller=bloom)
    staff = {}
    for role in Role:
        staff[role] = tenancy.make_staff(
            email=f"{role}@bloom.example", name=role.capitalize(), password=PASSWORD, language="en", by=BY, at=clock.now()
        )
        tenancy.grant(staff=staff[role], controller=bloom, role=role, by=BY, at=clock.now())
    return House(bloom, harbour, ada.public_id, ben.public_id, cleo.public_id, staff)
