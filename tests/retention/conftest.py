"""Bloom's people with what they did and said, every store behind the ports, and a clock that the test sets."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from assent.audit.contracts import Actor
from assent.config.wiring import wire
from assent.foundation.clock import millis
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.retention import api
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.records.events import api as events
from assent.records.events.contracts import SCHEMA, Admitted
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy
from tests.agreements import agree

BUNDLES = Path(__file__).parents[2] / "policies"
BEGAN = datetime(2020, 1, 15, 12, tzinfo=UTC)
OFFICER = Actor.staff(7)
ADDRESS = {"street": "Strada Lungă 1", "postal_code": "010101"}


@dataclass
class House:
    """A brand and its people."""

    bloom: int
    made: dict = field(default_factory=dict)
    position: int = 0

    def meet(self, name, at=BEGAN, **more):
        given = {"user_id": name, "email": f"{name}@people.example", "first_name": name.title(), **more}
        one = subjects.upsert_many(controller=self.bloom, people=[PersonInput(given)], by=OFFICER, at=at)[0]
        self.made[name] = one.subject
        return one.subject

    def did(self, name, event, at, *purposes, kind="track"):
        """Put an event into the lake, admitted for some purposes."""
        self.position += 1
        code = policy.current(controller=self.bloom)
        row = {
            "subject": self.made[name], "kind": kind, "event": event, "occurred_ms": millis(at), "received_ms": millis(at),
            "purposes": code.mask(*purposes), "bases": "", "policy": code.digest, "property": 1,
            "message": self.position.to_bytes(16, "big"), "value_minor": None, "currency": None, "properties": "{}",
        }  # fmt: skip
        table = pa.Table.from_pylist([row], schema=SCHEMA)
        events.append(admitted=Admitted(self.bloom, table), source="test", position=self.position)

    def says_yes(self, name, at, purpose="direct_marketing", channel="email", wording="marketing_email"):
        consent.give(
            controller=self.bloom, subject=self.made[name], purpose=purpose, channel=channel, wording=wording, language="en",
            method=Method.WEB_FORM, source="checkout", by=Actor.person(), at=at,
        )  # fmt: skip

    def says_no(self, name, at, purpose="direct_marketing"):
        consent.withdraw(
            controller=self.bloom, subject=self.made[name], purpose=purpose, method=Method.WEB_FORM, source="portal",
            by=Actor.person(), at=at,
        )  # fmt: skip

    def has(self, name, at, **attributes):
        profiles.set_attributes(controller=self.bloom, rows=[(self.made[name], attributes)], at=at)

    def attributes(self, name):
        return profiles.get(controller=self.bloom, subjects=[self.made[name]]).get(self.made[name], {})

    def knows(self, name, field="email"):
        return self.made[name] in subjects.addresses(controller=self.bloom, subjects=[self.made[name]], field=field)

    def there(self, name):
        return bool(subjects.public_ids(controller=self.bloom, subjects=[self.made[name]]))

    def purposes_of_events(self, name):
        found = events.timeline(controller=self.bloom, subject=self.made[name], purpose=None, limit=100)
        return sorted(tuple(one["purposes"]) for one in found)

    def run(self, at):
        """Walk over everybody and return the report."""
        number = api.begin(controller=self.bloom, by=OFFICER, at=at)
        while api.step(controller=self.bloom, run=number, at=at):
            pass
        rights.sweep_erasures(at=at + timedelta(minutes=20))
        return api.runs(controller=self.bloom)[0]

    def orphans(self, at):
        return {(one.store, one.kind): one.records for one in api.orphans(controller=self.bloom, at=at)}


def brand(slug, at=BEGAN):
    found = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=at
    )
    policy.publish(controller=found.id, bundle=BUNDLES / slug, by=OFFICER, at=at)
    agree(controller=found.id, at=at)
    return found.id


@pytest.fixture
def house(transactional_db):
    wire()
    return House(brand("bloom"))
