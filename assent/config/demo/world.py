"""Makes the demonstration's controllers, policies, properties, keys and staff. Safe to run again."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from assent.audit.contracts import Actor
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

__all__ = ["BRANDS", "STAFF", "Notes", "make"]

DEMO = Actor.system("demo")
# slug, name, what it is, its colour
BRANDS = (
    ("bloom", "Bloom", "oklch(0.55 0.13 350)"),
    ("harbour", "Harbour", "oklch(0.5 0.08 60)"),
    ("orbit", "Orbit", "oklch(0.5 0.12 265)"),
)
COMPANY = ("processlab", "Process Lab", "oklch(0.5 0.1 200)")
STAFF = (
    ("mara@galeria-nord.example", "Mara Ionescu", "en", Role.MARKETER),
    ("andrei@galeria-nord.example", "Andrei Popa", "ro", Role.ANALYST),
    ("irina@galeria-nord.example", "Irina Stan", "en", Role.PRIVACY_OFFICER),
    ("vlad@galeria-nord.example", "Vlad Rusu", "en", Role.ADMINISTRATOR),
)


@dataclass
class Notes:
    """
    What the demonstration remembers between runs: its password, its write keys in clear, the day its story ends.

    Kept in the data folder, readable by its owner only.
    """

    password: str
    ends_on: date
    write_keys: dict[str, str]
    fed: list[str]

    @staticmethod
    def path() -> Path:
        """Return the file."""
        return Path(settings.ASSENT_VAR) / "demo.json"

    @classmethod
    def load(cls, *, today: date) -> "Notes":
        """Read the notes, or begin them."""
        if not cls.path().exists():
            return cls(f"galeria-{secrets.token_hex(4)}", today, {}, [])
        stored = json.loads(cls.path().read_text())
        return cls(stored["password"], date.fromisoformat(stored["ends_on"]), stored["write_keys"], stored["fed"])

    def save(self) -> None:
        """Write the notes so that a crash leaves the old or the new ones."""
        draft = self.path().with_suffix(".draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump({**self.__dict__, "ends_on": self.ends_on.isoformat()}, out)
        draft.replace(self.path())


def make(*, bundles: Path, at: datetime) -> Notes:
    """Make the mall's brands and the company, publish their policies, and give staff their roles."""
    notes = Notes.load(today=at.date())
    notes.save()
    staff = {
        email: tenancy.make_staff(email=email, name=name, password=notes.password, language=language, by=DEMO, at=at)
        for email, name, language, _ in STAFF
    }
    for slug, name, colour in (*BRANDS, COMPANY):
        info = tenancy.make_controller(
            slug=slug, name=name, country="RO", language="ro", time_zone="Europe/Bucharest", colour=colour, by=DEMO, at=at
        )
        # Browsers look for every name below "localhost" on this machine (RFC 6761, 6.3).
        tenancy.add_host(controller=info.id, name=f"{slug}.localhost", by=DEMO, at=at)
        policy.publish(controller=info.id, bundle=bundles / slug, by=DEMO, at=at)
        for email, _, _, role in STAFF:
            tenancy.grant(staff=staff[email], controller=info.id, role=role, by=DEMO, at=at)
        _agree(info.id, next((staff[email], name) for email, name, _, role in STAFF if role is Role.ADMINISTRATOR), at=at)
        shop = tenancy.make_property(controller=info.id, slug="shop", name=f"{name} shop", kind="server", by=DEMO, at=at)
        if slug not in notes.write_keys:
            notes.write_keys[slug] = tenancy.make_write_key(property=shop.id, secret=True, by=DEMO, at=at)
            notes.save()
    return notes


def _agree(controller: int, administrator: tuple[int, str], *, at: datetime) -> None:
    """Let the administrator accept an agreement for each solution that has none in force."""
    compiled = policy.current(controller=controller)
    by = Actor.staff(administrator[0])
    for key, solution in compiled.policy.solutions.items():
        if solution.agreement == "none" or tenancy.in_force(controller=controller, solution=key, at=at):
            continue
        offered = documents.offer_agreement(controller=controller, solution=key, by=DEMO, at=at)
        documents.accept_agreement(
            controller=controller, agreement=offered.id, digest=offered.digest, name=administrator[1],
            position="Administrator", by=by, at=at,
        )  # fmt: skip
