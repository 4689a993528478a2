"""Admitted events as columns, and their contributions to profiles."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa

from assent.ingest.desk import Item
from assent.ingest.plans import Plan
from assent.privacy.policy.contracts import FoldKind
from assent.records.events.contracts import SCHEMA
from assent.records.profiles.contracts import Delta

__all__ = ["deltas", "table"]

# A member of an enumeration costs half a microsecond to reach by name.
COUNT, SUM, SET = FoldKind.COUNT, FoldKind.SUM, FoldKind.SET_LAST
NUMBER = (int, float)
_encode = msgspec.json.Encoder().encode


def table(items: Sequence[Item], digest: str) -> pa.Table:
    """Return events as rows in the form that the lake takes."""
    # There are few different (plan, purposes) however many events: what follows from them is written once and pointed at.
    codes: dict[tuple[Plan | None, int], int] = {}
    points = pa.array([codes.setdefault((item.plan, item.mask), len(codes)) for item in items], pa.int32())
    kinds = [(plan, plan.kept(mask)) for plan, mask in codes if plan is not None]
    columns: dict[str, Any] = {
        "subject": [item.subject for item in items],
        "occurred_ms": [item.occurred_ms for item in items],
        "received_ms": [item.entry.received_ms for item in items],
        "purposes": [item.mask for item in items],
        "property": [item.entry.property for item in items],
        "message": [item.digest for item in items],
        "value_minor": [item.value for item in items],
        "currency": [item.currency for item in items],
        "properties": [_encode(item.properties) for item in items],
    }
    arrays = {name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()}
    arrays["kind"] = pa.array([plan.kind for plan, _ in kinds], pa.string()).take(points)
    # A name the policy does not spell out is a client's word; it is kept only where it is declared.
    arrays["event"] = pa.array([plan.name for plan, _ in kinds], pa.string()).take(points)
    arrays["bases"] = pa.array([kept.bases for _, kept in kinds], pa.string()).take(points)
    arrays["policy"] = pa.repeat(pa.scalar(digest), len(items))
    return pa.table([arrays[field.name] for field in SCHEMA], schema=SCHEMA)


def deltas(items: Sequence[Item]) -> list[Delta]:
    """
    Return what events add to declared attributes, as far as they were admitted for the attribute's purpose.

    Counts and sums of one person are added up here, and of values to set the latest is taken, so that a busy visitor is one
    change and not a hundred.
    """
    found: list[Delta] = []
    latest: dict[tuple[int, str], Delta] = {}
    sums: dict[tuple[int, str, FoldKind], int | float] = {}
    for item in items:
        subject, properties = item.subject, item.properties
        for attribute, kind, name in item.kept.folds if item.kept is not None else ():
            value = None if name is None else properties.get(name)
            if kind is COUNT:
                key = (subject, attribute, kind)
                sums[key] = sums.get(key, 0) + 1
            elif kind is SUM and isinstance(value, NUMBER):
                key = (subject, attribute, kind)
                sums[key] = sums.get(key, 0) + value
            elif name is None or (value is not None and not isinstance(value, list)):
                delta = Delta(subject, attribute, kind, value, item.occurred_ms)
                if kind is not SET:
                    found.append(delta)
                elif (held := latest.get((subject, attribute))) is None or held.at_ms <= delta.at_ms:
                    latest[subject, attribute] = delta
    found += latest.values()
    found += [Delta(subject, attribute, kind, value, 0) for (subject, attribute, kind), value in sums.items()]
    return found
