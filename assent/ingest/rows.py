"""Admitted events as columns, and their contributions to profiles."""

from collections.abc import Sequence

import pyarrow as pa

from assent.ingest.desk import Item
from assent.ingest.plans import Plan
from assent.privacy.policy.contracts import FoldKind
from assent.records.events.contracts import SCHEMA
from assent.records.profiles.contracts import Delta

__all__ = ["deltas", "table"]


def table(items: Sequence[Item], digest: str) -> pa.Table:
    """Return events as rows in the form that the lake takes."""
    plans: list[Plan] = [item.plan for item in items if item.plan is not None]
    columns = {
        "subject": [item.subject for item in items],
        "kind": [item.kind for item in items],
        # A name the policy does not spell out is a client's word; it is kept only where it is declared.
        "event": [plan.name for plan in plans],
        "occurred_ms": [item.occurred_ms for item in items],
        "received_ms": [item.entry.received_ms for item in items],
        "purposes": [item.mask for item in items],
        "bases": [plan.kept(item.mask).bases for item, plan in zip(items, plans, strict=True)],
        "property": [item.entry.property for item in items],
        "message": [item.digest for item in items],
        "value_minor": [item.value for item in items],
        "currency": [item.currency for item in items],
        "properties": [item.properties for item in items],
    }
    arrays = {name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()}
    arrays["policy"] = pa.repeat(pa.scalar(digest), len(items))
    return pa.table([arrays[field.name] for field in SCHEMA], schema=SCHEMA)


def deltas(items: Sequence[Item]) -> list[Delta]:
    """
    Return what events add to declared attributes, as far as they were admitted for the attribute's purpose.

    Counts and sums of one person are added up here, so that a busy visitor is one change and not a hundred.
    """
    found: list[Delta] = []
    sums: dict[tuple[int, str, FoldKind], int | float] = {}
    for item in items:
        plan = item.plan
        if plan is None:
            continue
        for attribute, kind, name in plan.kept(item.mask).folds:
            value = None if name is None else item.kept.get(name)
            key = (item.subject, attribute, kind)
            if kind is FoldKind.COUNT:
                sums[key] = sums.get(key, 0) + 1
            elif kind is FoldKind.SUM and type(value) is int:
                sums[key] = sums.get(key, 0) + value
            elif name is None or (value is not None and not isinstance(value, list)):
                found.append(Delta(item.subject, attribute, kind, value, item.occurred_ms))
    found += [Delta(subject, attribute, kind, value, 0) for (subject, attribute, kind), value in sums.items()]
    return found
