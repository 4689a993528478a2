"""What recipients owe: a true role, instructions (art. 28), and a safeguard outside the Economic Area (chapter V)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import EEA, Policy, Recipient, RecipientRole, Safeguard, SafeguardKind, Severity, Span
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.features import misspelt
from assent.privacy.policy.known import companies_in, law, services

__all__ = ["recipient_faults"]

PROCESSORS = {RecipientRole.PROCESSOR, RecipientRole.SUB_PROCESSOR}
LEGAL_FORMS = {"srl", "sa", "sas", "gmbh", "ltd", "limited", "llc", "inc", "pty", "plc", "bv", "ag", "oy", "ab", "nv", "kg"}


def recipient_faults(policy: Policy, *, on: date | None) -> Iterator[Fault]:
    """Check each recipient."""
    for key, recipient in policy.recipients.items():
        path: Path = ("recipients", key)
        if plain_name(recipient.name) == plain_name(policy.controller.name):
            message = "is the controller itself; passing data to oneself is no disclosure"
            cure = "remove it, or name the other company that receives the data"
            yield Fault((*path, "name"), message, cure, Code.SELF, "gdpr:4(9)", rests_on=(("controller", "name"),))
        if recipient.role in PROCESSORS and recipient.instructions is None:
            cure = "add `instructions.text`: what it may do with the data"
            yield Fault(path, "a processor without instructions", cure, Code.INSTRUCTIONS, "gdpr:28(3)(a)")
        for at, word, meant in misspelt(recipient):
            message = f"{word!r} excludes nothing: no connector asks under that word"
            where = (*path, "instructions", "excluded_features", at)
            yield Fault(where, message, f"write {meant!r}", Code.FEATURE, "gdpr:28(3)(a)")
        yield from role(path, key, recipient)
        if recipient.safeguard is not None:
            yield from safeguarded(path, recipient, recipient.safeguard, on)
        elif recipient.country not in EEA:
            message = f"{recipient.country} is outside the European Economic Area and no safeguard is named"
            yield Fault(path, message, "add `safeguard`", Code.TRANSFER, "gdpr:44")


def plain_name(name: str) -> str:
    """Return a company's name without case, points and legal form."""
    words = re.findall(r"\w+", name.casefold().replace(".", ""))
    return " ".join(word for word in words if word not in LEGAL_FORMS)


def role(path: Path, key: str, recipient: Recipient) -> Iterator[Fault]:
    """Check that nobody is called a processor who decides for itself; an error where a court or the Board said so."""
    if recipient.role not in PROCESSORS:
        return
    companies = companies_in(f"{key.replace('_', ' ')} {recipient.name}")
    does = " ".join([recipient.name, *recipient.services.root.values()]).casefold()
    for service in services():
        known = service.no_processor_for
        if service.company not in companies or known is None:
            continue
        found = next((word for word in known["words"] if re.search(rf"\b{re.escape(word)}", does)), None)
        if found:
            message = f"for {found!r} {service.company} is no processor: {known['because']} ({known['source']})"
            cure = "make it a joint_controller or independent_controller, or a recipient of its own for this service"
            severity = Severity.ERROR if known["settled"] else Severity.WARNING
            rests_on: tuple[Path, ...] = ((*path, "name"), (*path, "services"))
            yield Fault((*path, "role"), message, cure, Code.ROLE, "gdpr:26", severity, rests_on)


def safeguarded(path: Path, recipient: Recipient, safeguard: Safeguard, on: date | None) -> Iterator[Fault]:
    """Check that a safeguard exists, fits the country, and was looked at lately."""
    shield, framework = law()["privacy_shield"], law()["data_privacy_framework"]
    for name, kind in {"kind": safeguard.kind, "fallback": safeguard.fallback}.items():
        where = (*path, "safeguard", name)
        if kind is SafeguardKind.PRIVACY_SHIELD:
            cure = "use data_privacy_framework (if the recipient is certified) or standard_clauses"
            message = f"the EU-US Privacy Shield is void since {shield['void_since']}"
            yield Fault(where, message, cure, Code.TRANSFER, shield["clause"])
        if kind is SafeguardKind.DATA_PRIVACY_FRAMEWORK and recipient.country != "US":
            message = "the framework covers the United States only"
            rests_on: Path = (*path, "country")
            yield Fault(where, message, "name another safeguard", Code.TRANSFER, framework["clause"], rests_on=(rests_on,))
    if safeguard.kind is SafeguardKind.DATA_PRIVACY_FRAMEWORK and safeguard.fallback is None:
        message = f"the framework was checked on {safeguard.checked_on} until {safeguard.valid_until}; {framework['pending']}"
        cure = "name the `fallback` that holds if it falls, usually standard_clauses"
        yield Fault((*path, "safeguard"), message, cure, Code.TRANSFER, framework["clause"], Severity.WARNING)
    if safeguard.valid_until < safeguard.checked_on:
        where, cure = (*path, "safeguard", "valid_until"), "correct one of the two days"
        yield Fault(where, "ends before it was checked", cure, Code.TRANSFER, "gdpr:44")
    elif on is not None:
        yield from dates(path, safeguard, on)


def dates(path: Path, safeguard: Safeguard, on: date) -> Iterator[Fault]:
    """Warn of a safeguard that lapsed, will soon, or was not looked at for long."""
    limits, until, checked = law()["safeguards"], (*path, "safeguard", "valid_until"), (*path, "safeguard", "checked_on")
    pending = law()["data_privacy_framework"]["pending"]
    note = f"; {pending}" if safeguard.kind is SafeguardKind.DATA_PRIVACY_FRAMEWORK else ""
    again = "check it again and correct the days"
    if safeguard.checked_on > on:
        yield Fault(checked, "is a day to come", "write the day it was checked", Code.TRANSFER, "gdpr:44", Severity.WARNING)
    elif safeguard.valid_until < on:
        message = f"the safeguard lapsed on {safeguard.valid_until}{note}"
        yield Fault(until, message, again, Code.TRANSFER_LAPSED, "gdpr:44", Severity.WARNING)
    elif safeguard.valid_until < later(on, limits["warn_before"]):
        message = f"the safeguard lapses on {safeguard.valid_until}; transfers stop then{note}"
        yield Fault(until, message, again, Code.TRANSFER_STALE, "gdpr:44", Severity.WARNING)
    elif later(safeguard.checked_on, limits["check_again_after"]) < on:
        message = f"the safeguard was last checked on {safeguard.checked_on}, more than a year ago{note}"
        yield Fault(checked, message, again, Code.TRANSFER_STALE, "gdpr:44", Severity.WARNING)


def later(day: date, span: str) -> date:
    """Return the day so much later."""
    return Span.read(span).after(datetime.combine(day, time(), UTC)).date()
