"""A published policy made ready for the gate: what each declared event may keep, per set of purposes admitted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assent.ingest.rules import Reader, reader
from assent.privacy.policy.contracts import (
    Basis,
    Compiled,
    EventKind,
    EventType,
    FoldKind,
    PropertyRule,
    PropertyType,
)
from assent.records.events.contracts import value_property

__all__ = ["ADVERTISING", "Kept", "Plan", "Plans"]

# The category of the consent banner that Global Privacy Control objects to; see docs/guides on consent categories.
ADVERTISING = "advertising"

# Sums and comparisons need a value; a day or a count does not.
NEEDS_VALUE = frozenset({FoldKind.SUM, FoldKind.MIN, FoldKind.MAX, FoldKind.SET_LAST})


# A client sends each kind of event with the same few sets of names, so what follows from a set is remembered, up to a bound.
MOST_SHAPES = 200
Readers = tuple[tuple[str, Reader], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """
    What stays of an event once it is known for which purposes it is admitted.

    :ivar folds: attribute, kind, property
    """

    known: frozenset[str]
    readers: Readers
    bases: str
    folds: tuple[tuple[str, FoldKind, str | None], ...]
    _shapes: dict[tuple[str, ...], tuple[Readers, tuple[str, ...]]] = field(default_factory=dict)

    def of(self, sent: tuple[str, ...]) -> tuple[Readers, tuple[str, ...]]:
        """Return, of the properties a client sent, how those that stay are read, and which nobody declared."""
        found = self._shapes.get(sent)
        if found is None:
            readers = tuple((name, read) for name, read in self.readers if name in sent)
            found = readers, tuple(name for name in sent if name not in self.known)
            if len(self._shapes) < MOST_SHAPES:
                self._shapes[sent] = found
        return found


class Plan:
    """One declared event, ready to be applied thousands of times a second."""

    __slots__ = (
        "_kept", "_policy", "bits", "currency", "event", "key", "kind", "known", "name", "purposes", "special", "value",
        "wanted",
    )  # fmt: skip

    def __init__(self, key: str, event: EventType, compiled: Compiled) -> None:
        """Read what the policy says of the event."""
        self.event = event
        self.key = key
        self.kind = event.type.value
        self.name = "" if event.name == "*" else event.name
        policy = compiled.policy
        declared = {purpose: self._data(purpose) for purpose in sorted(event.purposes)}
        # A published policy was checked for this; should a property ever be of data its purpose does not name, it stays out.
        self.purposes = tuple(purpose for purpose, data in declared.items() if data <= set(policy.purposes[purpose].data))
        self.special = {
            purpose: special
            for purpose in self.purposes
            if (special := frozenset(item for item in declared[purpose] if policy.data[item].special))
        }
        self.bits = {purpose: 1 << compiled.purpose_codes[purpose] for purpose in self.purposes}
        self.wanted = sum(self.bits.values())
        self.value = value_property(event)
        self.currency = "currency" if "currency" in event.properties else None
        self.known = frozenset(event.properties)
        if event.type is EventKind.IDENTIFY:
            self.known |= _wire_names(compiled)
        self._policy = policy
        self._kept: dict[int, Kept] = {}

    def _data(self, purpose: str) -> frozenset[str]:
        """Return the data items that the event's properties are, as far as this purpose may keep them."""
        names = {path.partition(".")[0] for path in self.event.purposes[purpose]}
        return frozenset(self.event.properties[name].data for name in names if name in self.event.properties)

    def kept(self, mask: int) -> Kept:
        """Return what stays for the purposes in ``mask``."""
        found = self._kept.get(mask)
        if found is None:
            found = self._kept[mask] = self._compile([purpose for purpose in self.purposes if self.bits[purpose] & mask])
        return found

    def _compile(self, purposes: list[str]) -> Kept:
        paths = {path for purpose in purposes for path in self.event.purposes[purpose]}
        readers = tuple((name, reader(rule)) for name, rule in self._rules(paths))
        bases = ",".join(f"{purpose}={self._policy.purposes[purpose].basis.value}" for purpose in purposes)
        folds = tuple(
            (fold.attribute, fold.kind, fold.property)
            for fold in self.event.folds
            if fold.purpose in purposes and (fold.property is None or fold.property in self.event.purposes[fold.purpose])
            if fold.property is not None or fold.kind not in NEEDS_VALUE
        )
        return Kept(self.known, readers, bases, folds)

    def _rules(self, paths: set[str]) -> Iterator[tuple[str, PropertyRule]]:
        """Return the declared properties that these paths allow, a list cut down to the parts they name."""
        for name, rule in sorted(self.event.properties.items()):
            if rule.identifying:
                continue
            parts = {path.partition(".")[2] for path in paths if path.startswith(name + ".")}
            if name in paths:
                yield name, rule
            elif parts and rule.type is PropertyType.LIST:
                yield name, rule.model_copy(update={"of": {part: one for part, one in rule.of.items() if part in parts}})


