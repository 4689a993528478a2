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
from pathlib import Path

from bench._house import filled

NAMES = ("erase_s", "erase_lake_s")
BAR = 5.0
HOME = Path(__file__).resolve().parents[1]


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


def run() -> dict[str, float]:
    """Fill a house, erase three people one after the other, and return the slowest."""
    import numpy as np

    house = filled()
    from assent.foundation.clock import now
    from assent.privacy.consent import api as consent
    from assent.privacy.consent.contracts import Method
    from assent.privacy.rights import api as rights
    from assent.privacy.rights.contracts import ErasureState
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.records.events.contracts import KIND
    from assent.records.lake import api as lake
    from bench._world import events

    at, people = house.at, house.people
    inputs = [PersonInput({"user_id": f"c-{n}", "email": f"p{n}@people.example", "first_name": "Ana"}) for n in range(3)]
    chosen = [made.subject for made in subjects.upsert_many(people=inputs, **at)]
    how = {"method": Method.API, "source": "bench", "language": "ro", "wording": "marketing_email"}
    for subject in chosen:
        consent.give(subject=subject, purpose="direct_marketing", channel="email", **how, **at)
    draw = np.random.default_rng(6)
    for position in range(1000, 1020):
        crowd = np.concatenate([people[:1_000], np.array(chosen * 50)])
        lake.append(
            controller=house.id,
            kind=KIND,
            table=events(draw, crowd, 2_000, marketing=house.codes["direct_marketing"], service=house.codes["service"]),
            source="bench",
            position=position,
        )

    slowest, inside = 0.0, 0.0
    for subject in chosen:
        began = time.perf_counter()
        report = rights.erase(controller=house.id, subjects=[subject], by=at["by"], at=now())
        while report.state is not ErasureState.DONE:
            rights.sweep_erasures(at=now())
            report = rights.erasures(controller=house.id)[0]
        slowest = max(slowest, time.perf_counter() - began)
        removed = {store.store: store.removed for store in report.stores}
        assert removed["events"] > 0
        assert removed["subjects"] > 0
        began = time.perf_counter()
        lake.erase(controller=house.id, kind=KIND, subjects=[int(people[len(people) // 2 + chosen.index(subject)])])
        inside = max(inside, time.perf_counter() - began)
    return {"whole": slowest, "lake": inside}


if __name__ == "__main__":
    print(json.dumps(run()))
