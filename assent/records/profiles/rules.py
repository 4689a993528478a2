"""How attributes grow, and which there are: plain functions."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from assent.privacy.policy.contracts import Fold, FoldKind, Policy, PropertyType, Storage
from assent.records.profiles.contracts import AttributeInfo, Delta

__all__ = ["declared", "fold_kinds", "grown", "kept_for", "plus", "tidy"]

# Looked up once: a member of an enumeration costs ten times a name, and this runs for every attribute of every event.
_COUNT, _SUM, _SET = FoldKind.COUNT, FoldKind.SUM, FoldKind.SET_LAST
_FIRST, _LAST, _MIN = FoldKind.FIRST, FoldKind.LAST, FoldKind.MIN
_NUMBER = (int, float)
_DAY_MS = 86_400_000


def grown(
    attributes: Mapping[str, Any], times: Mapping[str, int], changes: Iterable[Delta]
) -> tuple[dict[str, Any], dict[str, int]]:
    """
    Return attributes after these changes, with the moments that decide which of two values is the later.

    A value whose kind of thing changed (a number where a text was) counts as a new start.
    """
    now, moments = dict(attributes), dict(times)
    for _, name, kind, value, at_ms in changes:
        if kind is _COUNT:
            now[name] = plus(now.get(name), 1 if value is None else value)
        elif kind is _SUM:
            if value is not None:
                now[name] = plus(now.get(name), value)
        elif kind is _SET:
            if at_ms >= moments.get(name, at_ms):
                moments[name] = at_ms
                if value is None:
                    now.pop(name, None)
                else:
                    now[name] = tidy(value)
        else:
            new: Any = _day(at_ms) if value is None and (kind is _FIRST or kind is _LAST) else value
            if new is not None:
                old = now.get(name)
                now[name] = (min if kind is _MIN or kind is _FIRST else max)(old, new) if _alike(old, new) else new
    return now, moments


def kept_for(policy: Policy, live: Collection[str]) -> frozenset[str]:
    """Return the attributes some of these purposes may keep: traits whose data one names, and what is folded for one."""
    data = {item for purpose in live if purpose in policy.purposes for item in policy.purposes[purpose].data}
    traits = {name for name, trait in policy.traits.items() if trait.data in data}
    return frozenset(traits | {one.attribute for event in policy.events.values() for one in event.folds if one.purpose in live})


def plus(old: Any, value: Any) -> int | float:
    """
    Return the sum as people add: 0.1 and 0.2 give 0.3. What is not a number counts nothing.

    Six decimals are kept. With each step rounded, errors of binary fractions never add up to a visible one.
    """
    total = (old if isinstance(old, _NUMBER) else 0) + (value if isinstance(value, _NUMBER) else 0)
    return round(total, 6) if isinstance(total, float) else total


def tidy(value: Any) -> Any:
    """Return a text in composed form (NFC), so that two ways to write "ș" are one; anything else as it is."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _alike(old: Any, new: Any) -> bool:
    return (isinstance(old, str) and isinstance(new, str)) or (isinstance(old, _NUMBER) and isinstance(new, _NUMBER))


def _day(at_ms: int) -> str:
    return _written(at_ms // _DAY_MS)


@lru_cache(maxsize=1024)
def _written(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


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
