"""What a definition means, written a second time: plain Python, one person at a time, straight from the JSON."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unicodedata import normalize

NUMBERS = {"number", "integer", "money"}
DAY_MS = 86_400_000


def fits(definition, person, *, at_ms, policy, purpose, types):
    """Return whether a person ({"attributes": …, "events": […]}) is meant."""
    ask = {"at_ms": at_ms, "policy": policy, "purpose": purpose, "types": types}
    if "all" in definition:
        return all(fits(part, person, **ask) for part in definition["all"])
    if "any" in definition:
        return any(fits(part, person, **ask) for part in definition["any"])
    if "not" in definition:
        return not fits(definition["not"], person, **ask)
    if "attribute" in definition:
        value = person["attributes"].get(definition["attribute"])
        kind = "number" if types[definition["attribute"]] in {*NUMBERS, "boolean"} else "text"
        value = value if kind == "text" or value is None else float(value)
        return passes(definition, [] if value is None else [value], kind, at_ms)
    found = [event for event in person["events"] if counts(definition, event, at_ms, policy, purpose)]
    return measured(definition, found, policy)


def measured(definition, found, policy):
    """Return whether events are as many, or sum up to as much, as is asked."""
    if "sum" not in definition:
        ((word, many),) = definition.get("count", {"at_least": 1}).items()
        return {"at_least": len(found) >= many, "at_most": len(found) <= many, "exactly": len(found) == many}[word]
    values = [read(event, definition["sum"]["property"], policy) for event in found]
    total = sum((Decimal(str(one)) for some in values for one in some if isinstance(one, int | float)), Decimal(0))
    if "over" in definition["sum"]:
        return total > Decimal(str(definition["sum"]["over"]))
    return total < Decimal(str(definition["sum"]["under"]))


def counts(definition, event, at_ms, policy, purpose):
    """Return whether an event is one the definition speaks of."""
    declared = next(one for one in policy.events.values() if one.name == definition["event"] or one.type == definition["event"])
    if purpose not in event["purposes"] or event["kind"] != declared.type:
        return False
    if declared.name not in {"*", event["event"]}:
        return False
    if "within_days" in definition and not at_ms - definition["within_days"] * DAY_MS < event["occurred_ms"] <= at_ms:
        return False
    for test in definition.get("where", []):
        name, _, inner = test["property"].partition(".")
        rule = declared.properties[name]
        of = rule.of[inner].type if inner else rule.type
        if not passes(test, read(event, test["property"], policy), "number" if of in NUMBERS else "text", at_ms):
            return False
    return True


def read(event, path, policy):
    """Return the values a path leads to; a value that is the event's amount comes from its column."""
    name, _, inner = path.partition(".")
    if name == "total":
        return [] if event["value_minor"] is None else [event["value_minor"] / 100]
    found = json.loads(event["properties"]).get(name)
    if inner:
        return [one[inner] for one in found or [] if one.get(inner) is not None]
    return [] if found is None else [found]


def passes(test, values, kind, at_ms):
    """Return whether any of the values passes."""
    if "known" in test:
        return bool(values) == test["known"]
    if kind == "number":
        values = [value for value in values if isinstance(value, int | float)]
    else:
        values = [normalize("NFC", value) if isinstance(value, str) else json.dumps(value) for value in values]
        test = json.loads(normalize("NFC", json.dumps(test, ensure_ascii=False)))
    if "is" in test:
        return any(value == test["is"] for value in values)
    if "in" in test:
        return any(value in test["in"] for value in values)
    if "over" in test:
        return any(value > test["over"] for value in values)
    if "under" in test:
        return any(value < test["under"] for value in values)
    first = (datetime.fromtimestamp(at_ms / 1000, UTC).date() - timedelta(days=test["within_days"])).isoformat()
    return any(value >= first for value in values)
