"""The house of these tests: Bloom with a server and a website, and Harbour beside it."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assent.audit.contracts import Actor
from assent.foundation import keys
from assent.foundation.clock import millis
from assent.ingest import api, ports
from assent.ingest.arrival import Arrival
from assent.ingest.contracts import Progress
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.policy import api as policies
from assent.privacy.subjects import api as subjects
from assent.records.events.contracts import KIND
from assent.records.lake import api as lake
from assent.tenancy import api as tenancy
from tests.agreements import agree

HOME = Path(__file__).resolve().parents[3]
BY = Actor.system("test")
PUBLISHED = datetime(2026, 11, 2, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class House:
    """What a test works with. Time passes only as the test says."""

    controller: int
    server: int
    website: int
    log: ports.Log
    writer: ports.LogWriter
    now: datetime = NOON
    by: Actor = BY
    numbers: itertools.count = field(default_factory=itertools.count)

    def send(self, *messages, secret=True, gpc=False, sent_at=None, at=None, sender=None, **beside):
        """Let one request arrive."""
        batch = [{"messageId": f"m{next(self.numbers)}", "timestamp": self.now.isoformat(), **one} for one in messages]
        body = {"batch": batch, "sentAt": sent_at or self.now.isoformat(), **beside}
        self.arrive(json.dumps(body).encode(), secret=secret, gpc=gpc, at=at, sender=sender)

    def arrive(self, body, *, secret=True, gpc=False, at=None, kind="batch", sender=None):
        sender = sender or (self.server if secret else self.website)
        self.writer.write([Arrival(millis(at or self.now), sender, secret, kind, gpc, "192.0.2.0", body)])

    def run(self, **options):
        """Take all that lies in the log through the gate."""
        done = Progress()
        with api.open_gate(self.log) as gate:
            while (progress := gate.run_once(at=self.now, **options)).read:
                done += progress
        return done

    def later(self, **span):
        self.now += timedelta(**span)

    def rows(self, controller=None):
        """Return the rows of the lake in order of arrival."""
        expr = lake.unbound(KIND)
        found = lake.query(controller=controller or self.controller, expr=expr, kinds=[KIND]).to_pylist()
        return sorted(found, key=lambda row: row["received_ms"])

    def purposes(self, row):
        codes = policies.purpose_codes(controller=self.controller)
        return {name for name, code in codes.items() if row["purposes"] >> code & 1}

    def fates(self, controller=None):
        """Return how many met which fate, all kinds of events together."""
        found = {}
        for one in api.counts(
            controller=controller or self.controller, since=self.now - timedelta(days=400), until=self.now + timedelta(days=400)
        ):
            found[one.reason or "admitted"] = found.get(one.reason or "admitted", 0) + one.count
        return found

    def subject(self, user):
        return subjects.recognise(controller=self.controller, kind="user_id", values=[user])[0]

    def device(self, number):
        return subjects.recognise(controller=self.controller, kind="anonymous_id", values=[number])[0]

    def say(self, subject, purpose, choice, *, at=None, channel="any", wording=""):
        consent.apply_many(
            controller=self.controller,
            choices=[ChoiceInput(subject, purpose, choice, Method.WEB_FORM, "test", channel, wording)],
            by=BY,
            at=at or self.now,
        )

    def ada_says_yes(self, at=None):
        """Let Ada (user ``ada``) be a customer who agreed to e-mails."""
        self.send(order("ada", total=1))
        self.run()
        self.say(self.subject("ada"), "direct_marketing", Choice.GIVEN, channel="email", wording="marketing_email", at=at)
        return self.subject("ada")


def order(user, *, total=12.5, **properties):
    """Return an order as a shop's server sends it."""
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": user,
        "properties": {"order_id": "o-1", "total": total, "currency": "RON", **properties},
    }


def make_house(var):
    """Make Bloom, its properties and its log."""
    made = tenancy.make_controller(
        slug="bloom",
        name="Bloom",
        country="RO",
        language="ro",
        time_zone="Europe/Bucharest",
        colour="#a03060",
        by=BY,
        at=PUBLISHED,
    )
    controller = getattr(made, "id", made)
    policies.publish(controller=controller, bundle=HOME / "policies" / "bloom", by=BY, at=PUBLISHED)
    agree(controller=controller, at=PUBLISHED)
    server = tenancy.make_property(controller=controller, slug="server", name="Server", kind="server", by=BY, at=PUBLISHED)
    website = tenancy.make_property(controller=controller, slug="site", name="Site", kind="website", by=BY, at=PUBLISHED)
    writer = ports.open_writer(var=var, master=keys.master())
    return House(controller, server.id, website.id, api.open_log(), writer)
