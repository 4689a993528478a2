"""
Reading a definition: a small JSON tree becomes nodes, or a list of what is wrong with it.

Only what the policy declares for the purpose can be named: an attribute or property kept for another purpose is refused
here, before anything is read (purpose limitation, GDPR art. 5(1)(b)).
"""

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from assent.privacy.policy.contracts import EventKind, EventType, Policy, PropertyType
from assent.records.events.contracts import value_property
from assent.records.profiles.contracts import NUMBERS, AttributeInfo
from assent.segments.contracts import All, Attribute, Either, Happened, Node, Not, Op, Problem, PropertyRef, Test

__all__ = ["MOST_DAYS", "MOST_DEPTH", "MOST_PARTS", "data_of", "event_label", "read", "unusable"]

T = TypeVar("T")

MOST_DEPTH = 8
MOST_PARTS = 50
MOST_VALUES = 1000
LONGEST_TEXT = 200
MOST_DAYS = 3660
MOST_COUNT = 1_000_000_000
LARGEST_NUMBER = 1e15  # beyond it a double no longer holds hundredths

_TEXTS = {PropertyType.STRING, PropertyType.CODE, PropertyType.LIST}
_SUMMABLE = {PropertyType.NUMBER, PropertyType.INTEGER, PropertyType.MONEY}
_WRITE = "write one of all, any, not, attribute, event"


def read(
    definition: Any, *, purpose: str, policy: Policy, attributes: Iterable[AttributeInfo]
) -> tuple[Node | None, list[Problem]]:
    """Return the tree a definition means, and what is wrong with it; with any problem there is no tree."""
    if purpose not in policy.purposes:
        cure = f"choose one of {', '.join(sorted(policy.purposes))}"
        return None, [Problem("purpose", f"the policy has no purpose {purpose!r}", cure)]
    reader = _Reader(purpose, {event_label(event): event for event in policy.events.values()}, {a.name: a for a in attributes})
    node = reader.node(definition, "", 1)
    if reader.parts > MOST_PARTS:
        reader.wrong("", f"it has {reader.parts} conditions", f"use at most {MOST_PARTS}")
    return (None if reader.problems else node), reader.problems


def event_label(event: EventType) -> str:
    """Return the name a definition calls an event by: a track event's own, ``page`` for any page, ``page Home`` for one."""
    if event.type is EventKind.TRACK:
        return event.name
    return event.type.value if event.name == "*" else f"{event.type.value} {event.name}"


def data_of(definition: Any, policy: Policy) -> frozenset[str]:
    """Return the data items of the policy that a valid definition rests on."""
    found: set[str] = set()
    events = {event_label(event): event for event in policy.events.values()}
    folded = {fold.attribute: (event, fold) for event in policy.events.values() for fold in event.folds}
    for part in _parts(definition):
        if (name := part.get("attribute")) in policy.traits:
            found.add(policy.traits[name].data)
        elif name in folded:
            event, fold = folded[name]
            found |= {event.properties[fold.property].data} if fold.property else set()
        elif part.get("event") in events:
            rules = events[part["event"]].properties
            for path in [test["property"] for test in (*part.get("where", ()), *([part["sum"]] if "sum" in part else ()))]:
                name, _, inner = path.partition(".")
                found.add(rules[name].of[inner].data if inner else rules[name].data)
    return frozenset(found)


def _parts(definition: Any) -> Iterable[Mapping[str, Any]]:
    inner = [*definition.get("all", ()), *definition.get("any", ()), *([definition["not"]] if "not" in definition else [])]
    return [part for one in inner for part in _parts(one)] if inner else [definition]


