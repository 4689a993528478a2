"""
What people ask, carried out in a house of 1 million people with 10 million events.

``access_s``: the copy for a person with 10,000 events, from the request to the last byte of the package. ``erase_1000_s``:
a thousand erasures that were asked for and told, carried out in one go through every store, until each is closed; every one
of these people has events in the lake, some of them still fresh. ``receive_1000_s`` is what registering them took before.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._house import filled

NAMES = ("access_s", "erase_1000_s", "receive_1000_s")
ACCESS_BAR, ERASE_BAR = 5.0, 60.0
HOME = Path(__file__).resolve().parents[1]
ASKING = 1_000
EVENTS_OF_ONE = 10_000
EVENTS_OF_EACH = 20


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("ASSENT_", "DJANGO_"))}
        env = {**keep, "ASSENT_VAR": folder, "DJANGO_SETTINGS_MODULE": "assent.config.settings"}
        done = subprocess.run([sys.executable, "-m", "bench.rights"], cwd=HOME, env=env, check=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout.splitlines()[-1])
    bars = {"access_s": ACCESS_BAR, "erase_1000_s": ERASE_BAR}
    return [
        {
            "name": name,
            "value": seen[name],
            "unit": "s",
            "bar": f"< {bars[name]}" if name in bars else "-",
            "holds": name not in bars or seen[name] < bars[name],
        }
        for name in NAMES
    ]


def fill_house() -> tuple[int, int, list[int]]:
    """Return a controller, one of its people with many events, and a thousand with a few."""
    import numpy as np

    house = filled()
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.records.events.contracts import KIND
    from assent.records.lake import api as lake
    from bench._world import events

    # Without an address the answer stands on their own pages and waits for no mail server.
    inputs = [PersonInput({"user_id": f"c-{n}", "first_name": "Ana", "last_name": "Pop"}) for n in range(ASKING + 1)]
    one, *many = [made.subject for made in subjects.upsert_many(people=inputs, **house.at)]
    draw, served = np.random.default_rng(6), {"marketing": house.codes["direct_marketing"], "service": house.codes["service"]}
    for position, (whose, count) in enumerate((([one], EVENTS_OF_ONE), (many, EVENTS_OF_EACH * ASKING)), 1_000):
        table = events(draw, np.array(whose), count, **served)
        lake.append(controller=house.id, kind=KIND, table=table, source="bench", position=position)
    return house.id, one, many


def run() -> dict[str, float]:
    """Ask for one copy and for a thousand erasures, and return how long each took."""
    import django

    django.setup()
    from assent.audit.contracts import Actor
    from assent.foundation.clock import now
    from assent.privacy.rights import api as rights
    from assent.privacy.rights.contracts import Identity, RequestKind, Selection, Via
    from assent.privacy.subjects import api as subjects

    here, one, many = fill_house()
    how = {"controller": here, "via": Via.PORTAL, "identity": Identity.SIGNED_IN, "by": Actor.person()}
    began = time.perf_counter()
    asked = rights.receive(kind=RequestKind.ACCESS, subject=one, at=now(), **how).request
    package = rights.access_package(controller=here, request=asked.id, by=Actor.system("bench"), at=now())
    access = time.perf_counter() - began
    assert len(package) > EVENTS_OF_ONE * 20

    began = time.perf_counter()
    for subject in many:
        rights.receive(kind=RequestKind.ERASURE, subject=subject, at=now(), **how)
    received = time.perf_counter() - began

    began = time.perf_counter()
    while rights.requests(controller=here, which=Selection.WAITING, limit=1, at=now()):
        if not rights.sweep_requests(at=now()) and not rights.sweep_erasures(at=now()):
            time.sleep(0.1)
    erased = time.perf_counter() - began
    assert not subjects.public_ids(controller=here, subjects=many)
    report = rights.erasures(controller=here)[0]
    removed = {store.store: store.removed for store in report.stores}
    print(f"  (removed {removed})", file=sys.stderr, flush=True)
    assert removed["events"] >= EVENTS_OF_EACH * ASKING // 2
    return {"access_s": access, "erase_1000_s": erased, "receive_1000_s": received}


if __name__ == "__main__":
    print(json.dumps(run()))
