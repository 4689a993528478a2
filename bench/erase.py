"""
Erasing one of 1 million people with 10 million events, as a request does: every store, the person's key, old files and
log entries of the lake, deleted pages of the databases. Some events are still waiting in the fresh table, as they always are.

The house has a million people with a choice each; the three who are erased were made through its own doors. The slowest
counts. ``erase_lake_s`` is the part of it that is spent in the lake, which is where size could tell.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

NAMES = ("erase_s", "erase_lake_s")
BAR = 5.0
HOME = Path(__file__).resolve().parents[1]
AT_ONCE = 20_000


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("ASSENT_", "DJANGO_"))}
        env = {**keep, "ASSENT_VAR": folder, "DJANGO_SETTINGS_MODULE": "assent.config.settings"}
        done = subprocess.run([sys.executable, "-m", "bench.erase"], cwd=HOME, env=env, check=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout.splitlines()[-1])
    return [
        {"name": "erase_s", "value": seen["whole"], "unit": "s", "bar": f"< {BAR}", "holds": seen["whole"] < BAR},
        {"name": "erase_lake_s", "value": seen["lake"], "unit": "s", "bar": "-", "holds": True},
    ]


def fill(cursor, controller: int, people: list[int]) -> None:
    """Make a million people and their choices, past the doors: what is measured is how much of them stands in the way."""
    subject = "INSERT INTO subjects_subject (id, controller_id, public_id, state, created_at) VALUES (%s, %s, %s, 'active', %s)"
    standing = (
        "INSERT INTO consent_standing (controller_id, purpose, channel, subject, choice, explicit, at_ms, expires_ms, record) "
        "VALUES (%s, 2, 1, %s, 1, 0, 1, 4000000000000, 0)"
    )
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        cursor.executemany(subject, [(one, controller, uuid.uuid4().hex, "2026-01-01 00:00:00") for one in part])
        cursor.executemany(standing, [(controller, one) for one in part])


def run() -> dict[str, float]:
    """Fill a house, erase three people one after the other, and return the slowest."""
    import django

    django.setup()
    import numpy as np
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    from assent.audit.contracts import Actor
    from assent.foundation.clock import now
    from assent.privacy.consent import api as consent
    from assent.privacy.consent.contracts import Method
    from assent.privacy.policy import api as policy
    from assent.privacy.rights import api as rights
    from assent.privacy.rights.contracts import ErasureState
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.records.events.contracts import KIND
    from assent.records.lake import api as lake
    from assent.tenancy import api as tenancy
    from bench._world import build, events

    call_command("prepare")
    by = Actor.system("bench")
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=now()
    )
    at = {"controller": info.id, "by": by, "at": now()}
    policy.publish(bundle=HOME / "policies" / "bloom", **at)
    folder, people = build()
    (settings.ASSENT_VAR / "lake").mkdir(exist_ok=True)
    folder.rename(settings.ASSENT_VAR / "lake" / str(info.id))
    with transaction.atomic(), connection.cursor() as cursor:
        fill(cursor, info.id, people.tolist())
    inputs = [PersonInput({"user_id": f"c-{n}", "email": f"p{n}@people.example", "first_name": "Ana"}) for n in range(3)]
    chosen = [made.subject for made in subjects.upsert_many(people=inputs, **at)]
    how = {"method": Method.API, "source": "bench", "language": "ro", "wording": "marketing_email"}
    for subject in chosen:
        consent.give(subject=subject, purpose="direct_marketing", channel="email", **how, **at)
    draw = np.random.default_rng(6)
    for position in range(1000, 1020):
        crowd = np.concatenate([people[:1_000], np.array(chosen * 50)])
        lake.append(controller=info.id, kind=KIND, table=events(draw, crowd, 2_000), source="bench", position=position)

    slowest, inside = 0.0, 0.0
    for subject in chosen:
        began = time.perf_counter()
        report = rights.erase(controller=info.id, subjects=[subject], by=by, at=now())
        while report.state is not ErasureState.DONE:
            rights.sweep_erasures(at=now())
            report = rights.erasures(controller=info.id)[0]
        slowest = max(slowest, time.perf_counter() - began)
        removed = {store.store: store.removed for store in report.stores}
        assert removed["events"] > 0
        assert removed["subjects"] > 0
        began = time.perf_counter()
        lake.erase(controller=info.id, kind=KIND, subjects=[int(people[len(people) // 2 + chosen.index(subject)])])
        inside = max(inside, time.perf_counter() - began)
    return {"whole": slowest, "lake": inside}


if __name__ == "__main__":
    print(json.dumps(run()))
