"""Any value of a policy in words: a title for a key, a length of time for a duration, a day for a date."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from assent.privacy.documents.cookies import lifetime, supplier
from assent.privacy.documents.notice_parties import feature
from assent.privacy.documents.phrases import clause, country, day, enumerated, language_name, span
from assent.privacy.documents.words import words
from assent.privacy.policy.contracts import (
    Basis,
    Channel,
    CookieKind,
    Counted,
    DataKind,
    EventKind,
    FoldKind,
    Local,
    Operation,
    Policy,
    PropertyType,
    RecipientRole,
    Right,
    SafeguardKind,
    SolutionRole,
    SourceKind,
    SpecialCondition,
    Storage,
    TextUse,
    Then,
)

__all__ = ["field_name", "said", "term_of", "title_of"]

TERMS: Mapping[type[StrEnum], str] = {
    Basis: "basis",
    Channel: "channel",
    CookieKind: "cookie_kind",
    DataKind: "kind",
    EventKind: "event",
    FoldKind: "fold",
    Operation: "operation",
    PropertyType: "type",
    RecipientRole: "role_name",
    Right: "right",
    SafeguardKind: "safeguard",
    SolutionRole: "solution_role",
    SourceKind: "source",
    Storage: "storage",
    TextUse: "text_use",
}
# Which part of the policy the key in a field leads to.
LEADS = {
    "data": "data",
    "subjects": "subjects",
    "sources": "sources",
    "recipients": "recipients",
    "recipient": "recipients",
    "purposes": "purposes",
    "purpose": "purposes",
    "category": "consent_categories",
    "consent_category": "consent_categories",
    "sale": "events",
    "wording": "texts",
    "confirmation": "texts",
    "source_line": "texts",
    "opt_out": "texts",
    "ask_again": "texts",
    "opt_out_at_collection": "texts",
    "notice_summary": "texts",
}
SPANS = {
    "duration", "consent_expires", "answer", "extension", "tell_source", "breach", "data_kept", "keys_kept", "ask_again_after",
    "notice_before_change",
    "sub_processors", "ending",
}  # fmt: skip

READERS: Mapping[str, Callable[[str, str], str]] = {
    "span": span,
    "lifetime": lifetime,
    "country": country,
    "languages": language_name,
    "excluded_features": feature,
}


def field_name(name: str, language: str) -> str:
    """Return what a field of a policy is called; a key of somebody's own making stays as it is."""
    fields = words(language, "fields")
    return fields.say(name) if fields.has(name) else name


def title_of(policy: Policy, area: str, key: str, language: str) -> str:
    """Return what people call something a policy declares; its key, if it is not declared or has no title."""
    found = getattr(policy, area).get(key)
    if isinstance(found, Local):
        return found.say(language)
    named = getattr(found, "title", None)
    if isinstance(named, Local):
        return named.say(language)
    return str(getattr(found, "name", None) or key)


def said(value: Any, path: tuple[str, ...], policy: Policy, language: str) -> str:
    """
    Return a value in words.

    :param path: where it stands, from the policy down: what a key or a text means depends on it
    """
    say = words(language, "changes").say
    if value is None or value == ():
        return say("nothing")
    match value:
        case Local():
            told = value.say(language)
        case bool():
            told = say("yes" if value else "no")
        case tuple():
            told = enumerated([said(each, path, policy, language) for each in value], language)
        case date():
            told = day(value, language)
        case StrEnum():
            told = term_of(value, language)
        case _:
            told = _text(str(value), path, policy, language)
    return told


def term_of(value: StrEnum, language: str) -> str:
    """Return what one of the words a policy may use means to people."""
    if isinstance(value, SpecialCondition):
        return clause(f"gdpr:9(2)({value})", language)
    if isinstance(value, Counted | Then):
        sheet = "from" if isinstance(value, Counted) else "then"
        return words(language, "retention").say(f"{sheet}_{value}")
    terms, key = words(language, "terms"), f"{TERMS.get(type(value), '')}_{value}"
    return terms.say(key) if terms.has(key) else value.replace("_", " ")


def _text(value: str, path: tuple[str, ...], policy: Policy, language: str) -> str:
    field = path[-1]
    if read := READERS.get("span" if field in SPANS else field):
        return read(value, language)
    if field == "supplier" and (value == "controller" or value in policy.recipients):
        return supplier(policy, value)
    # The words of a consent stand under their channel.
    area = LEADS.get(field) or LEADS.get(path[-2] if len(path) > 1 else "")
    return title_of(policy, area, value, language) if area and value in getattr(policy, area) else value
