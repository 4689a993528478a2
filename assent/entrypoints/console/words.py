"""Codes of the house as words for people, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy as _, ngettext

from assent.ingest.contracts import ChoiceEvent
from assent.pieces.days import day
from assent.pieces.templatetags.pieces import grouped, money
from assent.privacy.impact.contracts import Criterion, Verdict
from assent.privacy.policy.contracts import Basis, Channel, Compiled, Counted, FoldKind, Local, PropertyType, Span, Then
from assent.privacy.subjects.contracts import Field
from assent.privacy.suppression.contracts import Kind
from assent.tenancy.contracts import Permission, Role

__all__ = [
    "BASES", "CHANNELS", "CHOICES", "COUNTED", "CRITERIA", "DONE", "FIELDS", "FOLDS", "HELD", "KINDS", "PERMISSIONS",
    "PROPERTIES", "ROLES", "STAGES", "STOPS", "STORES", "THEN", "TRAITS", "VERDICTS", "attribute", "local",
    "purpose", "span", "spoken", "value",
]  # fmt: skip

BASES: Mapping[str, Any] = {
    Basis.CONSENT: _("consent"),
    Basis.CONTRACT: _("contract"),
    Basis.LEGAL_OBLIGATION: _("legal obligation"),
    Basis.VITAL_INTERESTS: _("vital interests"),
    Basis.PUBLIC_TASK: _("public task"),
    Basis.LEGITIMATE_INTERESTS: _("legitimate interests"),
    Basis.SOFT_OPT_IN: _("existing customers (soft opt-in)"),
}

CHANNELS: Mapping[str, Any] = {
    "any": _("any channel"),
    Channel.EMAIL: _("e-mail"),
    Channel.SMS: _("SMS"),
    Channel.PUSH: _("app message"),
    Channel.ONSITE: _("on the site"),
    Channel.PHONE: _("phone"),
    Channel.POST: _("post"),
}

COUNTED: Mapping[str, Any] = {
    Counted.COLLECTED: _("from collection"),
    Counted.LAST_INTERACTION: _("from the last interaction"),
    Counted.CONSENT_GIVEN: _("from the consent"),
    Counted.APPLIED: _("from the application"),
    Counted.HIRED: _("from the hiring"),
    Counted.CONTRACT_ENDED: _("from the end of the contract"),
    Counted.YEAR_ENDED: _("from the end of the year"),
}

THEN: Mapping[str, Any] = {
    Then.ERASE: _("then erased"),
    Then.ASK_AGAIN: _("then asked again"),
    Then.HOLD: _("then locked away"),
}

CRITERIA: Mapping[str, Any] = {
    Criterion.SCORING: _("People are rated, or their behaviour is foretold"),
    Criterion.DECISIONS: _("Machines decide with serious effect on people"),
    Criterion.MONITORING: _("People are watched systematically"),
    Criterion.SENSITIVE: _("The data are special, or as personal as where somebody is"),
    Criterion.SCALE: _("It is done on a large scale"),
    Criterion.MATCHING: _("Data of different origins or controllers are combined"),
    Criterion.VULNERABLE: _("Some of the people can hardly say no"),
    Criterion.INNOVATION: _("Technology is used in a new way"),
    Criterion.EXCLUSION: _("People may be kept from a service, a contract or a right"),
}

VERDICTS: Mapping[str, Any] = {
    Verdict.REQUIRED: _("An assessment is required"),
    Verdict.EXPECTED: _("An assessment is to be expected"),
    Verdict.CONSIDER: _("One sign of a high risk"),
    Verdict.NONE: _("No sign of a high risk"),
}

ROLES: Mapping[str, Any] = {
    Role.MARKETER: _("Marketer"),
    Role.ANALYST: _("Analyst"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
    Role.ADMINISTRATOR: _("Administrator"),
}

KINDS: Mapping[str, Any] = {"website": _("Website"), "app": _("App"), "server": _("Server")}

PERMISSIONS: Mapping[str, Any] = {
    Permission.PEOPLE_READ: _("count people and read their records"),
    Permission.PEOPLE_IDENTIFY: _("see names and addresses"),
    Permission.PEOPLE_WRITE: _("add and change people"),
    Permission.PEOPLE_EXPORT: _("export a person"),
    Permission.PEOPLE_ERASE: _("erase a person"),
    Permission.CONSENT_WRITE: _("record choices"),
    Permission.REQUESTS_REGISTER: _("register people’s requests"),
    Permission.REQUESTS_ANSWER: _("answer people’s requests"),
    Permission.SEGMENTS_READ: _("see segments"),
    Permission.SEGMENTS_WRITE: _("build segments"),
    Permission.CAMPAIGNS_READ: _("see campaigns"),
    Permission.CAMPAIGNS_WRITE: _("write campaigns"),
    Permission.CAMPAIGNS_SEND: _("send messages"),
    Permission.EVENTS_READ: _("see counts of events"),
    Permission.AUDIT_READ: _("read the audit trail"),
    Permission.POLICY_READ: _("read the policy"),
    Permission.POLICY_WRITE: _("change and publish the policy"),
    Permission.AGREEMENTS_WRITE: _("accept and end agreements"),
    Permission.BREACHES_READ: _("see breaches and alarms"),
    Permission.BREACHES_WRITE: _("handle breaches and alarms"),
    Permission.SETTINGS_WRITE: _("change settings"),
}


def local(words: Local | None) -> str:
    """Return a policy's words in the reader's language, else in its first."""
    if words is None:
        return ""
    spoken = words.root
    return spoken.get((get_language() or "en")[:2]) or next(iter(spoken.values()))


def purpose(policy: Compiled | None, key: str) -> str:
    """Return a purpose's title; one the policy in force no longer has is shown by its key."""
    found = policy.policy.purposes.get(key) if policy else None
    return local(found.title) if found else key


