"""
A segment over 10 million events and 1 million people, against DuckDB's own SQL written by hand over the same files.

Ours is everything from the JSON tree to the ids: compiling, the snapshots of the tables, a connection, the query, and what
every read pays for, the purposes' bits and rows not yet moved.
"""

import os
import statistics
import time

import duckdb

from assent.privacy.policy.contracts import PropertyType
from assent.records.lake.drivers import named
from assent.segments.compiler import compile_tree
from assent.segments.contracts import All, Attribute, Happened, Op, PropertyRef, Test
from bench._world import CITY, CODE, DAY_MS, NOW_MS, build, limits

NAMES = ("segment_ratio", "segment_s")
BAR = 1.5
ROUNDS = 9
TOTAL = PropertyRef("total", PropertyType.MONEY, many=False, in_value=True)
TREE = All(
    (
        Attribute(CITY, Test(Op.IS, "Iași")),
        Happened("track", "Order Completed", total=TOTAL, limit=200, within_days=30),
    )
)
BY_HAND = f"""
    SELECT subject FROM read_parquet('{{events}}/buckets/bucket=*/*.parquet')
    WHERE event = 'Order Completed' AND kind = 'track' AND purposes & {1 << CODE} <> 0
      AND occurred_ms > {NOW_MS - 30 * DAY_MS} AND occurred_ms <= {NOW_MS}
      AND subject IN (SELECT subject FROM read_parquet('{{profiles}}/buckets/bucket=*/*.parquet') WHERE t_city = 'Iași')
    GROUP BY subject HAVING sum(value_minor) > 20000
"""


def ours(folder):
    compiled = compile_tree(TREE, mask=1 << CODE, at_ms=NOW_MS)
    folders = {kind.name: (folder / kind.name, kind) for kind in compiled.kinds}
    rows = named("delta").query(folders, compiled.expr, tables={}, subjects=None, limits=limits(folder))
    return rows["subject"].to_numpy()


def by_hand(folder):
    with duckdb.connect(config={"threads": os.cpu_count() or 2}) as connection:
        sql = BY_HAND.format(events=folder / "events", profiles=folder / "profiles")
        return connection.execute(sql).to_arrow_table()["subject"].to_numpy()


def measure():
    folder, _ = build()
    assert sorted(ours(folder)) == sorted(by_hand(folder))
    taken = {ours: [], by_hand: []}
    for _ in range(ROUNDS):
        for one, seconds in taken.items():
            start = time.perf_counter()
            one(folder)
            seconds.append(time.perf_counter() - start)
    mine, theirs = statistics.median(taken[ours]), statistics.median(taken[by_hand])
    ratio = mine / theirs
    return [
        {"name": "segment_ratio", "value": ratio, "unit": "x by hand", "bar": f"<= {BAR}", "holds": ratio <= BAR},
        {"name": "segment_s", "value": mine, "unit": "s", "bar": "-", "holds": True},
    ]
