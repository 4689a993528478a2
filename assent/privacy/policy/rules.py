"""What the law asks of a policy, held against it part by part. Pure: the day comes from the caller."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from assent.privacy.policy.contracts import (
    EEA,
    Basis,
    Channel,
    Counted,
    Derivation,
    EventKind,
    EventType,
    FoldKind,
    Operation,
    Policy,
    PropertyRule,
    PropertyType,
    Purpose,
    RecipientRole,
    Right,
    SafeguardKind,
    Severity,
    SourceKind,
    SpecialCondition,
    Storage,
    Then,
)
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.features import misspelt
from assent.privacy.policy.solutions import solutions

__all__ = ["EEA", "Fault", "faults"]

ELECTRONIC = frozenset({Channel.EMAIL, Channel.SMS, Channel.PUSH})
NUMERIC = frozenset({PropertyType.NUMBER, PropertyType.INTEGER, PropertyType.MONEY})
DERIVED_FROM = {Derivation.AGE_BAND: "birth_date", Derivation.MONTH_DAY: "birth_date", Derivation.COUNTY: "postal_code"}


def faults(policy: Policy, *, on: date | None = None) -> Iterator[Fault]:
    """Name everything in a policy that the law does not permit, or a reader would stumble over."""
    yield from controller(policy)
    for key, purpose in policy.purposes.items():
        path = ("purposes", key)
        yield from grounds(policy, path, purpose)
        yield from choices(path, purpose)
        yield from marketing(path, purpose)
        yield from flows(policy, path, purpose)
    yield from recipients(policy, on)
    yield from features(policy)
    yield from cookies(policy)
    yield from events(policy)
    yield from traits(policy)
    yield from solutions(policy)


@cache
def _time_zones() -> frozenset[str]:
    # Asked of the file system, which takes longer than all other checks together.
    return frozenset(available_timezones())


def controller(policy: Policy) -> Iterator[Fault]:
    """Check who answers for the data, and how."""
    officer = policy.controller.data_protection_officer
    if (officer.contact is None) == (officer.none_because is None):
        cure = "give `contact` of the officer, or say in `none_because` why there is none"
        yield Fault(("controller", "data_protection_officer"), "must be one of the two", cure, "officer", "gdpr:37")
    if policy.controller.time_zone not in _time_zones():
        cure = "write it as Europe/Bucharest"
        yield Fault(("controller", "time_zone"), f"{policy.controller.time_zone!r} is no time zone", cure, "time_zone")
    for right in Right:
        if right not in policy.rights.explained:
            cure = f"add `{right}: …` in each language"
            yield Fault(("rights", "explained"), f"the right of {right} is not explained", cure, "right", "gdpr:13(2)")
    for key, source in policy.sources.items():
        if source.kind is SourceKind.PUBLIC and not source.named:
            yield Fault(
                ("sources", key), "a public source is not named", "name the register or site", "source", "gdpr:14(2)(f)"
            )


def grounds(policy: Policy, path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that the basis of a purpose has what it stands on, and nothing that belongs to another."""
    needs = {
        "interest": ({Basis.LEGITIMATE_INTERESTS}, "gdpr:13(1)(d)", "say which interest is pursued"),
        "balancing": ({Basis.LEGITIMATE_INTERESTS}, "gdpr:6(1)(f)", "say why people's interests do not override it"),
        "law": ({Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK}, "gdpr:6(3)", "name the statute"),
        "soft_opt_in": ({Basis.SOFT_OPT_IN}, "eprivacy:13(2)", "name the sale, the similar products and the way out"),
    }
    for name, (bases, clause, cure) in needs.items():
        if purpose.basis in bases and getattr(purpose, name) is None:
            yield Fault(path, f"the basis {purpose.basis} stands without `{name}`", f"add `{name}`: {cure}", "ground", clause)
        if purpose.basis not in bases and getattr(purpose, name) is not None:
            message = f"`{name}` does not belong to the basis {purpose.basis}"
            yield Fault((*path, name), message, "remove it, or correct the basis", "ground", clause)
    if purpose.basis_changed and purpose.basis_changed.was is purpose.basis:
        yield Fault((*path, "basis_changed", "was"), "is the basis it has now", "name the former basis", "ground", "gdpr:5(2)")
    special = [key for key in purpose.data if key in policy.data and policy.data[key].special]
    if special and purpose.special_condition is None:
        cure = "add `special_condition` with the letter of art. 9(2), or leave the data out"
        yield Fault((*path, "data"), f"{special[0]!r} is special data without a condition", cure, "special", "gdpr:9(2)")
    if purpose.special_condition and not special:
        yield Fault((*path, "special_condition"), "there is no special data here", "remove it", "special", "gdpr:9(2)")
    if purpose.special_condition is SpecialCondition.EXPLICIT_CONSENT and purpose.basis is not Basis.CONSENT:
        cure = "make consent the basis, or choose another condition"
        yield Fault(
            (*path, "special_condition"), "explicit consent needs consent as the basis", cure, "special", "gdpr:9(2)(a)"
        )


