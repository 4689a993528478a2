"""10 million events of 1 million people, as the lake keeps them: made once a run, in a folder that goes with it."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from assent.privacy.policy.contracts import PropertyType
from assent.records.events.contracts import KIND, SCHEMA
from assent.records.lake.drivers import Limits, named
from assent.records.profiles.contracts import AttributeInfo, columns

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
PORTION = 1_000_000
PURPOSE, CODE, SERVICE = "direct_marketing", 2, 0  # as long as no policy says other numbers
NOW_MS = 1_795_000_000_000
DAY_MS = 86_400_000
KINDS = ["Order Completed", "Product Viewed", "Product Added", "Email Link Clicked"]
CITIES = ["București", "Cluj-Napoca", "Iași", "Timișoara", "Brașov", "Constanța", "Oradea", "Sibiu"]
CITY = AttributeInfo("city", PropertyType.STRING, frozenset({PURPOSE}), "trait")
SPENT = AttributeInfo("spent_total", PropertyType.MONEY, frozenset({PURPOSE}), "Order Completed")


@cache
def build(*, marketing: int = CODE, service: int = SERVICE) -> tuple[Path, np.ndarray]:
    """
    Return the folder with ``events`` and ``profiles``, and the ids of the people.

    :param marketing: the policy's number of direct marketing; ``service``: of the shop's own contract
    """
    folder = Path(tempfile.mkdtemp(prefix="assent-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    draw, lake = np.random.default_rng(5), named("delta")
    people = np.unique(draw.integers(1, 2**63 - 1, PEOPLE + PEOPLE // 1000))[:PEOPLE]
    draw.shuffle(people)
    for position, start in enumerate(range(0, EVENTS, PORTION), 1):
        rows = events(draw, people, min(PORTION, EVENTS - start), marketing=marketing, service=service)
        lake.append(folder / "events", KIND, rows, source="bench", position=position)
    lake.move(folder / "events", KIND, limits=limits(folder))
    kind = columns([CITY, SPENT])
    cities, spent = (
        pa.array(CITIES).take(pa.array(draw.integers(0, len(CITIES), PEOPLE))),
        draw.integers(0, 50_000, PEOPLE) / 100,
    )
    profiles = pa.table({"subject": people, "n_spent_total": spent, "t_city": cities}).select(kind.schema.names)
    lake.append(folder / "profiles", kind, profiles, source="bench", position=1)
    lake.move(folder / "profiles", kind, limits=limits(folder))
    print(f"  ({EVENTS:,} events of {PEOPLE:,} people made)", file=sys.stderr, flush=True)
    return folder, people


def limits(folder: Path) -> Limits:
    """Return what a query may use here: all of a small machine."""
    return Limits(memory_mb=4096, threads=os.cpu_count() or 2, spill=folder / ".spill")


def events(
    draw: np.random.Generator, people: np.ndarray, count: int, *, marketing: int = CODE, service: int = SERVICE
) -> pa.Table:
    """Return so many events: a quarter orders with their totals; a third each for marketing, the service, and both."""
    admitted = np.array([1 << marketing, 1 << service, (1 << marketing) | (1 << service)])
    totals = draw.integers(0, 30_000, 5_000)
    said = pa.array(
        [f'{{"total":{total / 100},"currency":"RON","products":[{{"category":"c{total % 40}"}}]}}' for total in totals]
    )
    which, kinds = draw.integers(0, len(totals), count), draw.integers(0, len(KINDS), count)
    ordered = kinds == 0
    when = NOW_MS - draw.integers(0, 365 * DAY_MS, count)
    columns_ = {
        "subject": people[draw.integers(0, len(people), count)],
        "kind": pa.array(["track"]).take(pa.array(np.zeros(count, np.int8))),
        "event": pa.array(KINDS).take(pa.array(kinds)),
        "occurred_ms": when,
        "received_ms": when + 900,
        "purposes": admitted[draw.integers(0, 3, count)],
        "bases": pa.array(["service=contract,direct_marketing=consent"]).take(pa.array(np.zeros(count, np.int8))),
        "policy": pa.array(["5f" * 32]).take(pa.array(np.zeros(count, np.int8))),
        "property": np.full(count, 3, np.int32),
        "message": pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(draw.bytes(16 * count))]),
        "value_minor": pa.array(totals[which], mask=~ordered),
        "currency": pa.array(["RON"]).take(pa.array(np.zeros(count, np.int8))),
        "properties": said.take(pa.array(which)),
    }
    return pa.table(columns_).cast(SCHEMA)
