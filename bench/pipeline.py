"""
From the log to the lake with the gate between: decode, recognise, ask, minimise, stamp, append, fold, count, forget.

Known people, four kinds of events as a shop's server sends them; everybody agreed to marketing and to measurement, so that
all events go the whole way. Files on disk, one process. What is counted is the processor time of that process, all its
threads together: what one core can do, whatever else the machine does meanwhile.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

NAMES = ("pipeline_events_per_s",)
BAR = 40_000
PEOPLE = 5_000
EVENTS = 200_000
PER_REQUEST = 100
WARM_UP = 10


def bodies(now_ms: int):
    """Return requests as a server's client library sends them."""
    draw = random.Random(11)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_ms / 1000))
    for first in range(0, EVENTS, PER_REQUEST):
        batch = [event(draw, number, stamp) for number in range(first, first + PER_REQUEST)]
        yield json.dumps({"batch": batch, "sentAt": f"{stamp}.900Z", "writeKey": "sk"}).encode()


def event(draw, number, stamp):
    kind = draw.choices(("order", "view", "page", "cart"), (1, 4, 4, 1))[0]
    said = {
        "messageId": f"{draw.getrandbits(128):032x}",
        "userId": f"c-{draw.randrange(PEOPLE)}",
        "anonymousId": None,
        "timestamp": f"{stamp}.{number % 1000:03}+00:00",
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
    }
    product = {"product_id": f"p-{draw.randrange(900)}", "category": "shoes", "price": draw.randrange(1000, 90000) / 100}
    if kind == "page":
        return {**said, "type": "page", "name": "Shop", "properties": {"path": f"/p/{number % 97}", "title": "Shop"}}
    if kind == "order":
        properties = {
            "order_id": f"o-{number}",
            "total": product["price"] * 2,
            "currency": "RON",
            "products": [{**product, "name": "Shoe", "quantity": 1}] * 2,
        }
        return {**said, "type": "track", "event": "Order Completed", "properties": properties}
    name = "Product Viewed" if kind == "view" else "Product Added"
    return {**said, "type": "track", "event": name, "properties": {**product, "currency": "RON", "quantity": 1}}


def run() -> dict[str, float]:
    """Fill a log, take it through the gate, and return what was seen."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from assent.audit.contracts import Actor
    from assent.foundation import keys
    from assent.foundation.clock import millis, now
    from assent.ingest import api, ports
    from assent.privacy.consent import api as consent
    from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
    from assent.privacy.policy import api as policies
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.records.events import api as events
    from assent.tenancy import api as tenancy
    from tests.agreements import agree

    for alias in ("default", "keys", "profiles"):
        call_command("migrate", database=alias, verbosity=0, skip_checks=True)
    by, at = Actor.system("bench"), now()
    home = Path(__file__).resolve().parent.parent
    shop = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=at
    ).id
    policies.publish(controller=shop, bundle=home / "policies" / "bloom", by=by, at=at)
    agree(controller=shop, at=at)
    server = tenancy.make_property(controller=shop, slug="server", name="Server", kind="server", by=by, at=at).id
    people = [PersonInput({"user_id": f"c-{number}"}) for number in range(PEOPLE)]
    made = [one.subject for one in subjects.upsert_many(controller=shop, people=people, by=by, at=at)]
    wordings = {"direct_marketing": ("email", "marketing_email"), "performance": ("any", "performance_choice")}
    choices = [
        ChoiceInput(subject, purpose, Choice.GIVEN, Method.WEB_FORM, "bench", channel, wording)
        for subject in made
        for purpose, (channel, wording) in wordings.items()
    ]
    consent.apply_many(controller=shop, choices=choices, by=by, at=at)

    arrived = at + timedelta(seconds=1)
    writer = ports.open_writer(var=settings.ASSENT_VAR, master=keys.master())
    requests = [ports.Arrival(millis(arrived), server, True, "batch", False, "", body) for body in bodies(millis(arrived))]
    log = api.open_log()
    with api.open_gate(log) as gate:
        # The first request pays for imports and the reading of the policy, as a worker does once in its life.
        writer.write(requests[:WARM_UP])
        gate.run_once(at=now())
        for first in range(WARM_UP, len(requests), 32):
            writer.write(requests[first : first + 32])
        wall, spent = time.perf_counter(), time.process_time()
        done = gate.run_once(at=now())
        while (step := gate.run_once(at=now())).read:
            done += step
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
    assert done.read == EVENTS - WARM_UP * PER_REQUEST, done
    kept = events.count(controller=shop)
    assert kept == EVENTS == done.admitted + WARM_UP * PER_REQUEST, (kept, done)
    return {"per_s": done.read / spent, "wall_per_s": done.read / wall}


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        own = {"ASSENT_VAR": folder, "ASSENT_DATABASE": "sqlite", "DJANGO_SETTINGS_MODULE": "assent.config.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench.pipeline"],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **own},
            cwd=Path(__file__).resolve().parent.parent,
        )
    seen = json.loads(done.stdout)
    return [{"name": NAMES[0], "value": seen["per_s"], "unit": "events/s", "bar": BAR, "holds": seen["per_s"] >= BAR}]


if __name__ == "__main__":
    print(json.dumps(run()))
