"""Ada and Ben as people of Bloom with numbers of their own, and how they choose."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from assent.audit import api as audit
from assent.privacy.consent import api
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput


@dataclass
class People:
    """Bloom's people, and a clock that goes on by a minute with each choice."""

    bloom: int
    by: object
    at: object
    made: dict[str, tuple[int, UUID]] = field(default_factory=dict)

    def subject(self, name):
        return self.made[name][0]

    def meet(self, *names):
        found = subjects.upsert_many(
            controller=self.bloom,
            people=[PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name}) for name in names],
            by=self.by,
            at=self.at,
        )
        self.made |= {name: (one.subject, one.public_id) for name, one in zip(names, found, strict=True)}
        return self

    def tick(self):
        self.at += timedelta(minutes=1)
        return self.at

    def seal(self):
        audit.seal_pending()
        audit.checkpoint(at=self.tick())

    def says_yes(self, name, channel="email", **more):
        asked = {
            "wording": f"marketing_{channel}", "purpose": "direct_marketing", "method": Method.WEB_FORM, "source": "checkout",
            "language": "ro",
        }  # fmt: skip
        return api.give(
            controller=self.bloom, subject=self.subject(name), channel=channel, by=self.by, at=self.tick(), **{**asked, **more}
        )

    def says_no(self, name, channel="any", purpose="direct_marketing"):
        return api.withdraw(
            controller=self.bloom, subject=self.subject(name), purpose=purpose, channel=channel, method=Method.ONE_CLICK,
            source="message:1", by=self.by, at=self.tick(),
        )  # fmt: skip

    def import_all(self, names, choice=Choice.GIVEN):
        choices = [
            ChoiceInput(self.subject(name), "direct_marketing", choice, Method.IMPORT, "import", channel="email",
                        wording="marketing_email", language="en") for name in names
        ]  # fmt: skip
        return api.apply_many(controller=self.bloom, choices=choices, by=self.by, at=self.tick())

    def receipts(self, name):
        return api.receipts(controller=self.bloom, subject=self.subject(name), at=self.tick())
