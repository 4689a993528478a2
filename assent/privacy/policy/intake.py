"""What is taken in: each event for a purpose, each property with a use, nothing identifying in plain."""

from collections.abc import Iterator

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import (
    Derivation,
    EventKind,
    EventType,
    FoldKind,
    Policy,
    PropertyRule,
    PropertyType,
    Storage,
)
from assent.privacy.policy.faults import Fault, Path

__all__ = ["taken_in"]

NUMERIC = frozenset({PropertyType.NUMBER, PropertyType.INTEGER, PropertyType.MONEY})
DERIVED_FROM = {Derivation.AGE_BAND: "birth_date", Derivation.MONTH_DAY: "birth_date", Derivation.COUNTY: "postal_code"}


def taken_in(policy: Policy) -> Iterator[Fault]:
    """Check the events and traits of a policy."""
    yield from events(policy)
    yield from traits(policy)


def events(policy: Policy) -> Iterator[Fault]:
    """Check that each event has a purpose, each property a use, and nothing identifying reaches the lake."""
    seen: dict[tuple[str, str], str] = {}
    attributes: dict[str, tuple[str, str]] = {}
    for key, event in policy.events.items():
        path: Path = ("events", key)
        if (twin := seen.setdefault((event.type, event.name), key)) != key:
            yield Fault((*path, "name"), f"the event {twin!r} has the same name", "keep one of the two", Code.EVENT)
        if (event.name == "*") if event.type is EventKind.TRACK else (event.type is EventKind.IDENTIFY and event.name != "*"):
            yield Fault(
                (*path, "name"),
                "this event type cannot have this name",
                "name track events; leave identify unnamed",
                Code.EVENT,
            )
        if not event.purposes:
            cure = "add `purposes`, or remove the event"
            yield Fault(path, "is taken in for no purpose", cure, Code.EVENT, "gdpr:5(1)(b)")
        yield from properties(policy, path, event)
        for at, fold in enumerate(event.folds):
            yield from folding(policy, (*path, "folds", at), event, at)
            meaning = (fold.kind, fold.purpose)
            if attributes.setdefault(fold.attribute, meaning) != meaning:
                cure = "use the same kind and purpose for it everywhere, or another name"
                yield Fault((*path, "folds", at, "attribute"), "is folded in another way elsewhere", cure, Code.FOLD)


def properties(policy: Policy, path: Path, event: EventType) -> Iterator[Fault]:
    """Check the properties of one event."""
    used = {name for allowed in event.purposes.values() for name in allowed}
    for name, rule in event.properties.items():
        where = (*path, "properties", name)
        if name not in used and not any(each.startswith(f"{name}.") for each in used):
            cure = "list it under a purpose of the event, or remove it"
            listed_in: Path = (*path, "purposes", "*", "*")
            yield Fault(where, "serves no purpose", cure, Code.PROPERTY, "gdpr:5(1)(c)", rests_on=(listed_in,))
        if rule.of and rule.type is not PropertyType.LIST:
            yield Fault((*where, "of"), "only a list holds properties", "make its type list", Code.PROPERTY)
        for inner, each in ((name, rule), *((f"{name}.{inner}", each) for inner, each in rule.of.items())):
            yield from sealing(policy, where, each)
            for purpose_key, allowed in event.purposes.items():
                purpose = policy.purposes.get(purpose_key)
                listed = inner in allowed or (inner != name and name in allowed)
                if purpose and listed and each.data not in purpose.data:
                    message = f"{inner!r} is {each.data!r}, which the purpose {purpose_key!r} does not process"
                    cure = f"add {each.data} to purposes.{purpose_key}.data, or do not list the property"
                    rests_on: Path = ("purposes", purpose_key, "data", "*")
                    where_listed = (*path, "purposes", purpose_key)
                    yield Fault(where_listed, message, cure, Code.PROPERTY, "gdpr:5(1)(b)", rests_on=(rests_on,))


def sealing(policy: Policy, path: Path, rule: PropertyRule) -> Iterator[Fault]:
    """Check that a property and its data item agree on whether it names the person."""
    item = policy.data.get(rule.data)
    if item is not None and rule.identifying != (item.storage is Storage.SEALED):
        cure = "set `identifying: true`" if item.storage is Storage.SEALED else "remove `identifying`, or seal the data item"
        yield Fault(path, f"the data item {rule.data!r} is {item.storage}", cure, Code.SEALING, "gdpr:25(1)")


def folding(policy: Policy, path: Path, event: EventType, at: int) -> Iterator[Fault]:
    """Check that a profile attribute can be computed."""
    fold = event.folds[at]
    if fold.attribute in policy.traits:
        yield Fault((*path, "attribute"), "is a trait already", "choose another name", Code.FOLD)
    needs_property = fold.kind in {FoldKind.SUM, FoldKind.MIN, FoldKind.MAX, FoldKind.SET_LAST}
    if needs_property != (fold.property is not None):
        cure = "add `property`" if needs_property else "remove `property`"
        yield Fault(path, f"{fold.kind} {'needs a' if needs_property else 'takes no'} property", cure, Code.FOLD)
    rule = event.properties.get(fold.property or "")
    if rule and fold.kind in {FoldKind.SUM, FoldKind.MIN, FoldKind.MAX} and rule.type not in NUMERIC:
        yield Fault((*path, "property"), f"cannot be counted: it is a {rule.type}", "fold a number or money", Code.FOLD)
    if rule and rule.identifying:
        yield Fault((*path, "property"), "names the person", "profiles keep no identifiers", Code.FOLD, "gdpr:25(1)")


def traits(policy: Policy) -> Iterator[Fault]:
    """Check that what is derived from sealed data is plain, and that wire names are not shared."""
    seen: dict[str, str] = {}
    for key, trait in policy.traits.items():
        # A derived attribute is never read from a message, so its key may be another trait's name on the wire.
        for name in sorted(set() if trait.derived else {key, *trait.wire}):
            if (twin := seen.setdefault(name, key)) != key:
                yield Fault(("traits", key, "wire"), f"{name!r} is read by {twin!r} already", "use it once", Code.TRAIT)
        item = policy.data.get(trait.data)
        source = policy.traits.get(trait.derived.trait) if trait.derived else None
        if source is not None and source.derived:
            message, cure = "is derived from what is derived itself", "derive it from what the person gave"
            yield Fault(("traits", key, "derived", "trait"), message, cure, Code.TRAIT)
        if trait.derived and item and item.storage is not Storage.PLAIN:
            yield Fault(("traits", key, "data"), "a derived attribute stands in plain", "name a plain data item", Code.TRAIT)
        if trait.derived and trait.derived.trait != (origin := DERIVED_FROM[trait.derived.how]):
            where: Path = ("traits", key, "derived", "trait")
            yield Fault(where, f"{trait.derived.how} comes from {origin}", f"write {origin}", Code.TRAIT)
        if item and item.storage is Storage.SEALED and trait.type is not PropertyType.STRING:
            message = "what is sealed is read in its own normal form"
            yield Fault(("traits", key, "type"), message, "remove `type`", Code.TRAIT)
