"""Events: what happened, kept for the purposes it was admitted for and read for those alone."""

__all__ = [
    "admitted_for",
    "append",
    "count",
    "erase",
    "happened",
    "narrow",
    "on_merge",
    "position",
    "tally",
    "tend",
    "timeline",
]

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation.clock import from_millis
from assent.foundation.personal import Keep
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.records.events.contracts import KIND, Admitted
from assent.records.events.rules import readable
from assent.records.lake import api as lake
from assent.records.lake.contracts import Cut, Kind

# About a minute of commits: reading that many small files beside the large ones still costs little.
WAITING_FILES = 60
ALL_BITS = (1 << 62) - 1
# Whom a question is about, handed over with it: a join instead of a list in it.
ASKED = Kind("asked", pa.schema([("person", pa.int64())]))
ASKED_LIVE = Kind("asked", pa.schema([("person", pa.int64()), ("live", pa.int64())]))


def append(*, admitted: Admitted, source: str, position: int) -> bool:
    """
    Keep admitted events, exactly once per source and position; durable on return.

    :return: False if this position of the source is in the lake already, and nothing was added
    """
    return lake.append(controller=admitted.controller, kind=KIND, table=admitted.table, source=source, position=position)


def position(*, controller: int, source: str) -> int:
    """Return how far a source has come, 0 at the start."""
    return lake.position(controller=controller, kind=KIND, source=source)


def timeline(
    *,
    controller: int,
    subject: int,
    purpose: str | None,
    limit: int,
    before_ms: int | None = None,
    by: Actor | None = None,
    at: datetime | None = None,
) -> list[dict[str, Any]]:
    """
    Return a person's events, newest first.

    :param purpose: events admitted for it, with the properties it may keep; None for all, as the person's own copy is
    :param by: who looks, for the book (with ``at``); None when no one does
    :raises KeyError: if the policy has no such purpose
    """
    if by is not None and at is not None:
        detail: dict[str, str | int | bool] = {"limit": limit}
        audit.write(Did.TIMELINE_READ, controller=controller, by=by, at=at, about=subject, purpose=purpose or "", detail=detail)
    events = lake.unbound(KIND)
    rows = events.filter(events.subject == subject)
    policy = _policy(controller)
    if purpose is not None:
        if policy is None:
            return []
        rows = rows.filter((rows.purposes & policy.mask(purpose)) != 0)
    if before_ms is not None:
        rows = rows.filter(rows.occurred_ms < before_ms)
    rows = rows.order_by([rows.occurred_ms.desc(), rows.received_ms.desc(), "message"]).limit(limit).drop("subject")
    found = lake.query(controller=controller, expr=rows, kinds=[KIND], subjects=[subject]).to_pylist()
    codes = policies.purpose_codes(controller=controller)
    return [_told(row, policy, purpose, codes) for row in found]


def count(*, controller: int, since_ms: int = 0, subject: int | None = None) -> int:
    """Return how many events were received since then, of all people or of one."""
    events = lake.unbound(KIND)
    rows = events.filter(events.received_ms >= since_ms)
    if subject is not None:
        rows = rows.filter(rows.subject == subject)
    only = None if subject is None else [subject]
    found = lake.query(controller=controller, expr=rows.aggregate(n=rows.count()), kinds=[KIND], subjects=only)
    return int(found["n"][0].as_py())


def tally(*, controller: int, subject: int) -> list[dict[str, Any]]:
    """
    Count a person's events: ``kind``, ``event``, ``purposes`` (keys, sorted), ``count``, ``first_ms``, ``last_ms``.

    Events admitted for different purposes are counted apart.
    """
    events = lake.unbound(KIND)
    mine = events.filter(events.subject == subject)
    counted = mine.group_by(["kind", "event", "purposes"]).aggregate(
        count=mine.count(), first_ms=mine.occurred_ms.min(), last_ms=mine.occurred_ms.max()
    )
    found = lake.query(controller=controller, expr=counted, kinds=[KIND], subjects=[subject]).to_pylist()
    codes = policies.purpose_codes(controller=controller)
    told = [{**row, "purposes": sorted(name for name, code in codes.items() if row["purposes"] >> code & 1)} for row in found]
    return sorted(told, key=lambda row: (-row["count"], row["kind"], row["event"], row["purposes"]))


def erase(*, controller: int, subjects: Sequence[int]) -> int:
    """Remove people's events and every old byte of them; return how many went."""
    return lake.erase(controller=controller, kind=KIND, subjects=subjects)


def happened(*, controller: int, subjects: Sequence[int]) -> pa.Table:
    """
    Return when something last happened for which purposes: ``subject, purposes, kind, event, occurred_ms, received_ms``.

    One row per person, set of purposes and event; both moments are the latest.
    """
    events = lake.unbound(KIND)
    asked = lake.unbound(ASKED)
    rows = events.inner_join(asked, events.subject == asked.person)
    latest = rows.group_by(["subject", "purposes", "kind", "event"]).aggregate(
        occurred_ms=rows.occurred_ms.max(), received_ms=rows.received_ms.max()
    )
    return _with_people(controller, latest, pa.table({"person": pa.array(subjects, pa.int64())}))


