"""Ada and Ben of Bloom, whose data went to Meta and to a courier; Cleo is Harbour's. A recipient that answers as told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from assent.audit.contracts import Actor
from assent.privacy.disclosures import api, ports
from assent.privacy.disclosures.contracts import BadWay, Told, ToldHow, Way
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput


class Agency:
    """A notifier that keeps what it is given, and answers with what ``says`` holds next."""

    way = "agency"
    most = 2
    first_question = timedelta(hours=1)

    def __init__(self):
        self.heard = []
        self.asked = []
        self.says = []

    def check(self, address):
        if "@" in address:
            raise BadWay("no mail here")
        return address.lower()

    def tell(self, notice):
        self.heard.append(notice)
        return self._next()

    def ask(self, notice):
        self.asked.append(notice)
        return self._next()

    def _next(self):
        answer = self.says.pop(0) if self.says else Told(ToldHow.SENT, "ref-1")
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class House:
    bloom: int
    harbour: int
    ada: int
    ben: int
    cleo: int
    by: Actor
    noon: datetime
    agency: Agency
    staff: Actor = field(default_factory=lambda: Actor.staff(1))

    def record(self, *who, **more):
        said = {
            "controller": self.bloom, "subjects": list(who), "recipient": "meta", "way": Way.CONNECTOR,
            "purpose": "advertising", "items": ["email"], "part": "pixel", "by": self.by, "at": self.noon, **more,
        }  # fmt: skip
        return api.record(**said)

    def pass_on(self, *who, **more):
        said = {
            "controller": self.bloom, "subjects": list(who), "what": "erasure", "request": "request:1", "by": self.staff,
            "at": self.noon, **more,
        }  # fmt: skip
        return api.pass_on(**said)

    def way(self, **more):
        said = {
            "controller": self.bloom, "recipient": "meta", "way": "agency", "address": "HERE", "by": self.staff,
            "at": self.noon, **more,
        }  # fmt: skip
        return api.set_way(**said)

    def sweep(self, after=None):
        return api.tell_recipients(at=self.noon + after if after else self.noon)

    def notice(self):
        (found,) = api.notices(controller=self.bloom)
        return found


@pytest.fixture
def house(cast):
    """Return the cast with people who have addresses."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    made = {}
    for slug, name in (("bloom", "ada"), ("bloom", "ben"), ("harbour", "cleo")):
        who = PersonInput({"user_id": name, "email": f"{name}@people.example", "phone": "+40722000111"[:-1] + str(len(made))})
        (one,) = subjects.upsert_many(controller=getattr(cast, slug), people=[who], by=cast.by, at=at)
        made[name] = one.subject
    agency = Agency()
    before = ports.notifiers()
    ports.wire([agency])
    yield House(cast.bloom, cast.harbour, **made, by=cast.by, noon=at, agency=agency)
    ports.wire(before)