def choices(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that a consent can be asked for, proven and ended, and that nothing else pretends to be one."""
    yield from (askable if purpose.basis is Basis.CONSENT else unasked)(path, purpose)
    for channel in purpose.wording:
        if channel not in purpose.channels:
            yield Fault(
                (*path, "wording", channel.value), "this channel is not used", f"add {channel} to `channels`", "consent"
            )
    if purpose.per_channel_choice and len(purpose.channels) < 2:
        yield Fault((*path, "per_channel_choice"), "there is one channel or none", "remove it, or add channels", "consent")


def askable(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that there are words to ask with: at first, to confirm, and again."""
    if not purpose.channels:
        yield Fault(path, "consent without a channel", "add `channels`, for example [onsite]", "consent", "gdpr:7(1)")
    for channel in purpose.channels:
        if channel not in purpose.wording:
            cure = f"add `wording.{channel}` with the key of the text people agree to"
            yield Fault((*path, "channels"), f"consent for {channel} has no wording", cure, "consent", "gdpr:7(2)")
    if purpose.double_opt_in and (Channel.EMAIL not in purpose.channels or not purpose.confirmation):
        cure = "add the channel email and `confirmation`, the text of the message"
        yield Fault((*path, "double_opt_in"), "nothing to confirm by", cure, "consent", "gdpr:7(1)")
    if purpose.retention.then is Then.ASK_AGAIN and not purpose.ask_again:
        cure = "add `ask_again` with the key of the text that asks"
        yield Fault((*path, "retention", "then"), "nothing to ask with", cure, "retention", "gdpr:7(2)")


def unasked(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that a purpose on another basis has nothing that belongs to consent."""
    for name in ("consent_category", "consent_expires", "double_opt_in", "confirmation", "wording", "ask_again"):
        if getattr(purpose, name):
            yield Fault((*path, name), "belongs to consent only", "remove it, or make consent the basis", "consent", "gdpr:7")
    if purpose.retention.counted_from is Counted.CONSENT_GIVEN or purpose.retention.then is Then.ASK_AGAIN:
        cure = "count from another moment and erase, or make consent the basis"
        yield Fault((*path, "retention"), "there is no consent to count from or ask for", cure, "consent", "gdpr:7")


def marketing(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check what direct marketing owes in every message (GDPR art. 21, ePrivacy art. 13)."""
    if purpose.basis is Basis.SOFT_OPT_IN and not purpose.direct_marketing:
        cure = "set `direct_marketing: true`, or choose another basis"
        yield Fault((*path, "basis"), "the soft opt-in is for direct marketing only", cure, "marketing", "eprivacy:13(2)")
    if not purpose.direct_marketing:
        return
    if not purpose.channels:
        yield Fault(path, "direct marketing without a channel", "add `channels`", "marketing", "gdpr:21(2)")
    for line, why in (("source_line", "where the address came from"), ("opt_out", "how to stop the messages")):
        if getattr(purpose, line) is None:
            cure = f"add `{line}` with the key of that text"
            yield Fault(path, f"direct marketing does not say {why}", cure, "marketing", "gdpr:21(4)")
    if ELECTRONIC & set(purpose.channels) and purpose.basis not in {Basis.CONSENT, Basis.SOFT_OPT_IN}:
        cure = "make the basis consent or soft_opt_in, or use post or phone"
        yield Fault(
            (*path, "basis"), "electronic marketing needs consent or a soft opt-in", cure, "marketing", "eprivacy:13(1)"
        )


def flows(policy: Policy, path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that operations and recipients tell the same story."""
    abroad = [key for key in purpose.recipients if key in policy.recipients and policy.recipients[key].country not in EEA]
    for operation, reason, when in (
        (Operation.DISCLOSE, "recipients", bool(purpose.recipients)),
        (Operation.TRANSFER, "recipients outside the European Economic Area", bool(abroad)),
    ):
        if when and operation not in purpose.operations:
            message = f"there are {reason}, but {operation} is not among the operations"
            yield Fault((*path, "recipients"), message, f"add {operation} to `operations`", "operations", "gdpr:13(1)(e)")
        if not when and operation in purpose.operations:
            message = f"{operation} is declared without {reason}"
            yield Fault((*path, "operations"), message, f"remove {operation}, or name them", "operations", "gdpr:13(1)(e)")


def recipients(policy: Policy, on: date | None) -> Iterator[Fault]:
    """Check instructions (art. 28) and safeguards (chapter V)."""
    for key, recipient in policy.recipients.items():
        path: Path = ("recipients", key)
        if recipient.role in {RecipientRole.PROCESSOR, RecipientRole.SUB_PROCESSOR} and recipient.instructions is None:
            cure = "add `instructions.text`: what it may do with the data"
            yield Fault(path, "a processor without instructions", cure, "instructions", "gdpr:28(3)(a)")
        if (safeguard := recipient.safeguard) is None:
            if recipient.country not in EEA:
                message = f"{recipient.country} is outside the European Economic Area and no safeguard is named"
                yield Fault(path, message, "add `safeguard`", "transfer", "gdpr:44")
            continue
        kinds = {"kind": safeguard.kind, "fallback": safeguard.fallback}
        for name, kind in kinds.items():
            if kind is SafeguardKind.PRIVACY_SHIELD:
                cure = "use data_privacy_framework (if the recipient is certified) or standard_clauses"
                where = (*path, "safeguard", name)
                yield Fault(where, "the EU-US Privacy Shield is void since 16 July 2020", cure, "transfer", "cjeu:C-311/18")
            if kind is SafeguardKind.DATA_PRIVACY_FRAMEWORK and recipient.country != "US":
                cure = "name another safeguard"
                yield Fault(
                    (*path, "safeguard", name), "the framework covers the United States only", cure, "transfer", "gdpr:45"
                )
        if safeguard.valid_until < safeguard.checked_on:
            cure = "correct one of the two days"
            yield Fault((*path, "safeguard", "valid_until"), "ends before it was checked", cure, "transfer", "gdpr:44")
        elif on and safeguard.valid_until < on:
            message, cure = f"the safeguard lapsed on {safeguard.valid_until}", "check it again and correct the days"
            yield Fault((*path, "safeguard", "valid_until"), message, cure, "transfer", "gdpr:44", Severity.WARNING)


def features(policy: Policy) -> Iterator[Fault]:
    """Check that what is excluded is called as connectors call it."""
    for key, recipient in policy.recipients.items():
        for at, word, meant in misspelt(recipient):
            where = ("recipients", key, "instructions", "excluded_features", at)
            message = f"{word!r} excludes nothing: no connector asks under that word"
            yield Fault(where, message, f"write {meant!r}", "feature", "gdpr:28(3)(a)")


def cookies(policy: Policy) -> Iterator[Fault]:
    """Check that nothing is kept on a device without consent unless the service needs it (ePrivacy art. 5(3))."""
    if policy.consent_categories and policy.banner is None:
        yield Fault(("consent_categories",), "there is no banner to choose in", "add `banner`", "banner", "gdpr:7(2)")
    for key, cookie in policy.cookies.items():
        category, purpose = policy.consent_categories.get(cookie.category), policy.purposes.get(cookie.purpose)
        if category is None or purpose is None:
            continue
        if not category.necessary and (purpose.basis is not Basis.CONSENT or purpose.consent_category != cookie.category):
            cure = f"let the purpose {cookie.purpose} rest on consent in the category {cookie.category}"
            yield Fault(("cookies", key, "purpose"), "is not asked for in its category", cure, "cookie", "eprivacy:5(3)")
        if category.necessary and purpose.basis is Basis.CONSENT:
            cure = "move it to the category of its purpose"
            yield Fault(
                ("cookies", key, "category"), "a necessary cookie cannot rest on consent", cure, "cookie", "eprivacy:5(3)"
            )
        if cookie.supplier != "controller" and cookie.policy is None:
            cure = "add `policy`, the address of the supplier's own"
            yield Fault(
                ("cookies", key), "the supplier's policy is not linked", cure, "cookie", "gdpr:13(1)(e)", Severity.WARNING
            )


def events(policy: Policy) -> Iterator[Fault]:
    """Check that each event has a purpose, each property a use, and nothing identifying reaches the lake."""
    seen: dict[tuple[str, str], str] = {}
    attributes: dict[str, tuple[str, str]] = {}
    for key, event in policy.events.items():
        path: Path = ("events", key)
        if (twin := seen.setdefault((event.type, event.name), key)) != key:
            yield Fault((*path, "name"), f"the event {twin!r} has the same name", "keep one of the two", "event")
        if (event.name == "*") if event.type is EventKind.TRACK else (event.type is EventKind.IDENTIFY and event.name != "*"):
            yield Fault(
                (*path, "name"), "this event type cannot have this name", "name track events; leave identify unnamed", "event"
            )
        if not event.purposes:
            cure = "add `purposes`, or remove the event"
            yield Fault(path, "is taken in for no purpose", cure, "event", "gdpr:5(1)(b)")
        yield from properties(policy, path, event)
        for at, fold in enumerate(event.folds):
            yield from folding(policy, (*path, "folds", at), event, at)
            meaning = (fold.kind, fold.purpose)
            if attributes.setdefault(fold.attribute, meaning) != meaning:
                cure = "use the same kind and purpose for it everywhere, or another name"
                yield Fault((*path, "folds", at, "attribute"), "is folded in another way elsewhere", cure, "fold")


def properties(policy: Policy, path: Path, event: EventType) -> Iterator[Fault]:
    """Check the properties of one event."""
    used = {name for allowed in event.purposes.values() for name in allowed}
    for name, rule in event.properties.items():
        where = (*path, "properties", name)
        if name not in used and not any(each.startswith(f"{name}.") for each in used):
            cure = "list it under a purpose of the event, or remove it"
            yield Fault(where, "serves no purpose", cure, "property", "gdpr:5(1)(c)")
        if rule.of and rule.type is not PropertyType.LIST:
            yield Fault((*where, "of"), "only a list holds properties", "make its type list", "property")
        for inner, each in ((name, rule), *((f"{name}.{inner}", each) for inner, each in rule.of.items())):
            yield from sealing(policy, where, each)
            for purpose_key, allowed in event.purposes.items():
                purpose = policy.purposes.get(purpose_key)
                listed = inner in allowed or (inner != name and name in allowed)
                if purpose and listed and each.data not in purpose.data:
                    message = f"{inner!r} is {each.data!r}, which the purpose {purpose_key!r} does not process"
                    cure = f"add {each.data} to purposes.{purpose_key}.data, or do not list the property"
                    yield Fault((*path, "purposes", purpose_key), message, cure, "property", "gdpr:5(1)(b)")


def sealing(policy: Policy, path: Path, rule: PropertyRule) -> Iterator[Fault]:
    """Check that a property and its data item agree on whether it names the person."""
    item = policy.data.get(rule.data)
    if item is not None and rule.identifying != (item.storage is Storage.SEALED):
        cure = "set `identifying: true`" if item.storage is Storage.SEALED else "remove `identifying`, or seal the data item"
        yield Fault(path, f"the data item {rule.data!r} is {item.storage}", cure, "sealing", "gdpr:25(1)")


def folding(policy: Policy, path: Path, event: EventType, at: int) -> Iterator[Fault]:
    """Check that a profile attribute can be computed."""
    fold = event.folds[at]
    if fold.attribute in policy.traits:
        yield Fault((*path, "attribute"), "is a trait already", "choose another name", "fold")
    needs_property = fold.kind in {FoldKind.SUM, FoldKind.MIN, FoldKind.MAX, FoldKind.SET_LAST}
    if needs_property != (fold.property is not None):
        cure = "add `property`" if needs_property else "remove `property`"
        yield Fault(path, f"{fold.kind} {'needs a' if needs_property else 'takes no'} property", cure, "fold")
    rule = event.properties.get(fold.property or "")
    if rule and fold.kind in {FoldKind.SUM, FoldKind.MIN, FoldKind.MAX} and rule.type not in NUMERIC:
        yield Fault((*path, "property"), f"cannot be counted: it is a {rule.type}", "fold a number or money", "fold")
    if rule and rule.identifying:
        yield Fault((*path, "property"), "names the person", "profiles keep no identifiers", "fold", "gdpr:25(1)")


def traits(policy: Policy) -> Iterator[Fault]:
    """Check that what is derived from sealed data is plain, and that wire names are not shared."""
    seen: dict[str, str] = {}
    for key, trait in policy.traits.items():
        # A derived attribute is never read from a message, so its key may be another trait's name on the wire.
        for name in sorted(set() if trait.derived else {key, *trait.wire}):
            if (twin := seen.setdefault(name, key)) != key:
                yield Fault(("traits", key, "wire"), f"{name!r} is read by {twin!r} already", "use it once", "trait")
        item = policy.data.get(trait.data)
        if trait.derived and item and item.storage is not Storage.PLAIN:
            yield Fault(("traits", key, "data"), "a derived attribute stands in plain", "name a plain data item", "trait")
        if trait.derived and trait.derived.trait != (source := DERIVED_FROM[trait.derived.how]):
            where: Path = ("traits", key, "derived", "trait")
            yield Fault(where, f"{trait.derived.how} comes from {source}", f"write {source}", "trait")
        if item and item.storage is Storage.SEALED and trait.type is not PropertyType.STRING:
            message = "what is sealed is read in its own normal form"
            yield Fault(("traits", key, "type"), message, "remove `type`", "trait")
