"""
The question: asked about one person with the read of what they last said, and about a million at once.

A million people with a choice each, one in fifty with a stop, in files on disk. One: a new question each time, none
remembered. A thousand for four purposes, as a batch of events is. A million: the columns read anew and looked up.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("decide_p95_ms", "decide_p50_ms", "decide_million_s", "decide_batch_us")
PEOPLE = 1_000_000
KNOWN = 2_000
ASKED = 3_000
ROOT = Path(__file__).resolve().parent.parent


def fill():
    """Make an empty house with a million people who chose; return the controller, who is known, and everyone."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from assent.audit.contracts import Actor
    from assent.foundation.clock import millis, now
    from assent.privacy.consent.models import Standing
    from assent.privacy.policy import api as policy
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.privacy.suppression.contracts import BITS, Kind
    from assent.privacy.suppression.models import Stop
    from assent.tenancy import api as tenancy
    from tests.agreements import agree

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0, skip_checks=True)
    by, at = Actor.system("bench"), now()
    shop = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=at
    ).id
    code = policy.publish(controller=shop, bundle=ROOT / "policies" / "bloom", by=by, at=at).purpose_codes["direct_marketing"]
    agree(controller=shop, at=at)
    people = [PersonInput({"user_id": f"c-{number}"}) for number in range(KNOWN)]
    known = [one.subject for one in subjects.upsert_many(controller=shop, people=people, by=by, at=at)]
    draw = random.Random(3)
    everyone = sorted({*known, *(draw.getrandbits(63) for _ in range(PEOPLE - KNOWN))})
    rows = [
        (shop, code, 1, subject, draw.choice((1, 1, 2)), draw.choice((0, 0, 1)), millis(at) - draw.randrange(10**9), 0, number)
        for number, subject in enumerate(everyone)
    ]
    stops = [
        (number, shop, -1, 0, subject, BITS[draw.choice((Kind.OBJECTION, Kind.RESTRICTION))], millis(at) - 10**9)
        for number, subject in enumerate(draw.sample(everyone, PEOPLE // 50))
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {Standing._meta.db_table} (controller_id, purpose, channel, subject, choice, explicit, at_ms, "
            "expires_ms, record) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
        cursor.executemany(
            f"INSERT INTO {Stop._meta.db_table} (suppression, controller_id, purpose, channel, subject, bit, at_ms) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            stops,
        )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    return shop, known, everyone


def run() -> dict[str, float]:
    """Ask about one, some and everyone, and return what was seen."""
    import django

    django.setup()
    import numpy as np
    from django.db import connection

    from assent.foundation.clock import now
    from assent.privacy.lawfulness import api
    from assent.privacy.lawfulness.contracts import Operation, Question

    shop, known, everyone = fill()
    draw, at = random.Random(4), now()
    one = []
    for _ in range(ASKED):
        question = Question(Operation.USE, "direct_marketing", draw.choice(known), at, channel="email")
        start = time.perf_counter()
        api.decide(controller=shop, question=question)
        one.append((time.perf_counter() - start) * 1000)
    one = sorted(one[50:])

    batch = np.array(draw.sample(known, 1_000), np.int64)
    purposes = ["direct_marketing", "service", "performance", "profiling_offers"]
    several = []
    for _ in range(20):
        start = time.perf_counter()
        api.ask_many(controller=shop, subjects=batch, purposes=purposes, channel="any", operation=Operation.STORE, at=at)
        several.append((time.perf_counter() - start) * 1e6 / len(batch))

    million = []
    for _ in range(5):
        start = time.perf_counter()
        found = api.allowed(controller=shop, purpose="direct_marketing", channel="email", at=at)
        allowed = int(api.is_yes(found.of(np.array(everyone, np.int64))).sum()) if not million else 0
        million.append(time.perf_counter() - start)
        assert len(found.subjects) == PEOPLE
        assert million[1:] or 0 < allowed < PEOPLE
    connection.close()
    return {
        "p95": one[int(len(one) * 0.95)],
        "p50": one[len(one) // 2],
        "million": sorted(million[1:])[len(million[1:]) // 2],
        "batch": sorted(several)[len(several) // 2],
    }


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        env = {
            **os.environ,
            "ASSENT_VAR": folder,
            "ASSENT_DATABASE": "sqlite",
            "DJANGO_SETTINGS_MODULE": "assent.config.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.decide"], check=True, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT
        )
    seen = json.loads(done.stdout)
    return [
        {"name": NAMES[0], "value": seen["p95"], "unit": "ms", "bar": 1, "holds": seen["p95"] < 1},
        {"name": NAMES[1], "value": seen["p50"], "unit": "ms", "bar": "-", "holds": True},
        {"name": NAMES[2], "value": seen["million"], "unit": "s", "bar": 1, "holds": seen["million"] < 1},
        {"name": NAMES[3], "value": seen["batch"], "unit": "us/person", "bar": "-", "holds": True},
    ]


if __name__ == "__main__":
    print(json.dumps(run()))