def spoken(policy: Compiled) -> str:
    """Return the reader's language if the policy speaks it, else the policy's first."""
    languages = policy.policy.controller.languages
    mine = (get_language() or "en")[:2]
    return mine if mine in languages else languages[0]


def span(written: str) -> str:
    """Write an ISO 8601 duration as people say it."""
    length = Span.read(written)
    years, months = divmod(length.months, 12)
    hours, minutes = divmod(length.seconds // 60, 60)
    parts = [
        ngettext("%d year", "%d years", years) % years if years else "",
        ngettext("%d month", "%d months", months) % months if months else "",
        ngettext("%d day", "%d days", length.days) % length.days if length.days else "",
        ngettext("%d hour", "%d hours", hours) % hours if hours else "",
        ngettext("%d minute", "%d minutes", minutes) % minutes if minutes else "",
    ]
    return " ".join(part for part in parts if part)


STAGES: Mapping[str, Any] = {
    "draft": _("draft"),
    "scheduled": _("scheduled"),
    "sending": _("sending"),
    "paused": _("paused"),
    "sent": _("sent"),
    "cancelled": _("cancelled"),
}

DONE: Mapping[str, Any] = {
    "pause": _("Paused. What has not left stays here."),
    "resume": _("It goes on. Nobody gets it twice."),
    "cancel": _("Cancelled. What has left can’t be taken back."),
}

TRAITS: Mapping[str, Any] = {
    "city": _("Town"),
    "county": _("County"),
    "age_band": _("Age band"),
    "birthday": _("Birthday (month-day)"),
    "language": _("Language"),
}

PROPERTIES: Mapping[str, Any] = {
    "total": _("total"),
    "price": _("price"),
    "quantity": _("quantity"),
    "category": _("category"),
    "currency": _("currency"),
}

FOLDS: Mapping[str, Any] = {
    FoldKind.COUNT: _("%(event)s: how many times"),
    FoldKind.SUM: _("%(event)s: %(property)s in all"),
    FoldKind.MIN: _("%(event)s: smallest %(property)s"),
    FoldKind.MAX: _("%(event)s: largest %(property)s"),
    FoldKind.FIRST: _("%(event)s: first day"),
    FoldKind.LAST: _("%(event)s: last day"),
    FoldKind.SET_LAST: _("%(event)s: latest %(property)s"),
}


def attribute(policy: Compiled | None, name: str) -> str:
    """Return what an attribute is called: its own word, or what it is folded from."""
    if name in TRAITS:
        return str(TRAITS[name])
    for event in policy.policy.events.values() if policy else ():
        for fold in event.folds:
            if fold.attribute == name:
                of = PROPERTIES.get(fold.property or "", fold.property or "")
                return FOLDS[fold.kind] % {"event": local(event.title), "property": of}
    return name.replace("_", " ").capitalize()


def value(found: Any, of: PropertyType) -> str:
    """Write an attribute's value as what the policy says it is."""
    if of is PropertyType.MONEY and isinstance(found, int | float):
        return money(round(found * 100))
    if of is PropertyType.DATE:
        try:
            return day(date.fromisoformat(str(found)), year=True)
        except ValueError:
            return str(found)
    if isinstance(found, bool):
        return gettext("yes") if found else gettext("no")
    return grouped(found) if isinstance(found, int | float) else str(found)


FIELDS: Mapping[str, Any] = {
    Field.USER_ID: _("Customer number"),
    Field.EMAIL: _("E-mail"),
    Field.PHONE: _("Phone"),
    Field.FIRST_NAME: _("First name"),
    Field.LAST_NAME: _("Last name"),
    Field.NAME: _("Name"),
    Field.STREET: _("Street"),
    Field.POSTAL_CODE: _("Postal code"),
    Field.CITY_OF_ADDRESS: _("Town of the address"),
    Field.BIRTH_DATE: _("Date of birth"),
    Field.SOCIAL: _("Social handle"),
    Field.NOTE: _("Note"),
}

STOPS: Mapping[str, Any] = {
    Kind.OBJECTION: _("objected"),
    Kind.RESTRICTION: _("restricted"),
    Kind.UNSUBSCRIBE: _("unsubscribed"),
    Kind.BOUNCE: _("bounced"),
    Kind.COMPLAINT: _("complained"),
    Kind.LEGAL_STOP: _("legal stop"),
}

STORES: Mapping[str, Any] = {
    "arrival": _("Events on their way in"),
    "portal": _("Visits to their own pages"),
    "dispatch": _("Messages"),
    "files": _("Files and caught mail"),
    "events": _("Events"),
    "profiles": _("Attributes"),
    "suppression": _("Stops"),
    "consent": _("Choices"),
    "disclosures": _("Disclosures"),
    "retention": _("Legal holds"),
    "sources": _("Where data came from"),
    "subjects": _("People: identifiers, search, key"),
    "rights": _("Requests and erasures"),
    "breaches": _("Breaches and demands"),
    "audit": _("The book"),
}

HELD: Mapping[str, Any] = {
    "sealed identity": _("Identifiers"),
    "index entries": _("Search entries"),
    "keys": _("The key"),
    "consent records": _("Proofs of choices"),
    "standing choices": _("Choices that stand"),
    "stops ever made": _("Stops ever made"),
    "stops that hold": _("Stops that hold"),
    "event": _("Events"),
    "attribute": _("Attributes"),
    "identifier": _("Identifiers"),
    "person": _("People"),
    "file": _("Files and caught mail"),
    "messages": _("Messages"),
    "messages set aside": _("Messages set aside"),
    "opt-out links": _("Opt-out links"),
    "disclosures": _("Hand-overs to recipients"),
    "sessions": _("Visits to their own pages"),
    "holds": _("Legal holds"),
    "endings": _("Purposes that ended"),
    "moments": _("Moments that periods are counted from"),
    "requests": _("Requests"),
}

CHOICES: Mapping[str, Any] = {
    ChoiceEvent.GIVE: _("Consent was given"),
    ChoiceEvent.WITHDRAW: _("Consent was withdrawn"),
    ChoiceEvent.OBJECT: _("Someone objected to marketing"),
    ChoiceEvent.PREFERENCES: _("Cookie choices were made"),
}
