"""What the law asks of a policy, held against it part by part. Pure: the day comes from the caller."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import (
    EEA,
    Basis,
    Channel,
    Counted,
    Operation,
    Policy,
    Purpose,
    Right,
    Severity,
    SourceKind,
    Span,
    SpecialCondition,
    Then,
)
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.intake import taken_in
from assent.privacy.policy.known import law
from assent.privacy.policy.safeguards import CHECKS
from assent.privacy.policy.solutions import solutions

__all__ = ["faults"]

ELECTRONIC = frozenset({Channel.EMAIL, Channel.SMS, Channel.PUSH})
# What `privacy/documents` has sentences in; a test of the house holds the two together.
DOCUMENT_LANGUAGES = ("en", "ro")
# Months and days differ in length: a limit is held on each day of four years, leap day included.
STARTS = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(1461)]


def faults(policy: Policy, texts: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    """Name everything in a policy that the law does not permit, or a reader would stumble over."""
    yield from controller(policy)
    yield from deadlines(policy)
    yield from special_data(policy)
    yield from measures(policy)
    for key, purpose in policy.purposes.items():
        path = ("purposes", key)
        yield from grounds(policy, path, purpose)
        yield from choices(path, purpose)
        yield from way_back(policy, path, purpose, texts)
        yield from marketing(path, purpose)
        yield from flows(policy, path, purpose)
    yield from taken_in(policy)
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
        yield Fault(("controller", "data_protection_officer"), "must be one of the two", cure, Code.OFFICER, "gdpr:37")
    if policy.controller.time_zone not in _time_zones():
        cure = "write it as Europe/Bucharest"
        yield Fault(("controller", "time_zone"), f"{policy.controller.time_zone!r} is no time zone", cure, Code.TIME_ZONE)
    for right in Right:
        if right not in policy.rights.explained:
            cure = f"add `{right}: …` in each language"
            yield Fault(("rights", "explained"), f"the right of {right} is not explained", cure, Code.RIGHT, "gdpr:13(2)")
    for key, source in policy.sources.items():
        if source.kind is SourceKind.PUBLIC and not source.named:
            yield Fault(
                ("sources", key), "a public source is not named", "name the register or site", Code.SOURCE, "gdpr:14(2)(f)"
            )

    if policy.dated is None:
        cure = "add `dated`, the day it was written or last looked through, as 2026-01-31"
        yield Fault((), "the statement bears no date", cure, Code.UNDATED, "gdpr:12(1)", Severity.WARNING)
    for place, language in enumerate(policy.controller.languages):
        if language not in DOCUMENT_LANGUAGES:
            message = f"the software writes no documents in {language!r}: notice and cookie policy would not be in it"
            cure = f"publish those yourself, or keep to {' and '.join(DOCUMENT_LANGUAGES)}"
            where = ("controller", "languages", place)
            yield Fault(where, message, cure, Code.UNWRITTEN_LANGUAGE, "gdpr:12(1)", Severity.WARNING)


def deadlines(policy: Policy) -> Iterator[Fault]:
    """Check that no answer takes longer than the law allows."""
    for name, limit in law()["deadlines"].items():
        span, longest = Span.read(getattr(policy.rights.deadlines, name)), Span.read(limit["longest"])
        if span != longest and any(span.after(start) > longest.after(start) for start in STARTS):
            path: Path = ("rights", "deadlines", name)
            message = f"is longer than the law allows: {limit['words']}"
            yield Fault(path, message, f"write {limit['longest']}, or less", Code.DEADLINE, limit["clause"])


def special_data(policy: Policy) -> Iterator[Fault]:
    """Check that data which are special by their kind are declared so (art. 9(1)); a photo is, if it is used as a biometric."""
    for key, item in policy.data.items():
        named = any(item.category == each or item.category.startswith(f"{each}.") for each in law()["special_categories"])
        claimed = item.category == "user.content.self_image" and any(
            "biometr" in each.casefold() for each in item.title.root.values()
        )
        if (named or claimed) and not item.special:
            cure = "set `special: true`, and give each purpose that uses it a `special_condition`; or name what it really is"
            rests_on: tuple[Path, ...] = (("data", key, "title"),)
            message = f"{item.category} is special data" if named else "a photo called biometric is special data"
            yield Fault(("data", key, "category"), message, cure, Code.SPECIAL, "gdpr:9(1)", rests_on=rests_on)


def measures(policy: Policy) -> Iterator[Fault]:
    """Name the measures whose check nobody knows."""
    for key, measure in policy.measures.items():
        if measure.check not in CHECKS:
            near = get_close_matches(measure.check, CHECKS, 1)
            cure = f"write {near[0]}" if near else f"choose one of {', '.join(CHECKS)}"
            message = f"no check is called {measure.check!r}, so nothing shows this measure"
            yield Fault(("measures", key, "check"), message, cure, Code.MEASURE, "gdpr:32(1)(d)")


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
            yield Fault(
                path, f"the basis {purpose.basis} stands without `{name}`", f"add `{name}`: {cure}", Code.GROUND, clause
            )
        if purpose.basis not in bases and getattr(purpose, name) is not None:
            message = f"`{name}` does not belong to the basis {purpose.basis}"
            yield Fault((*path, name), message, "remove it, or correct the basis", Code.GROUND, clause)
    if purpose.basis_changed and purpose.basis_changed.was is purpose.basis:
        yield Fault(
            (*path, "basis_changed", "was"), "is the basis it has now", "name the former basis", Code.GROUND, "gdpr:5(2)"
        )
    special = [key for key in purpose.data if key in policy.data and policy.data[key].special]
    if special and purpose.special_condition is None:
        cure = "add `special_condition` with the letter of art. 9(2), or leave the data out"
        yield Fault((*path, "data"), f"{special[0]!r} is special data without a condition", cure, Code.SPECIAL, "gdpr:9(2)")
    if purpose.special_condition and not special:
        yield Fault((*path, "special_condition"), "there is no special data here", "remove it", Code.SPECIAL, "gdpr:9(2)")
    if purpose.special_condition is SpecialCondition.EXPLICIT_CONSENT and purpose.basis is not Basis.CONSENT:
        cure = "make consent the basis, or choose another condition"
        yield Fault(
            (*path, "special_condition"), "explicit consent needs consent as the basis", cure, Code.SPECIAL, "gdpr:9(2)(a)"
        )


def choices(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that a consent can be asked for, proven and ended, and that nothing else pretends to be one."""
    yield from (askable if purpose.basis is Basis.CONSENT else unasked)(path, purpose)
    for channel in purpose.wording:
        if channel not in purpose.channels:
            yield Fault(
                (*path, "wording", channel.value), "this channel is not used", f"add {channel} to `channels`", Code.CONSENT
            )
    if purpose.per_channel_choice and len(purpose.channels) < 2:
        yield Fault((*path, "per_channel_choice"), "there is one channel or none", "remove it, or add channels", Code.CONSENT)


