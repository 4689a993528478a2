"""
A definition becomes one Ibis expression over events and profiles: the only module that builds expressions of segments.

Every part is a set of people, or all people *but* a set (``outside``): "not" only turns that round, so nobody has to be
listed who isn't asked for. Conditions on attributes are joined into one filter of the profiles.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assent.foundation.clock import from_millis
from assent.privacy.policy.contracts import PropertyType
from assent.records.events.contracts import KIND as EVENTS
from assent.records.lake import api as lake
from assent.records.lake.contracts import Kind
from assent.records.profiles.contracts import NUMBERS, AttributeInfo, columns
from assent.segments.contracts import All, Attribute, Either, Happened, Node, Not, Op, PropertyRef, Test

__all__ = ["EVERYONE", "Compiled", "compile_tree"]

DAY_MS = 86_400_000
EVERYONE = Kind("everyone", pa.schema([("subject", pa.int64())]))


@dataclass(frozen=True, slots=True)
class Compiled:
    """
    An expression of one column, ``subject``, each once.

    :param kinds: the kinds it reads
    :param everyone: whether it also needs the table ``EVERYONE`` of all the controller's people
    """

    expr: ir.Table
    kinds: Sequence[Kind]
    everyone: bool


@dataclass(frozen=True, slots=True)
class _People:
    """A set of people: whose profile passes ``held``, who ``did`` something, or who are in ``rows``; or all others."""

    held: ir.BooleanValue | None = None
    did: Happened | None = None
    rows: ir.Table | None = None
    outside: bool = False


def compile_tree(node: Node, *, mask: int, at_ms: int) -> Compiled:
    """
    Return the expression of a definition.

    :param mask: bits of the purpose; an event without them is not read
    :param at_ms: the moment that "within days" ends at
    """
    infos = {info.name: info for info in _attributes(node)}
    profiles = columns(infos.values())
    work = _Work(lake.unbound(profiles), lake.unbound(EVENTS), mask, at_ms)
    people = work.people(node)
    rows = work.table(people)
    if people.outside:
        rows = lake.unbound(EVERYONE).anti_join(rows, "subject")
    kinds = [kind for kind, used in ((profiles, bool(infos)), (EVENTS, _has_events(node))) if used]
    return Compiled(rows, kinds, people.outside)


@dataclass(frozen=True, slots=True)
class _Work:
    profiles: ir.Table
    events: ir.Table
    mask: int
    at_ms: int

    def people(self, node: Node) -> _People:
        match node:
            case Attribute(info, test):
                return self.attribute(info, test)
            case Happened():
                return _People(did=node)
            case Not(part):
                return _others(self.people(part))
            case All(parts):
                return self.both([self.people(part) for part in parts])
            case Either(parts):
                return _others(self.both([_others(self.people(part)) for part in parts]))

    def both(self, parts: Sequence[_People]) -> _People:
        """Return who is in every part."""
        inside = [part for part in parts if not part.outside]
        out = [part for part in parts if part.outside]
        if not inside:
            return replace(self.some(out), outside=True)
        held = [part.held for part in inside if part.held is not None]
        found: Any = None
        if held:
            # Attributes that must not pass join the filter of those that must, too.
            unheld = [~part.held.fill_null(False) for part in out if part.held is not None]
            out = [part for part in out if part.held is None]
            passed = reduce(and_, [*held, *unheld])
            if len(held) == len(inside) and not out:
                return _People(held=passed)
            found = self.profiles.filter(passed).select("subject")
        for part in inside:
            if part.did is not None:
                # Events of people already out are dropped before they are summed: half the time of dropping sums.
                found = self.happened(part.did, among=found)
            elif part.rows is not None:
                found = part.rows if found is None else found.semi_join(part.rows, "subject")
        for part in out:
            found = found.anti_join(self.table(part), "subject")
        return _People(rows=found)

    def some(self, parts: Sequence[_People]) -> _People:
        """Return who is in any of these sets."""
        held = [part.held for part in parts if part.held is not None]
        tables = [self.table(part) for part in parts if part.held is None]
        passed = reduce(or_, [one.fill_null(False) for one in held]) if held else None
        if not tables:
            return _People(held=passed)
        if passed is not None:
            tables.append(self.profiles.filter(passed).select("subject"))
        return _People(rows=reduce(lambda one, other: one.union(other, distinct=True), tables))

    def table(self, people: _People) -> ir.Table:
        """Return the set as rows."""
        if people.rows is not None:
            return people.rows
        if people.did is not None:
            return self.happened(people.did)
        return self.profiles.filter(people.held).select("subject")

    def attribute(self, info: AttributeInfo, test: Test) -> _People:
        column = self.profiles[info.column]
        if test.op is Op.KNOWN:
            return _People(held=column.notnull(), outside=not test.value)
        if test.op is Op.WITHIN_DAYS:
            first = from_millis(self.at_ms).date() - timedelta(days=test.value)
            return _People(held=column >= first.isoformat())
        number = info.type in NUMBERS
        return _People(held=_compare(column, test, float if number else str))

    def happened(self, node: Happened, *, among: ir.Table | None = None) -> ir.Table:
        rows = self.events
        conditions = [(rows.purposes & ibis.literal(self.mask, "int64")) != 0, rows.kind == node.kind]
        if node.name is not None:
            conditions.append(rows.event == node.name)
        elif node.except_names:
            conditions.append(~rows.event.isin(node.except_names))
        if node.within_days is not None:
            conditions += [rows.occurred_ms > self.at_ms - node.within_days * DAY_MS, rows.occurred_ms <= self.at_ms]
        conditions += [_passes(rows, ref, test) for ref, test in node.where]
        rows = rows.filter(conditions)
        if among is not None:
            rows = rows.semi_join(among, "subject")
        if node.total is not None:
            value, limit = _summed(rows, node.total, node.limit)
            grouped = rows.group_by("subject").aggregate(total=value.sum())
            passed = grouped.total >= limit if node.reach else grouped.total > limit
        elif node.at_least == 1 and node.at_most is None:
            return rows.select("subject").distinct()
        else:
            grouped = rows.group_by("subject").aggregate(many=rows.count())
            passed = grouped.many >= node.at_least
            if node.at_most is not None:
                passed &= grouped.many <= node.at_most
        return grouped.filter(passed).select("subject")


def _others(people: _People) -> _People:
    return replace(people, outside=not people.outside)


def _compare(value: Any, test: Test, of: Callable[[Any], Any]) -> ir.BooleanValue:
    match test.op:
        case Op.IS:
            found = value == of(test.value)
        case Op.IN:
            found = value.isin([of(one) for one in test.value])
        case Op.OVER:
            found = value > of(test.value)
        case _:
            found = value < of(test.value)
    passed: ir.BooleanValue = found
    return passed


@ibis.udf.scalar.builtin(name="json_extract_string")
def _text_at(document: str, path: str) -> str:  # type: ignore[empty-body]
    """Return the text of what a JSON path leads to (an engine's own function)."""


@ibis.udf.scalar.builtin(name="json_extract_string")
def _texts_at(document: str, path: str) -> list[str]:  # type: ignore[empty-body]
    """Return the texts of all that a JSON path with ``[*]`` leads to (an engine's own function)."""


@ibis.udf.scalar.builtin(name="nfc_normalize")
def _composed(text: str) -> str:  # type: ignore[empty-body]
    """Return a text in composed form, NFC (an engine's own function)."""


def _passes(rows: ir.Table, ref: PropertyRef, test: Test) -> ir.BooleanValue:
    """Return whether a property passes; where there is none it does not, except for ``known: false``."""
    if ref.in_value:
        value: Any = rows.value_minor
        passed = value.notnull() if test.op is Op.KNOWN else _compare(value, test, _minor)
    elif ref.many:
        texts = _texts_at(rows.properties, _path(ref))
        found = texts.filter(lambda text: text.notnull() if test.op is Op.KNOWN else _text_passes(text, ref, test))
        passed = found.length() > 0
    else:
        text = _text_at(rows.properties, _path(ref))
        passed = text.notnull() if test.op is Op.KNOWN else _text_passes(text, ref, test)
    passed = passed.fill_null(False)
    return ~passed if test.op is Op.KNOWN and not test.value else passed


def _text_passes(text: Any, ref: PropertyRef, test: Test) -> ir.BooleanValue:
    """Compare what stands in JSON, which arrives as text, as what the policy says it is."""
    if ref.type is PropertyType.BOOLEAN:
        return _compare(text, test, lambda truth: "true" if truth else "false")
    if ref.type in NUMBERS:
        return _compare(text.try_cast("float64"), test, float)
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    # Clients write "ș" in two ways; definitions hold the composed one. Letters of English have but one way.
    return _compare(text if all(value.isascii() for value in values) else _composed(text), test, str)


def _summed(rows: ir.Table, ref: PropertyRef, limit: float) -> tuple[Any, Any]:
    """Return what is summed and what the sum is held against, both exact: sums of floating numbers depend on their order."""
    if ref.in_value:
        return rows.value_minor, _minor(limit)
    return _text_at(rows.properties, _path(ref)).try_cast("decimal(18, 4)"), Decimal(str(limit))


def _minor(value: float) -> int | float:
    """Return an amount in hundredths; whole where it can be, so that columns of integers are compared as such."""
    hundredths = Decimal(str(value)) * 100
    return int(hundredths) if hundredths == hundredths.to_integral_value() else float(hundredths)


def _path(ref: PropertyRef) -> str:
    """Return where a property stands in the JSON document. Names hold no quotes (the policy's schema sees to it)."""
    name, _, inner = ref.path.partition(".")
    return f'$."{name}"' + ("[*]" if ref.many else "") + (f'."{inner}"' if inner else "")


def _attributes(node: Node) -> Iterable[AttributeInfo]:
    match node:
        case Attribute(info):
            yield info
        case Not(part):
            yield from _attributes(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _attributes(part)


def _has_events(node: Node) -> bool:
    match node:
        case Happened():
            return True
        case Not(part):
            return _has_events(part)
        case All(parts) | Either(parts):
            return any(_has_events(part) for part in parts)
    return False