def admitted_for(*, controller: int, purposes: Sequence[str], subjects: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return people's events that were admitted for one of some purposes, oldest first, with what those may read of them."""
    found = policies.current(controller=controller)
    events = lake.unbound(KIND)
    asked = lake.unbound(ASKED)
    rows = events.filter((events.purposes & found.mask(*purposes)) != 0)
    rows = rows.inner_join(asked, rows.subject == asked.person).order_by(["subject", "occurred_ms", "message"])
    told: dict[int, list[dict[str, Any]]] = {}
    for row in _with_people(controller, rows, pa.table({"person": pa.array(list(subjects), pa.int64())})).to_pylist():
        mine = [key for key in purposes if row["purposes"] >> found.purpose_codes[key] & 1]
        declared, properties = found.event(row["kind"], row["event"]), msgspec.json.decode(row["properties"] or "{}")
        shown: dict[str, Any] = {}
        for key in mine:
            shown |= readable(declared, key, properties)[0]
        event = {
            "kind": row["kind"], "event": row["event"], "occurred_at": from_millis(row["occurred_ms"]).isoformat(),
            "received_at": from_millis(row["received_ms"]).isoformat(), "purposes": mine, "properties": shown,
        }  # fmt: skip
        told.setdefault(row["subject"], []).append(event)
    return told


def narrow(*, controller: int, keep: Keep, remove: bool) -> tuple[int, int]:
    """
    Let events be kept for live purposes only, those for none not at all; return records and people it is about.

    An event collected for a purpose before that purpose's moment in ``keep.before`` is over for it.
    """
    people = list(keep.purposes)
    events = lake.unbound(KIND)
    table = pa.table({"person": pa.array(people, pa.int64()), "live": pa.array(list(keep.purposes.values()), pa.int64())})
    asked = lake.unbound(ASKED_LIVE)
    rows = events.inner_join(asked, events.subject == asked.person)
    over = rows.purposes & (rows.live ^ ALL_BITS)
    for bit, before_ms in keep.before.items():
        late = (rows.received_ms < before_ms) & ((rows.live & bit) != 0)
        over = over | late.ifelse(rows.purposes & bit, 0)
    rows = rows.mutate(over=over)
    rows = rows.filter(rows.over != 0)
    found = _with_people(controller, rows.group_by(["subject"]).aggregate(n=rows.count()), table)
    whose = found["subject"].to_pylist()
    if remove and whose:
        lake.narrow(controller=controller, kind=KIND, column="purposes", cuts=list(_cuts(whose, keep)))
    return int(sum(found["n"].to_pylist())), len(whose)


def _cuts(whose: Sequence[int], keep: Keep) -> Iterator[Cut]:
    by_live: dict[int, list[int]] = {}
    for subject in whose:
        by_live.setdefault(keep.purposes[subject], []).append(subject)
    for live, some in sorted(by_live.items()):
        yield Cut(some, ALL_BITS & ~live)
    for bit, before_ms in keep.before.items():
        if some := [subject for subject in whose if keep.purposes[subject] & bit]:
            yield Cut(some, bit, ("received_ms", before_ms))


def _with_people(controller: int, expr: Any, people: pa.Table) -> pa.Table:
    subjects = people["person"].to_pylist()
    return lake.query(controller=controller, expr=expr, kinds=[KIND], tables={"asked": people}, subjects=subjects)


def on_merge(*, controller: int, into: int, other: int, **_: object) -> None:
    """Give one person's events to another: the two turned out to be one."""
    lake.merge_subject(controller=controller, kind=KIND, into=into, other=other)


def tend(*, controller: int) -> int:
    """Take waiting events to their people's parts and join small files, when there are enough; return how many were moved."""
    files, _ = lake.fresh(controller=controller, kind=KIND)
    if files < WAITING_FILES:
        return 0
    moved = lake.move(controller=controller, kind=KIND)
    lake.compact(controller=controller, kind=KIND)
    return moved


def _policy(controller: int) -> Compiled | None:
    try:
        return policies.current(controller=controller)
    except NoPolicy:
        return None


def _told(row: dict[str, Any], policy: Compiled | None, purpose: str | None, codes: Mapping[str, int]) -> dict[str, Any]:
    told = {
        **row,
        "message": row["message"].hex(),
        "purposes": sorted(name for name, code in codes.items() if row["purposes"] >> code & 1),
        "bases": dict(part.split("=", 1) for part in row["bases"].split(",") if "=" in part),
        "properties": msgspec.json.decode(row["properties"]),
    }
    if policy is not None and purpose is not None:
        told["properties"], with_value = readable(policy.event(row["kind"], row["event"]), purpose, told["properties"])
        if not with_value:
            told["value_minor"] = told["currency"] = None
    return told
