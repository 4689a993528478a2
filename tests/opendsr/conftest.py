"""Bloom and its agency, a processor that speaks OpenDSR; everything stays on 127.0.0.1."""

from datetime import UTC, datetime, timedelta

import pytest

from assent.audit.contracts import Actor
from assent.config.wiring import wire
from assent.connectors.opendsr import client, signing
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy
from tests.agreements import agree
from tests.certificates import Authority
from tests.opendsr.processor import Processor

BY = Actor.system("tests")


class Bloom:
    """What the tests do most."""

    def __init__(self, home):
        self.noon = datetime.now(UTC).replace(microsecond=0)
        self.controllers = {}
        for slug in ("bloom",):
            made = tenancy.make_controller(
                slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=self.noon
            )
            policy.publish(controller=made.id, bundle=home / "policies" / slug, by=BY, at=self.noon)
            agree(controller=made.id, at=self.noon)
            self.controllers[slug] = made.id
        self.id = self.controllers["bloom"]
        self.ada = self.person("ada")

    def person(self, name):
        who = PersonInput({"user_id": name, "email": f"{name}@people.example", "phone": "+40722000111"})
        return subjects.upsert_many(controller=self.id, people=[who], by=BY, at=self.noon)[0].subject

    def disclosed(self, *people, recipient="meta", items=("email",), purpose="advertising"):
        disclosures.record(
            controller=self.id, subjects=people, recipient=recipient, way=Way.CONNECTOR, purpose=purpose, items=items, by=BY,
            at=self.noon,
        )  # fmt: skip

    def way(self, address, **more):
        said = {"recipient": "meta", "way": "opendsr", "address": address, "by": BY, "at": self.noon, **more}
        disclosures.set_way(controller=self.id, **said)

    def pass_on(self, *people, what="erasure", **more):
        said = {"subjects": list(people), "what": what, "request": "request:1", "by": BY, "at": self.noon, **more}
        return disclosures.pass_on(controller=self.id, **said)

    def sweep(self, after=timedelta(0)):
        disclosures.tell_recipients(at=self.noon + after)

    def notice(self):
        (found,) = disclosures.notices(controller=self.id)
        return found


@pytest.fixture
def authority(tmp_path, settings):
    ours = Authority(tmp_path)
    settings.ASSENT_HTTP_CA = str(ours.file)
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    return ours


@pytest.fixture
def anew():
    """Forget what was learnt of other systems."""

    def forget():
        client._known.clear()
        signing.trusted.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def bloom(db, settings, authority, anew):
    wire()
    return Bloom(settings.HOME)


@pytest.fixture
def agency(authority):
    found = Processor(authority, types=("erasure", "access", "objection"))
    yield found
    found.close()
