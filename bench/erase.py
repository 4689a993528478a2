"""
Erasing one of 1 million people with 10 million events from the lake: rows, old files, log entries, in events and profiles.

Some events are still waiting in the fresh table, as they always are. The slowest of three people counts.
"""

import time

import numpy as np

from assent.records.events.contracts import KIND
from assent.records.lake.drivers import named
from assent.records.profiles.contracts import columns
from bench._world import build, events, limits

NAMES = ("erase_s",)
BAR = 5.0


def measure():
    folder, people = build()
    lake, draw = named("delta"), np.random.default_rng(6)
    for position in range(1000, 1020):
        lake.append(folder / "events", KIND, events(draw, people, 2_000), source="bench", position=position)
    slowest = 0.0
    for subject in people[:3].tolist():
        start = time.perf_counter()
        went = sum(lake.erase(folder / name, [subject], limits=limits(folder)) for name in ("events", "profiles"))
        slowest = max(slowest, time.perf_counter() - start)
        assert went > 0
        assert all(subject not in left(lake, folder, kind, subject) for kind in (KIND, columns()))
    return [{"name": "erase_s", "value": slowest, "unit": "s", "bar": f"< {BAR}", "holds": slowest < BAR}]


def left(lake, folder, kind, subject):
    """Return the people left in the part where the person's rows lay."""
    import ibis

    rows = ibis.table({"subject": "int64"}, name=kind.name)
    found = lake.query({kind.name: (folder / kind.name, kind)}, rows, tables={}, subjects=[subject], limits=limits(folder))
    return set(found["subject"].to_pylist())
