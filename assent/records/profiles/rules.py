"""How attributes grow, and which there are: plain functions."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from assent.privacy.policy.contracts import Fold, FoldKind, Policy, PropertyType, Storage
from assent.records.profiles.contracts import AttributeInfo, Value

__all__ = ["Change", "declared", "fold_kinds", "grown", "plus", "tidy"]

# (attribute, kind, value, at_ms): a delta without its subject, as rows are worked on one person at a time.
Change = tuple[str, str, Value, int]


def grown(
    attributes: Mapping[str, Any], times: Mapping[str, int], changes: Iterable[Change]
) -> tuple[dict[str, Any], dict[str, int]]:
    """
    Return attributes after these changes, with the moments that decide which of two values is the later.

    A value whose kind of thing changed (a number where a text was) counts as a new start.
    """
    now, moments = dict(attributes), dict(times)
    for name, kind, value, at_ms in changes:
        old = now.get(name)
        if kind == FoldKind.COUNT:
            now[name] = plus(old, 1 if value is None else value)
        elif kind == FoldKind.SUM:
            if value is not None:
                now[name] = plus(old, value)
        elif kind == FoldKind.SET_LAST:
            if at_ms >= moments.get(name, at_ms):
                moments[name] = at_ms
                if value is None:
                    now.pop(name, None)
                else:
                    now[name] = tidy(value)
        else:
            new: Any = _day(at_ms) if value is None and kind in {FoldKind.FIRST, FoldKind.LAST} else value
            if new is not None:
                low = kind in {FoldKind.MIN, FoldKind.FIRST}
                now[name] = (min if low else max)(old, new) if _alike(old, new) else new
    return now, moments


def plus(old: Any, value: Any) -> int | float:
    """Return the sum as people add: 0.1 and 0.2 give 0.3. What is not a number counts nothing."""
    numbers = [one for one in (old, value) if isinstance(one, int | float)]
    if all(isinstance(one, int) for one in numbers):
        return sum(numbers)
    total = sum((Decimal(repr(one + 0)) for one in numbers), Decimal(0))
    return float(total)


def tidy(value: Any) -> Any:
    """Return a text in composed form (NFC), so that two ways to write "ș" are one; anything else as it is."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _alike(old: Any, new: Any) -> bool:
    return (isinstance(old, str) and isinstance(new, str)) or (isinstance(old, int | float) and isinstance(new, int | float))


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def fold_kinds(policy: Policy) -> dict[str, FoldKind]:
    """Return how each folded attribute grows."""
    return {fold.attribute: fold.kind for event in policy.events.values() for fold in event.folds}


def declared(policy: Policy) -> list[AttributeInfo]:
    """Return every plain attribute of a policy by name: traits, readable where a purpose names their data, and folds."""
    found = {}
    for name, trait in policy.traits.items():
        if policy.data[trait.data].storage is Storage.PLAIN:
            purposes = frozenset(key for key, purpose in policy.purposes.items() if trait.data in purpose.data)
            found[name] = AttributeInfo(name, trait.type, purposes, "trait")
    for event in policy.events.values():
        for fold in event.folds:
            rule = event.properties.get(fold.property or "")
            known = found.get(fold.attribute)
            purposes = frozenset({fold.purpose}) | (known.purposes if known else frozenset())
            of = _type(fold, rule.type if rule else PropertyType.NUMBER)
            found[fold.attribute] = AttributeInfo(fold.attribute, of, purposes, event.name)
    return [found[name] for name in sorted(found)]


def _type(fold: Fold, of_property: PropertyType) -> PropertyType:
    if fold.kind is FoldKind.COUNT:
        return PropertyType.INTEGER
    if fold.kind in {FoldKind.FIRST, FoldKind.LAST}:
        return PropertyType.DATE
    return of_property
