"""What `identify` says of people: identifiers to be sealed, declared attributes, and coarse ones derived from them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from assent.foundation.personal import NotYet
from assent.ingest.desk import Desk, Item, Refused
from assent.ingest.history import narrow_to_receipt
from assent.ingest.plans import Plans
from assent.ingest.rules import NOTHING, reader
from assent.ingest.steps import INGEST
from assent.ingest.verdicts import Verdicts
from assent.ingest.wire import text
from assent.privacy.policy.contracts import Derivation, PropertyRule, Storage, Trait
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field, NotActive, PersonInput, UnknownSubject
from assent.records.profiles import api as profiles

__all__ = ["identified", "take_in"]

DERIVED = {Derivation.AGE_BAND: "age_band", Derivation.MONTH_DAY: "birthday", Derivation.COUNTY: "county"}
FIELDS = frozenset(field.value for field in Field)


def take_in(items: list[Item], desk: Desk) -> tuple[list[Item], Refused]:
    """
    Keep what `identify` says, as far as the person's choices allow a purpose that names the data.

    A server may change what is known. A page may complete somebody of whom only a device is known; with its server's hash it
    joins the device to the person, and changes nothing of them. Repeating it changes nothing.
    """
    verdicts = Verdicts.ask(items, desk, desk.plans.bits)
    for item in items:
        item.mask = verdicts.allowed[item.subject] & ~_narrowed(item, desk.plans)
    narrow_to_receipt(items, desk)
    allowed = [item for item in items if item.plan is not None and item.mask & item.plan.wanted]
    for from_server in (True, False):
        _keep([item for item in allowed if item.entry.secret is from_server], desk, may_change=from_server)
    _join_devices([item for item in allowed if item.proved], desk)
    return items, []


def _join_devices(items: list[Item], desk: Desk) -> None:
    """
    Let what was known of a device alone become the person's who logged in on it.

    A device whose number is linked to another known person stays theirs: two people may share it.
    """
    pairs = {
        (item.claim[1], device)
        for item in items
        if (device := text(item.message.anonymous_id)) and item.claim[0] == Field.USER_ID
    }
    if not pairs:
        return
    known, devices = (
        subjects.recognise(controller=desk.controller, kind=kind, values=[pair[place] for pair in pairs])
        for place, kind in enumerate((Field.USER_ID, Field.ANONYMOUS_ID))
    )
    apart = {other: into for into, other in zip(known, devices, strict=True) if into and other and into != other}
    for other in apart.keys() - identified(desk.controller, apart):
        # What can't be moved now is moved by the sweep of merges.
        with suppress(NotYet, NotActive, UnknownSubject):
            subjects.merge(controller=desk.controller, into=apart[other], other=other, by=INGEST, at=desk.at)


def identified(controller: int, people: Iterable[int]) -> set[int]:
    """Return who of these has more than a device's number."""
    asked = sorted(people)
    if not asked:
        return set()
    fields = (Field.USER_ID, Field.EMAIL, Field.PHONE)
    return {subject for field in fields for subject in subjects.addresses(controller=controller, subjects=asked, field=field)}


def _narrowed(item: Item, plans: Plans) -> int:
    context = item.message.context
    categories = context.consent.categories if context is not None and context.consent is not None else None
    by_banner, by_gpc = plans.narrowed(categories, gpc=item.entry.gpc)
    return by_banner | by_gpc


def _keep(group: list[Item], desk: Desk, *, may_change: bool) -> None:
    if not group:
        return
    sent = [_traits(item) for item in group]
    people = [PersonInput(_identifiers(item, traits, desk)) for item, traits in zip(group, sent, strict=True)]
    found = subjects.upsert_many(controller=desk.controller, people=people, by=INGEST, at=desk.at, may_change=may_change)
    rows = [
        (one.subject, attributes)
        for item, traits, one in zip(group, sent, found, strict=True)
        if one.subject and (attributes := _attributes(item, traits, desk))
    ]
    if rows:
        profiles.set_attributes(controller=desk.controller, rows=rows, at=desk.at)


def _traits(item: Item) -> Mapping[str, Any]:
    """Return the traits, where Segment's clients put them or where RudderStack's do."""
    message = item.message
    return message.traits or (message.context.traits if message.context is not None else None) or {}


def _sent(traits: Mapping[str, Any], key: str, trait: Trait) -> Any:
    """Return what was sent for a trait under any of its names; ``address.city`` looks one level down."""
    for name in (key, *trait.wire):
        first, _, rest = name.partition(".")
        value = traits.get(first)
        if rest:
            value = value.get(rest) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def _kept(desk: Desk, trait: Trait, mask: int) -> bool:
    """Return whether a purpose that is allowed names the data a trait is. Special data are not taken from events."""
    return trait.data not in desk.plans.special and bool(desk.plans.purposes_of_data.get(trait.data, 0) & mask)


def _identifiers(item: Item, traits: Mapping[str, Any], desk: Desk) -> dict[str, str]:
    """Return what says who the person is, to be sealed."""
    found: dict[str, str] = {}
    for key, trait in _sealed(desk):
        if _kept(desk, trait, item.mask):
            value = text(value) if not isinstance(value := _sent(traits, key, trait), dict | list) else ""
            if value and len(value) <= trait.max_length:
                found[key] = value
    kind, value = item.claim
    found[kind] = value
    # A page without proof speaks of a device; with it, or from a server, device and person are joined.
    if item.proved and (anonymous := text(item.message.anonymous_id)):
        found[Field.ANONYMOUS_ID] = anonymous
    return found


def _sealed(desk: Desk) -> list[tuple[str, Trait]]:
    policy = desk.plans.compiled.policy
    return [
        (key, trait)
        for key, trait in policy.traits.items()
        if trait.derived is None and policy.data[trait.data].storage is Storage.SEALED and key in FIELDS
    ]


def _attributes(item: Item, traits: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Return what may stand in plain beside the pseudonym: declared attributes, and those derived from sealed ones."""
    policy = desk.plans.compiled.policy
    found: dict[str, Any] = {}
    wanted: dict[str, str] = {}
    for key, trait in policy.traits.items():
        if not _kept(desk, trait, item.mask) or policy.data[trait.data].storage is not Storage.PLAIN:
            continue
        if trait.derived is not None:
            wanted[key] = DERIVED[trait.derived.how]
            continue
        value = _sent(traits, key, trait)
        if value is not None:
            rule = PropertyRule(type=trait.type, data=trait.data, max_length=trait.max_length)
            value = reader(rule)(value)
            if value is not NOTHING and not isinstance(value, list):
                found[key] = value
    if wanted:
        given = {key: text(value) for key, trait in _sealed(desk) if isinstance(value := _sent(traits, key, trait), str | int)}
        derived = subjects.derive(identifiers=given, at=desk.at)
        found |= {key: derived[name] for key, name in wanted.items() if derived.get(name)}
    return found