def askable(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that there are words to ask with: at first, to confirm, and again."""
    if not purpose.channels:
        yield Fault(path, "consent without a channel", "add `channels`, for example [onsite]", Code.CONSENT, "gdpr:7(1)")
    for channel in purpose.channels:
        if channel not in purpose.wording:
            cure = f"add `wording.{channel}` with the key of the text people agree to"
            yield Fault((*path, "channels"), f"consent for {channel} has no wording", cure, Code.CONSENT, "gdpr:7(2)")
    if purpose.double_opt_in and (Channel.EMAIL not in purpose.channels or not purpose.confirmation):
        cure = "add the channel email and `confirmation`, the text of the message"
        yield Fault((*path, "double_opt_in"), "nothing to confirm by", cure, Code.CONSENT, "gdpr:7(1)")
    if purpose.retention.then is Then.ASK_AGAIN and not purpose.ask_again:
        cure = "add `ask_again` with the key of the text that asks"
        yield Fault((*path, "retention", "then"), "nothing to ask with", cure, Code.RETENTION, "gdpr:7(2)")


def way_back(policy: Policy, path: Path, purpose: Purpose, texts: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    """Check that a consent can be taken back as easily as it is given, and that people are told how before."""
    if purpose.basis is not Basis.CONSENT or purpose.opt_out or purpose.consent_category:
        return  # a link in each message, or the banner opened again
    ways = {policy.controller.contact.email, policy.rights.contact.email}
    for channel, key in purpose.wording.items():
        for language in policy.controller.languages:
            words = texts.get((key, language))
            if words is not None and not any(way in words for way in ways):
                message = f"nothing says how to take this consent back in {language!r}"
                cure = "name {contact} in the wording, add `opt_out`, or put it in a `consent_category` of the banner"
                rests_on: tuple[Path, ...] = ((*path, "opt_out"), (*path, "consent_category"), ("controller", "contact"))
                yield Fault((*path, "wording", channel.value), message, cure, Code.WITHDRAWAL, "gdpr:7(3)", rests_on=rests_on)


def unasked(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that a purpose on another basis has nothing that belongs to consent."""
    for name in ("consent_category", "consent_expires", "double_opt_in", "confirmation", "wording", "ask_again"):
        if getattr(purpose, name):
            yield Fault(
                (*path, name), "belongs to consent only", "remove it, or make consent the basis", Code.CONSENT, "gdpr:7"
            )
    if purpose.retention.counted_from is Counted.CONSENT_GIVEN or purpose.retention.then is Then.ASK_AGAIN:
        cure = "count from another moment and erase, or make consent the basis"
        yield Fault((*path, "retention"), "there is no consent to count from or ask for", cure, Code.CONSENT, "gdpr:7")


def marketing(path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check what direct marketing owes in every message (GDPR art. 21, ePrivacy art. 13)."""
    if purpose.basis is Basis.SOFT_OPT_IN and not purpose.direct_marketing:
        cure = "set `direct_marketing: true`, or choose another basis"
        yield Fault((*path, "basis"), "the soft opt-in is for direct marketing only", cure, Code.MARKETING, "eprivacy:13(2)")
    if not purpose.direct_marketing:
        return
    if not purpose.channels:
        yield Fault(path, "direct marketing without a channel", "add `channels`", Code.MARKETING, "gdpr:21(2)")
    for line, why in (("source_line", "where the address came from"), ("opt_out", "how to stop the messages")):
        if getattr(purpose, line) is None:
            cure = f"add `{line}` with the key of that text"
            yield Fault(path, f"direct marketing does not say {why}", cure, Code.MARKETING, "gdpr:21(4)")
    if ELECTRONIC & set(purpose.channels) and purpose.basis not in {Basis.CONSENT, Basis.SOFT_OPT_IN}:
        cure = "make the basis consent or soft_opt_in, or use post or phone"
        yield Fault(
            (*path, "basis"), "electronic marketing needs consent or a soft opt-in", cure, Code.MARKETING, "eprivacy:13(1)"
        )


def flows(policy: Policy, path: Path, purpose: Purpose) -> Iterator[Fault]:
    """Check that operations and recipients tell the same story."""
    abroad = [key for key in purpose.recipients if key in policy.recipients and policy.recipients[key].country not in EEA]
    rests_on: tuple[Path, ...] = (
        (*path, "recipients", "*"), (*path, "operations", "*"), ("recipients", "*", "country"),
    )  # fmt: skip
    for operation, reason, when in (
        (Operation.DISCLOSE, "recipients", bool(purpose.recipients)),
        (Operation.TRANSFER, "recipients outside the European Economic Area", bool(abroad)),
    ):
        if when and operation not in purpose.operations:
            message, cure = (
                f"there are {reason}, but {operation} is not among the operations",
                f"add {operation} to `operations`",
            )
            yield Fault((*path, "recipients"), message, cure, Code.OPERATIONS, "gdpr:13(1)(e)", rests_on=rests_on)
        if not when and operation in purpose.operations:
            message, cure = f"{operation} is declared without {reason}", f"remove {operation}, or name them"
            yield Fault((*path, "operations"), message, cure, Code.OPERATIONS, "gdpr:13(1)(e)", rests_on=rests_on)