def _wire_names(compiled: Compiled) -> frozenset[str]:
    """Return the names under which a client may send a trait; of ``address.city`` the first part."""
    traits = compiled.policy.traits
    names = {*traits, *(wire for trait in traits.values() for wire in trait.wire)}
    return frozenset(name.partition(".")[0] for name in names)


class Plans:
    """All plans of one published policy, and what its banner's categories switch."""

    def __init__(self, compiled: Compiled, *, since_ms: int = 0) -> None:
        """
        Read a policy once.

        :param since_ms: when it was published
        """
        policy = compiled.policy
        self.since_ms = since_ms
        self.compiled = compiled
        self.digest = compiled.digest
        self._found: dict[tuple[str, str], Plan | None] = {}
        self._by_key: dict[str, Plan] = {}
        self.by_category: dict[str, int] = {}
        self.purposes_of_data: dict[str, int] = {}
        self.bits = {key: 1 << compiled.purpose_codes[key] for key in policy.purposes}
        # Asked about without naming data, the question is about all that a purpose declares, special data included.
        self.special = frozenset(key for key, item in policy.data.items() if item.special)
        self.ordinary = {key: frozenset(purpose.data) - self.special for key, purpose in policy.purposes.items()}
        self.consent = 0
        for key, purpose in policy.purposes.items():
            bit = self.bits[key]
            if purpose.basis is Basis.CONSENT:
                self.consent |= bit
            for data in purpose.data:
                self.purposes_of_data[data] = self.purposes_of_data.get(data, 0) | bit
            category = policy.consent_categories.get(purpose.consent_category or "")
            if purpose.consent_category and not (category and category.necessary):
                self.by_category[purpose.consent_category] = self.by_category.get(purpose.consent_category, 0) | bit
        self.advertising = self.by_category.get(ADVERTISING, 0)

    def plan(self, kind: str, name: str) -> Plan | None:
        """Return the plan for a message type and event name; None if the policy does not declare it."""
        try:
            return self._found[kind, name]
        except KeyError:
            pass
        event = self.compiled.event(kind, name or None)
        found = None if event is None else self._plan(event)
        # Names come from outside: a flood of invented ones must not fill the memory.
        if len(self._found) < 10_000:
            self._found[kind, name] = found
        return found

    def _plan(self, event: EventType) -> Plan:
        key = next(key for key, declared in self.compiled.policy.events.items() if declared is event)
        if key not in self._by_key:
            self._by_key[key] = Plan(key, event, self.compiled)
        return self._by_key[key]

    def narrowed(self, categories: dict[str, Any] | None, *, gpc: bool) -> tuple[int, int]:
        """
        Return the purposes that a message's own signals take away: by its banner's categories, and by GPC.

        Signals only ever narrow. A category that is not named, or is anything but true, is not granted.
        """
        by_banner = 0
        if categories is not None:
            for category, mask in self.by_category.items():
                if categories.get(category) is not True:
                    by_banner |= mask
        return by_banner, self.advertising if gpc else 0
