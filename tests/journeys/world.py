"""Bloom on a busy day: people, their choices, their orders, and staff; all through the house's own doors."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.campaigns import api as campaigns
from assent.connectors.catcher.sender import Catcher
from assent.dispatch import api as dispatch
from assent.foundation import clock, keys
from assent.foundation.clock import millis
from assent.ingest import api as ingest, ports
from assent.ingest.arrival import Arrival
from assent.privacy.policy import api as policy
from assent.records.files import api as files
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role
from tests.agreements import agree

BUNDLES = Path(__file__).resolve().parents[2] / "policies"
BY = Actor.system("test")
PASSWORD = "a long walk by the sea"
PEOPLE = (
    ("ada", "Ada", "Popescu", "ro", 312.4, "Consent Given"),
    ("ben", "Ben", "Ștefănescu", "ro", 250.0, "Consent Withdrawn"),
    ("dora", "Dora", "Țurcanu", "en", 99.9, "Consent Given"),
    ("emil", "Emil", "Munteanu", "ro", 480.0, "Marketing Objected"),
    ("flavia", "Flavia", "Radu", "en", 205.5, "Consent Given"),
    ("gelu", "Gelu", "Stan", "ro", 730.0, None),
)


@dataclass
class World:
    """What a journey works with."""

    bloom: int
    harbour: int
    sent: list[str] = field(default_factory=list)

    def tend(self):
        """Do what the workers do, until nothing is left to do."""
        log = ingest.open_log()
        try:
            with ingest.open_gate(log) as gate:
                while (done := gate.run_once(at=clock.now())).read or done.more:
                    pass
        finally:
            log.close()
        profiles.mirror(controller=self.bloom)
        sender = Catcher(lambda: files.put)
        for _ in range(3):
            campaigns.sweep(at=clock.now())
            dispatch.hand_over_once(controller=self.bloom, sender=sender, at=clock.now())
        audit.seal_pending()
        audit.checkpoint(at=clock.now())


def _brand(slug, colour):
    info = tenancy.make_controller(
        slug=slug, name=slug.capitalize(), country="RO", language="ro", time_zone="Europe/Bucharest", colour=colour,
        by=BY, at=clock.now(),
    )  # fmt: skip
    policy.publish(controller=info.id, bundle=BUNDLES / slug, by=BY, at=clock.now())
    agree(controller=info.id, at=clock.now())
    return info.id


def _messages():
    for user, first, last, language, total, choice in PEOPLE:
        email = f"{first}.{last}@customers.example".translate(str.maketrans("ȘșȚțăâî", "SsTtaai")).lower()
        yield {"type": "identify", "userId": user, "traits": {
            "email": email, "firstName": first, "lastName": last, "language": language, "city": "Cluj-Napoca",
        }}  # fmt: skip
        about = {"purpose": "direct_marketing", "channel": "email", "wording": "marketing_email", "language": language}
        if choice:
            yield {"type": "track", "userId": user, "event": "Consent Given", "properties": about}
        yield {"type": "track", "userId": user, "event": "Order Completed", "properties": {
            "order_id": f"o-{user}", "total": total, "currency": "RON", "coupon_text": "SPRING",
            "products": [{"product_id": "p1", "name": "Coat", "category": "coats", "price": total, "quantity": 1}],
        }}  # fmt: skip
        yield {"type": "track", "userId": user, "event": "Product Viewed", "properties": {"product_id": "p1"}}
        if choice == "Consent Withdrawn":
            yield {"type": "track", "userId": user, "event": choice, "properties": about}
        if choice == "Marketing Objected":
            yield {"type": "track", "userId": user, "event": choice, "properties": {}}


def make():
    """Make it, and let everything that was sent be taken in."""
    world = World(_brand("bloom", "#b0447a"), _brand("harbour", "#2a7f9e"))
    shop = tenancy.make_property(controller=world.bloom, slug="shop", name="Shop", kind="server", by=BY, at=clock.now())
    tenancy.make_write_key(property=shop.id, secret=True, by=BY, at=clock.now())
    for role in Role:
        staff = tenancy.make_staff(
            email=f"{role}@bloom.example", name=f"{role.replace('_', ' ').capitalize()}", password=PASSWORD, language="en",
            by=BY, at=clock.now(),
        )  # fmt: skip
        tenancy.grant(staff=staff, controller=world.bloom, role=role, by=BY, at=clock.now())
        tenancy.grant(staff=staff, controller=world.harbour, role=role, by=BY, at=clock.now())
    at = clock.now()
    batch = [
        {"messageId": f"m{n}", "timestamp": (at - timedelta(minutes=60 - n)).isoformat(), **one}
        for n, one in enumerate(_messages())
    ]
    writer = ports.open_writer(var=Path(settings.ASSENT_VAR), master=keys.master())
    writer.write([Arrival(millis(at), shop.id, True, "batch", False, "192.0.2.0", json.dumps({"batch": batch}).encode())])
    writer.close()
    world.tend()
    return world
