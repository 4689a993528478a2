"""
A run of retention over 1 million people with 10 million events: who is looked at, what ends, and how much memory it takes.

The first run of a house finds years of what should have ended and is shown beside; measured is the daily run after it, when a
thousandth of the people took back their consent since, so that there is something to erase in each batch. The memory is that of
the process at its most after the first and after the last part of that run: flat means that the run's size is not in it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._house import filled

NAMES = ("retention_s", "retention_first_s", "retention_growth")
BAR = 60.0
FLAT = 1.5
HOME = Path(__file__).resolve().parents[1]
EACH = 1_000


def measure():
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("ASSENT_", "DJANGO_"))}
        env = {**keep, "ASSENT_VAR": folder, "DJANGO_SETTINGS_MODULE": "assent.config.settings"}
        done = subprocess.run([sys.executable, "-m", "bench.retention"], cwd=HOME, env=env, check=True, stdout=subprocess.PIPE)
    seen = json.loads(done.stdout.splitlines()[-1])
    growth = seen["last"] / seen["first"]
    return [
        {"name": "retention_s", "value": seen["whole"], "unit": "s", "bar": f"< {BAR}", "holds": seen["whole"] < BAR},
        {"name": "retention_first_s", "value": seen["before"], "unit": "s", "bar": "-", "holds": True},
        {"name": "retention_growth", "value": growth, "unit": "x", "bar": f"< {FLAT}", "holds": growth < FLAT},
    ]


def run() -> dict[str, float]:
    """Fill a house, walk over everybody once, and return how long it took and the memory at both ends."""
    house = filled()
    from django.db import connection, transaction

    from assent.foundation.clock import now
    from assent.privacy.retention import api as retention

    def walk() -> tuple[float, list[int]]:
        most: list[int] = []
        began = time.perf_counter()
        number = retention.begin(**house.at)
        while retention.step(controller=house.id, run=number, at=now()):
            most.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return time.perf_counter() - began, most

    before, _ = walk()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE consent_standing SET choice = 2 WHERE subject %% %s = 0", (EACH,))
    whole, most = walk()
    done = retention.runs(controller=house.id)[0]
    assert done.finished_at is not None
    assert done.people == len(house.people)
    assert sum(done.removed.values()) > 0, "what is measured is a run that erases"
    print(f"  (removed {dict(done.removed)}, erased {done.erased})", file=sys.stderr, flush=True)
    return {"whole": whole, "before": before, "first": most[0], "last": most[-1]}


if __name__ == "__main__":
    print(json.dumps(run()))
