"""What is held of one person, purpose by purpose, with why: gathered once for a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.entrypoints.portal import words
from assent.foundation.clock import from_millis
from assent.privacy.consent import api as consent
from assent.privacy.documents import api as documents
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy.contracts import Compiled, Policy
from assent.privacy.sources import api as sources
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field
from assent.records.events import api as events
from assent.records.profiles import api as profiles

__all__ = ["CameFrom", "Happened", "Held", "Item", "Whole", "held", "identity", "latest"]


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of data: what it is called, and the values themselves, each with its own name where there are several."""

    title: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of one kind: how many, since when, until when."""

    title: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """One purpose with everything that is held for it."""

    key: str
    brief: documents.Brief
    items: Sequence[Item]
    happened: Sequence[Happened]
    not_held: Sequence[str] = field(default=())
    """data the purpose may use, of which there are none"""
    choices: int = 0
    """proofs of choices, for the purpose that keeps them"""

    @property
    def events(self) -> int:
        """How many events in all."""
        return sum(one.count for one in self.happened)


@dataclass(frozen=True, slots=True)
class CameFrom:
    """Where data came from, when, and when the person was told so (art. 14); None while they were not."""

    title: str
    obtained_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Whole:
    """
    Everything: by purpose, and what the policy in force gives no purpose to, which is shown all the same.

    :param came_from: sources recorded of this person, besides what a purpose says of everybody's (art. 15(1)(g))
    """

    purposes: Sequence[Held]
    left_over: Sequence[tuple[str, str]]
    came_from: Sequence[CameFrom]

    @property
    def events(self) -> int:
        """How many events, each counted for every purpose it serves."""
        return sum(one.events for one in self.purposes)


def identity(*, controller: int, subject: int, at: datetime) -> dict[str, str]:
    """Return what says who the person is, opened for them; written in the book."""
    fields = [one for one in Field if one is not Field.PHOTO]
    found = subjects.reveal(
        controller=controller, subjects=[subject], fields=fields, by=Actor.person(), at=at, why="portal.held"
    )
    return found.get(subject, {})


def held(*, controller: int, subject: int, compiled: Compiled, language: str, at: datetime) -> Whole:
    """Return the purposes for which something of the person is kept, with the data; the reading is written in the book."""
    policy = compiled.policy
    known = identity(controller=controller, subject=subject, at=at)
    attributes = profiles.get(controller=controller, subjects=[subject]).get(subject, {})
    readable = {info.name: info.purposes for info in profiles.attributes(controller=controller)}
    counted = events.tally(controller=controller, subject=subject)
    said = lawfulness.explain(controller=controller, subject=subject, at=at)
    kept = {row.purpose for row in said if row.keep.yes}
    agreed = {row.purpose for row in said if row.choice == "given"}
    chosen = len(consent.records(controller=controller, subject=subject))
    answering, told, placed = compiled.answering("email"), [], set[tuple[str, str]]()
    # First what this person has to do with: something happened, they said yes, or they are here and asking. Then whatever the
    # law lets be kept of what is left: a purpose that others serve as well is not claimed for whoever only has a name here.
    for first in (True, False):
        for key in policy.purposes:
            happened = _happened([row for row in counted if key in row["purposes"]], compiled, language)
            items, missing = _items(key, compiled, language, known=known, attributes=attributes, readable=readable)
            concerns = bool(happened) or key == answering or (key in agreed and bool(items))
            values = {pair for item in items for pair in item.values}
            if concerns is first and (first or (values - placed and key in kept)):
                brief, proofs = documents.briefly(policy, key, language), chosen if key == answering else 0
                told.append(Held(key, brief, items, happened, missing, proofs))
                placed |= values
    told.sort(key=lambda one: list(policy.purposes).index(one.key))
    audit.write(Did.PORTAL_READ, controller=controller, by=Actor.person(), at=at, about=subject, detail={"purposes": len(told)})
    named = [(str(words.FIELDS[Field(name)]), value) for name, value in known.items()]
    return Whole(told, [pair for pair in named if pair not in placed], _came_from(controller, subject, policy, language))


def _came_from(controller: int, subject: int, policy: Policy, language: str) -> list[CameFrom]:
    found = sources.known(controller=controller, subject=subject)
    titles = {key: source.called(language) for key, source in policy.sources.items()}
    return [CameFrom(titles.get(one.source, ""), one.obtained_at, one.told_at) for one in found]


def _items(
    key: str,
    compiled: Compiled,
    language: str,
    *,
    known: Mapping[str, str],
    attributes: Mapping[str, Any],
    readable: Mapping[str, frozenset[str]],
) -> tuple[list[Item], list[str]]:
    policy, purpose = compiled.policy, compiled.policy.purposes[key]
    values: dict[str, list[tuple[str, str]]] = {}
    for name, value in known.items():
        trait = policy.traits.get(name)
        datum = trait.data if trait else _ids(compiled.policy) if name in IDS else ""
        values.setdefault(datum, []).append((str(words.FIELDS[Field(name)]), value))
    for name, value in sorted(attributes.items()):
        trait = policy.traits.get(name)
        if trait and value is not None and key in readable.get(name, frozenset()):
            values.setdefault(trait.data, []).append(("", words.attribute(name, value)))
    items = [Item(policy.data[one].title.say(language), tuple(values[one])) for one in purpose.data if values.get(one)]
    # Only of what is said about a person by name can be told that it is not there; the rest lies in what happened.
    sayable = {trait.data for trait in policy.traits.values()}
    missing = [policy.data[one].title.say(language) for one in purpose.data if one in sayable and not values.get(one)]
    return items, missing


# Ids that clients give people are no traits of theirs.
IDS = {Field.USER_ID.value, Field.ANONYMOUS_ID.value}


def _ids(policy: Policy) -> str:
    """Return the data item that ids are, by its category (fideslang)."""
    return next((key for key, item in policy.data.items() if item.category.startswith("user.unique_id")), "")


def _happened(rows: Sequence[Mapping[str, Any]], compiled: Compiled, language: str) -> list[Happened]:
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for row in rows:
        title = title_of(row, compiled, language)
        counts[title] += row["count"]
        first[title] = min(first.get(title, row["first_ms"]), row["first_ms"])
        last[title] = max(last.get(title, row["last_ms"]), row["last_ms"])
    return [
        Happened(title, count, from_millis(first[title]), from_millis(last[title])) for title, count in counts.most_common()
    ]


def title_of(row: Mapping[str, Any], compiled: Compiled, language: str) -> str:
    """Return what an event is called in the policy; as it was sent where the policy no longer declares it."""
    declared = compiled.event(row["kind"], row["event"])
    return declared.title.say(language) if declared else str(row["event"] or row["kind"])


def latest(
    *, controller: int, subject: int, compiled: Compiled, language: str, at: datetime, before_ms: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return a person's events one by one, newest first: ``at``, ``title``, ``details``; the reading is written in the book."""
    rows = events.timeline(
        controller=controller, subject=subject, purpose=None, limit=limit, before_ms=before_ms, by=Actor.person(), at=at
    )
    return [
        {
            "at": from_millis(row["occurred_ms"]),
            "ms": row["occurred_ms"],
            "title": title_of(row, compiled, language),
            "details": list(_flat(row["properties"])),
            "purposes": [
                compiled.policy.purposes[key].title.say(language) for key in row["purposes"] if key in compiled.policy.purposes
            ],
        }
        for row in rows
    ]


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Return an event's properties as names and values, however deep they lie; each thing of a list, like a product, as one."""
    if isinstance(value, Mapping):
        inside = [(f"{name} {words.property_name(key)}".strip(), inner) for key, inner in value.items()]
        return [pair for path, inner in inside for pair in _flat(inner, path)]
    if isinstance(value, list):
        labels = [f"{name} {at}".strip() if len(value) > 1 else name for at in range(1, len(value) + 1)]
        return [pair for label, inner in zip(labels, value, strict=True) for pair in _one(inner, label)]
    return [] if value is None else [(name, words.shown(value))]


def _one(inner: Any, label: str) -> list[tuple[str, str]]:
    if not isinstance(inner, Mapping):
        return _flat(inner, label)
    return [(label, " · ".join(f"{name}: {value}" for name, value in _flat(inner)))]
