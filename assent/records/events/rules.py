"""What of an event may be seen for a purpose."""

from collections.abc import Iterable, Mapping
from typing import Any

from assent.privacy.policy.contracts import EventType
from assent.records.events.contracts import value_property

__all__ = ["allowed_part", "readable"]


def allowed_part(properties: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return the properties these paths name: ``total``, ``products`` whole, or of each product its ``products.category``."""
    kept: dict[str, Any] = {}
    inner: dict[str, set[str]] = {}
    for path in paths:
        name, _, part = path.partition(".")
        if part:
            inner.setdefault(name, set()).add(part)
        elif name in properties:
            kept[name] = properties[name]
    for name, parts in inner.items():
        found = properties.get(name)
        if name in kept or found is None:
            continue
        if isinstance(found, list):
            kept[name] = [{key: one[key] for key in one if key in parts} for one in found if isinstance(one, dict)]
        elif isinstance(found, dict):
            kept[name] = {key: found[key] for key in found if key in parts}
    return kept


def readable(event: EventType | None, purpose: str, properties: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """
    Return the properties a purpose may read of an event, and whether the event's value is among them.

    An event the policy no longer declares for the purpose shows none: what was promised last counts.
    """
    paths = event.purposes.get(purpose, ()) if event else ()
    return allowed_part(properties, paths), event is not None and value_property(event) in paths
