"""Ada and Ben of Bloom with their addresses; Cleo of Harbour. Every store answers, and what is told is noted down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.audit.contracts import Actor
from assent.config.wiring import wire
from assent.privacy.policy import api as policy
from assent.privacy.rights import api, ports
from assent.privacy.rights.contracts import Identity, Told, Via
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy
from tests.agreements import agree

BUNDLES = Path(__file__).parents[2] / "policies"
NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
OFFICER = Actor.staff(7)
PERSON = Actor.person()


@dataclass
class House:
    """Two brands, three people, and a way to tell them things that does as the test says."""

    bloom: int
    harbour: int
    processlab: int
    ada: int
    ben: int
    cleo: int
    told: list = field(default_factory=list)
    answer: Told = Told.SENT
    holds: dict = field(default_factory=dict)

    def ask(self, kind, who=None, *, at=NOON, via=Via.PORTAL, identity=Identity.SIGNED_IN, by=PERSON, **more):
        who = self.ada if who is None else who
        where = {"controller": self.bloom, "kind": kind, "subject": who or None}
        return api.receive(**where, via=via, identity=identity, by=by, at=at, **more).request

    def story(self, request, at=NOON):
        return api.story(controller=self.bloom, request=request.id, at=at)

    def steps(self, request):
        return [step.kind.value for step in self.story(request).steps]

    def staff(self, verb, request, *, at=NOON, **more):
        return getattr(api, verb)(controller=self.bloom, request=request.id, by=OFFICER, at=at, **more)

    def texts(self):
        return ["\n\n".join((one["heading"], one["text"])) for one in self.told]


@pytest.fixture
def house(db):
    made = {}
    for slug in ("bloom", "harbour", "processlab"):
        found = tenancy.make_controller(
            slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=NOON
        )
        policy.publish(controller=found.id, bundle=BUNDLES / slug, by=OFFICER, at=NOON)
        agree(controller=found.id, at=NOON)
        made[slug] = found.id

    def person(slug, **identifiers):
        where = {"controller": made[slug], "by": OFFICER, "at": NOON}
        return subjects.upsert_many(people=[PersonInput(identifiers)], **where)[0].subject

    ada = person("bloom", user_id="c-1", email="ada@people.example", first_name="Ada")
    ben = person("bloom", user_id="c-2", email="ben@people.example", first_name="Ben")
    cleo = person("harbour", user_id="c-3", email="cleo@people.example", first_name="Cleo")
    house = House(made["bloom"], made["harbour"], made["processlab"], ada, ben, cleo)

    def tell(**said):
        if all(one["occasion"] != said["occasion"] for one in house.told):
            house.told.append(said)
        return house.answer

    def holds(*, controller, subjects, at):
        return {subject: house.holds[subject] for subject in subjects if subject in house.holds}

    wire()
    ports.wire(tell=tell, holds=holds)
    yield house
    ports.clear()
    wire()
