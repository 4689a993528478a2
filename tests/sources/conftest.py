"""Bloom, whose policy names a partner that introduces people; a mail catcher; and a clock that the test sets."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.campaigns import api as campaigns
from assent.config.wiring import wire
from assent.connectors.catcher.sender import Catcher
from assent.dispatch import api as dispatch
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.sources import api
from assent.privacy.subjects.contracts import PersonInput
from assent.records.files import api as files
from assent.tenancy import api as tenancy
from tests.agreements import agree

BUNDLES = Path(__file__).parents[2] / "policies"
OFFICER = Actor.staff(7)
DAY = timedelta(days=1)
PARTNER = """
sources:
  partner:
    title: {en: The partner shop that introduced you, ro: Magazinul partener care v-a recomandat}
    kind: third_party
    named: Petal Flowers SRL
  register:
    title: {en: A public register, ro: Un registru public}
    kind: public
    named: www.onrc.ro
"""


def bundle(folder, *, partner=True):
    """Return Bloom's bundle with the partner as a source of direct marketing."""
    shutil.copytree(BUNDLES / "brand", folder / "brand")
    made = shutil.copytree(BUNDLES / "bloom", folder / "bloom")
    written = (made / "policy.yaml").read_text()
    if partner:
        written = written.replace(
            "\npurposes:\n", f"{PARTNER}\npurposes:\n  direct_marketing:\n    sources: [you, derived, partner]\n", 1
        )
    (made / "policy.yaml").write_text(written)
    return made


@dataclass
class House:
    """A brand, its people by name, and what they got."""

    bloom: int
    folder: Path

    def brings(self, *names, source="partner", obtained_at=None, at=None, email=True, **more):
        at = at or now()
        people = [
            PersonInput(
                {"user_id": name, "first_name": name.title(), **({"email": f"{name}@people.example"} if email else {}), **more}
            )
            for name in names
        ]
        done = api.import_people(
            controller=self.bloom, people=people, source=source, obtained_at=obtained_at or at, by=OFFICER, at=at
        )
        found = [one.subject for one in done]
        return found[0] if len(names) == 1 else found

    def says_yes(self, subject, at=None):
        consent.give(
            controller=self.bloom, subject=subject, purpose="direct_marketing", channel="email", wording="marketing_email",
            language="en", method=Method.WEB_FORM, source="checkout", by=Actor.person(), at=at or now(),
        )  # fmt: skip

    def template(self):
        at = now()
        words = campaigns.create_template(
            controller=self.bloom, name="News", subject={"en": "News", "ro": "Noutăți"},
            body={"en": "Hello, the coats are here.", "ro": "Bună ziua, au sosit paltoanele."}, by=OFFICER, at=at,
        )  # fmt: skip
        return campaigns.edition(
            controller=self.bloom, template=words.id, sender_name="Bloom", sender_address="news@bloom.example"
        )

    def writes(self, *subjects, occasion="news:1", language="en", purpose="direct_marketing"):
        """Put a message of a campaign into the outbox and hand over what is due."""
        at = now()
        made = dispatch.enqueue(
            controller=self.bloom, occasion=occasion, purpose=purpose, channel="email", template=self.template(),
            people=[(one, {"language": language}) for one in subjects], not_before=at, by=OFFICER, at=at,
        )  # fmt: skip
        assert made == len(subjects)
        self.hand_over()

    def hand_over(self, at=None):
        while dispatch.hand_over_once(controller=self.bloom, sender=Catcher(lambda: files.put), at=at or now()).claimed:
            pass

    def message(self, subject, occasion="news:1"):
        return next(
            (one for one in dispatch.messages(controller=self.bloom, subject=subject) if one.occasion == occasion), None
        )

    def mails(self, subject):
        metas = files.listing(controller=self.bloom, subject=subject, kind="mail", limit=100)
        return [json.loads(files.get(controller=self.bloom, file=one.id).data) for one in metas]

    def known(self, subject):
        return {one.source: one for one in api.known(controller=self.bloom, subject=subject)}

    def told(self, subject, source="partner"):
        return self.known(subject)[source].told_at is not None

    def lines(self, did):
        audit.seal_pending()
        return [one for _, one in audit.entries(controller=self.bloom, did=did, limit=200)]


@pytest.fixture
def house(transactional_db, tmp_path, settings):
    settings.ASSENT_PUBLIC_URL = "https://assent.example"
    wire()
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    made = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=at
    )
    policy.publish(controller=made.id, bundle=bundle(tmp_path / "with"), by=OFFICER, at=at)
    agree(controller=made.id, at=at)
    return House(made.id, tmp_path)