def unusable(definition: Any, *, purpose: str, policy: Policy, attributes: Iterable[AttributeInfo]) -> frozenset[str]:
    """Return the names in a definition that a policy does not keep for a purpose: attributes, events, ``event.property``."""
    known = list(attributes)
    found: set[str] = set()

    def fits(part: Any) -> bool:
        return not read(part, purpose=purpose, policy=policy, attributes=known)[1]

    for part in _parts(definition):
        name = str(part.get("attribute") or part.get("event"))
        bare = {"attribute": name, "known": True} if "attribute" in part else {"event": name}
        if fits(part):
            continue
        if not fits(bare):
            found.add(name)
            continue
        tests = [*part.get("where", ()), *([part["sum"]] if "sum" in part else ())]
        named = {str(test["property"]) for test in tests}
        found |= {f"{name}.{one}" for one in named if not fits({**bare, "where": [{"property": one, "known": True}]})}
    return frozenset(found)


@dataclass(slots=True)
class _Reader:
    purpose: str
    events: Mapping[str, EventType]
    attributes: Mapping[str, AttributeInfo]
    problems: list[Problem] = field(default_factory=list)
    parts: int = 0

    def wrong(self, place: str, message: str, cure: str) -> T | None:
        """Note it down and go on: whoever writes a definition wants to hear everything at once."""
        self.problems.append(Problem(place, message, cure))
        return None

    def node(self, found: Any, place: str, depth: int) -> Node | None:
        if not isinstance(found, Mapping):
            return self.wrong(place, f"a condition is an object, not {_what(found)}", _WRITE)
        self.parts += 1
        if depth > MOST_DEPTH or self.parts > MOST_PARTS:
            return self.wrong(place, "it is nested too deeply or too long", f"use {MOST_DEPTH} levels, {MOST_PARTS} conditions")
        forms: dict[str, Callable[[Mapping[str, Any], str, int], Node | None]] = {
            "all": self.several,
            "any": self.several,
            "not": self.negated,
            "attribute": self.attribute,
            "event": self.event,
        }
        chosen = [name for name in forms if name in found]
        if len(chosen) != 1:
            said = f"it says {' and '.join(chosen)} at once" if chosen else "it says nothing known"
            return self.wrong(place, said, _WRITE)
        return forms[chosen[0]](found, place, depth)

    def only(self, found: Mapping[str, Any], allowed: Sequence[str], place: str) -> None:
        for name in found:
            if name not in allowed:
                self.wrong(_at(place, str(name)[:40]), "this word is not known here", _near(str(name), allowed))

    def several(self, found: Mapping[str, Any], place: str, depth: int) -> Node | None:
        word = "all" if "all" in found else "any"
        self.only(found, [word], place)
        inner = found[word]
        if not isinstance(inner, list) or not inner:
            return self.wrong(_at(place, word), "it is not a list of conditions", "write at least one condition in [ ]")
        nodes = [self.node(one, f"{_at(place, word)}[{at}]", depth + 1) for at, one in enumerate(inner)]
        known = tuple(node for node in nodes if node is not None)
        return All(known) if word == "all" else Either(known)

    def negated(self, found: Mapping[str, Any], place: str, depth: int) -> Node | None:
        self.only(found, ["not"], place)
        part = self.node(found["not"], _at(place, "not"), depth + 1)
        return Not(part) if part is not None else None

    def attribute(self, found: Mapping[str, Any], place: str, depth: int) -> Node | None:
        name, here = found["attribute"], _at(place, "attribute")
        open_to = [info.name for info in self.attributes.values() if self.purpose in info.purposes]
        info = self.attributes.get(name) if isinstance(name, str) else None
        if info is None:
            return self.wrong(here, f"the policy declares no attribute {_short(name)}", _near(str(name), open_to))
        if self.purpose not in info.purposes:
            may = ", ".join(sorted(info.purposes)) or "no purpose"
            cure = f"use one of {', '.join(open_to) or 'no attribute'}, or declare it for {self.purpose} in the policy"
            return self.wrong(here, f"{name} is kept for {may}, not for {self.purpose}", cure)
        if info.type is PropertyType.LIST:
            return self.wrong(here, f"{name} is a list, which profiles do not compare", "ask about the event it comes from")
        ops = [op.value for op in Op if op is not Op.WITHIN_DAYS or info.type is PropertyType.DATE]
        self.only(found, ["attribute", *ops], place)
        test = self.test(found, ops, info.type, place)
        return Attribute(info, test) if test else None

    def event(self, found: Mapping[str, Any], place: str, depth: int) -> Node | None:
        self.only(found, ["event", "count", "sum", "within_days", "where"], place)
        name, here = found["event"], _at(place, "event")
        open_to = [label for label, event in self.events.items() if self.purpose in event.purposes]
        event = self.events.get(name) if isinstance(name, str) else None
        if event is None:
            return self.wrong(here, f"the policy declares no event {_short(name)}", _near(str(name), open_to))
        if self.purpose not in event.purposes:
            cure = f"use one of {', '.join(open_to) or 'no event'}, or declare it for {self.purpose} in the policy"
            return self.wrong(here, f"{name} is not kept for {self.purpose}", cure)
        if "count" in found and "sum" in found:
            return self.wrong(place, "it counts and sums at once", "write two conditions in all")
        days = self.days(found["within_days"], _at(place, "within_days")) if "within_days" in found else None
        where = self.where(found.get("where", []), event, _at(place, "where"))
        base = {"kind": event.type.value, "within_days": days, "where": where, **self.named(event)}
        if "sum" in found:
            return self.summed(found["sum"], event, base, _at(place, "sum"))
        return self.counted(found.get("count", {"at_least": 1}), base, _at(place, "count"))

    def named(self, event: EventType) -> dict[str, Any]:
        if event.name != "*":
            return {"name": event.name}
        others = {one.name for one in self.events.values() if one.type is event.type and one.name != "*"}
        return {"name": None, "except_names": tuple(sorted(others))}

    def counted(self, found: Any, base: Mapping[str, Any], place: str) -> Node | None:
        """Read a count. Nobody's events are none, so "at most two" fits people who never did it."""
        words = ["at_least", "at_most", "exactly"]
        if not isinstance(found, Mapping) or len(found) != 1:
            return self.wrong(place, "it does not say how many", 'write {"at_least": 1}, or at_most, or exactly')
        self.only(found, words, place)
        ((word, many),) = found.items()
        if not _whole(many, 0, MOST_COUNT):
            return self.wrong(_at(place, str(word)), f"{_short(many)} is not a number of events", "write a whole number")
        if word == "at_most":
            return Not(Happened(**base, at_least=many + 1))
        if word == "exactly":
            return Happened(**base, at_least=many, at_most=many) if many else Not(Happened(**base))
        if many == 0:
            return self.wrong(_at(place, "at_least"), "everybody did it at least 0 times", "write 1 or more, or leave it out")
        return Happened(**base, at_least=many)

    def summed(self, found: Any, event: EventType, base: Mapping[str, Any], place: str) -> Node | None:
        """Read a sum. Nobody's events sum up to nothing, so "under 200" fits people who never did it."""
        if not isinstance(found, Mapping) or "property" not in found or len(found) != 2:
            return self.wrong(place, "it does not say what to sum and how much", 'write {"property": "total", "over": 200}')
        self.only(found, ["property", "over", "under"], place)
        ref = self.property(found["property"], event, _at(place, "property"))
        if ref is not None and (ref.type not in _SUMMABLE or ref.many):
            return self.wrong(_at(place, "property"), f"{ref.path} can't be summed", "sum a number or an amount of money")
        word = "over" if "over" in found else "under"
        limit: Any = found.get(word)
        if not _number(limit) or limit < 0 or (word == "under" and limit == 0):
            return self.wrong(_at(place, word), f"{_short(limit)} is not an amount", "write a number from 0, above 0 for under")
        if ref is None:
            return None
        if word == "under":
            return Not(Happened(**base, total=ref, limit=limit, reach=True))
        return Happened(**base, total=ref, limit=limit)

    def where(self, found: Any, event: EventType, place: str) -> tuple[tuple[PropertyRef, Test], ...]:
        if not isinstance(found, list):
            self.wrong(place, "it is not a list", 'write [{"property": "currency", "is": "RON"}]')
            return ()
        tests = []
        for at, one in enumerate(found):
            here = f"{place}[{at}]"
            self.parts += 1
            if not isinstance(one, Mapping) or "property" not in one:
                self.wrong(here, "it names no property", 'write {"property": "currency", "is": "RON"}')
                continue
            ref = self.property(one["property"], event, _at(here, "property"))
            ops = [op.value for op in Op if op is not Op.WITHIN_DAYS]
            self.only(one, ["property", *ops], here)
            if ref and (test := self.test(one, ops, ref.type, here)):
                tests.append((ref, test))
        return tuple(tests)

    def property(self, path: Any, event: EventType, place: str) -> PropertyRef | None:
        open_to = event.purposes[self.purpose]
        name, _, inner = path.partition(".") if isinstance(path, str) else ("", "", "")
        rule = event.properties.get(name)
        within = rule.of.get(inner) if rule and inner else None
        if rule is None or (inner and within is None):
            return self.wrong(place, f"{event_label(event)} has no property {_short(path)}", _near(str(path), open_to))
        if path not in open_to and name not in open_to:
            cure = f"use one of {', '.join(open_to) or 'no property'}, or declare it for {self.purpose} in the policy"
            return self.wrong(place, f"{path} of {event_label(event)} is not kept for {self.purpose}", cure)
        if rule.of and not inner:
            return self.wrong(place, f"{path} is a list of things", f"name a part: {', '.join(f'{path}.{p}' for p in rule.of)}")
        many = rule.type is PropertyType.LIST
        of = within.type if within else PropertyType.STRING if many else rule.type
        return PropertyRef(path, of, many, in_value=path == value_property(event))

    def test(self, found: Mapping[str, Any], ops: Sequence[str], of: PropertyType, place: str) -> Test | None:
        chosen = [op for op in ops if op in found]
        if len(chosen) != 1:
            said = f"{' and '.join(chosen)} at once" if chosen else "nothing is asked of it"
            return self.wrong(place, said, f"write one of {', '.join(ops)}")
        op, value, here = Op(chosen[0]), found[chosen[0]], _at(place, chosen[0])
        if op is Op.KNOWN:
            ok, cure = isinstance(value, bool), "write true or false"
        elif op is Op.WITHIN_DAYS:
            return Test(op, value) if self.days(value, here) else None
        elif op is Op.IN:
            ok = isinstance(value, list) and 0 < len(value) <= MOST_VALUES and all(_fits(one, of) for one in value)
            cure = f"write a list of 1 to {MOST_VALUES} values, each {_form(of)}"
        elif op in {Op.OVER, Op.UNDER} and (of in _TEXTS or of is PropertyType.BOOLEAN):
            return self.wrong(here, "only numbers and days can be over or under", "use is or in")
        else:
            ok, cure = _fits(value, of), f"write {_form(of)}"
        if not ok:
            return self.wrong(here, f"{_short(value)} does not fit", cure)
        return Test(op, tuple(_tidy(one) for one in value) if op is Op.IN else _tidy(value))

    def days(self, value: Any, place: str) -> int | None:
        if _whole(value, 1, MOST_DAYS):
            return int(value)
        return self.wrong(place, f"{_short(value)} is not a number of days", f"write a whole number from 1 to {MOST_DAYS}")


def _at(place: str, word: str) -> str:
    return f"{place}.{word}" if place else word


def _what(value: Any) -> str:
    names: dict[type, str] = {list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float) else _what(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _near(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word[:100], known, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known) or 'none: nothing is declared'}"


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER


def _fits(value: Any, of: PropertyType) -> bool:
    if of is PropertyType.BOOLEAN:
        return isinstance(value, bool)
    if of in NUMBERS:
        return _number(value)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or any(unicodedata.category(c) in {"Cc", "Cs"} for c in value):
        return False
    return of is not PropertyType.DATE or _is_day(value)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _form(of: PropertyType) -> str:
    if of is PropertyType.BOOLEAN:
        return "true or false"
    if of in NUMBERS:
        return "a number"
    return "a day like 2026-11-30" if of is PropertyType.DATE else f"a text of at most {LONGEST_TEXT} letters"


def _tidy(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
