"""
A record of consent as ISO/IEC TS 27560 describes it, in the terms of the Data Privacy Vocabulary (DPV 2). Pure.

The members follow W3C's guide ``consent-27560`` (8 and 9), in its profile for the GDPR. The context lies inside every
document, so that no term's meaning depends on what a server answers one day; it is part of what is signed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from assent.foundation.clock import from_millis
from assent.privacy.consent.contracts import Method
from assent.privacy.policy.contracts import (
    Basis,
    Compiled,
    Contact,
    DataItem,
    Local,
    Operation,
    Purpose,
    Recipient,
    RecipientRole,
    Right,
    SafeguardKind,
    Then,
)

__all__ = ["CONTEXT", "Shown", "Statement", "document"]

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
LINKS = (
    "dct:conformsTo",
    "dpv:hasApplicableLaw",
    "dpv:hasContact",
    "dpv:hasJurisdiction",
    "dpv:hasLegalBasis",
    "dpv:hasLocation",
    "dpv:hasProcessing",
    "dpv:isExercisedAt",
    "dpv:isIndicatedBy",
)
# What each term used here means, pinned.
CONTEXT: Mapping[str, Any] = MappingProxyType(
    {
        "@version": 1.1,
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "loc": "https://w3id.org/dpv/loc#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "dct": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "assent": "urn:assent:terms:",
        **{term: {"@type": "@id"} for term in LINKS},
        **{term: {"@type": "xsd:dateTime"} for term in ("dct:created", "dpv:isIndicatedAtTime")},
        **{term: {"@type": "xsd:date"} for term in ("dct:issued", "dct:valid")},
        "dpv:hasDuration": {"@type": "xsd:duration"},
        "assent:banner": {"@type": "@json"},
        "assent:proof": {"@type": "@json"},
    }
)

RIGHTS = MappingProxyType(
    {
        Right.ACCESS: "A15",
        Right.RECTIFICATION: "A16",
        Right.ERASURE: "A17",
        Right.RESTRICTION: "A18",
        Right.PORTABILITY: "A20",
        Right.OBJECTION: "A21",
        Right.WITHDRAWAL: "A7-3",
        Right.COMPLAINT: "A77",
    }
)
ROLES = MappingProxyType(
    {
        RecipientRole.PROCESSOR: "dpv:DataProcessor",
        RecipientRole.SUB_PROCESSOR: "dpv:DataSubProcessor",
        RecipientRole.JOINT_CONTROLLER: "dpv:JointDataControllers",
        RecipientRole.INDEPENDENT_CONTROLLER: "dpv:DataController",
    }
)
SAFEGUARDS = MappingProxyType(
    {
        SafeguardKind.ADEQUACY: "eu-gdpr:A45-3",
        SafeguardKind.DATA_PRIVACY_FRAMEWORK: "eu-gdpr:A45-3",
        SafeguardKind.STANDARD_CLAUSES: "eu-gdpr:A46-2-c",
        SafeguardKind.BINDING_RULES: "eu-gdpr:A46-2-b",
    }
)
OPERATIONS = MappingProxyType(
    {
        Operation.STORE: "dpv:Store",
        Operation.USE: "dpv:Use",
        Operation.DISCLOSE: "dpv:Disclose",
        Operation.TRANSFER: "dpv:Transfer",
    }
)


@dataclass(frozen=True, slots=True)
class Shown:
    """
    The words agreed to: exactly as stored, whose digest the record has, and their language.

    :param banner: the cookie banner's own words, when they are what was shown
    """

    text: str
    language: str
    banner: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What a record stood on.

    :param compiled: the policy that the record pins, or where it had the purpose no longer, the last one that had
    :param published_at: when the policy that the record pins was published
    :param language: in which the document is written
    :param said_yes_before: whether the choice before this one, of this purpose and channel, was a yes
    """

    compiled: Compiled
    published_at: datetime
    language: str
    shown: Shown
    said_yes_before: bool


def document(stated: Statement, *, facts: Mapping[str, Any], number: UUID, created: datetime) -> dict[str, Any]:
    """
    Return a receipt without its proof, as JSON-LD.

    :param facts: what the book commits to of the record
    :param number: of the record and its receipt
    :param created: when the checkpoint was signed against which the receipt is proved
    """
    return {
        "@context": dict(CONTEXT),
        "@id": f"urn:assent:receipt:{number}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{PROFILE}receipt-eu-gdpr",
        "dct:created": created.astimezone(UTC).isoformat(timespec="seconds"),
        "dct:identifier": str(number),
        "dpv:hasIdentifier": str(number),
        "dpv:hasRecordOfActivity": [_record(stated, facts, number)],
    }


def _record(stated: Statement, facts: Mapping[str, Any], number: UUID) -> dict[str, Any]:
    policy = stated.compiled.policy
    controller, purpose = policy.controller, policy.purposes[facts["purpose"]]
    person = f"urn:uuid:{facts['subject']}"
    return {
        "@id": f"urn:uuid:{number}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": f"{PROFILE}record-eu-gdpr",
        "dct:identifier": str(number),
        "dpv:hasIdentifier": str(number),
        # A random number that the controller gave the person: no name, no address (art. 4(5)).
        "dpv:hasDataSubject": {"@id": person, "@type": "dpv:DataSubject", "dct:identifier": facts["subject"]},
        "dpv:hasNotice": _notice(stated, facts),
        "dpv:hasProcess": [_process(stated, facts["purpose"], purpose)],
        "dpv:hasDataController": _controller(stated),
        "dpv:hasJurisdiction": f"loc:{controller.country}",
        "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dpv:isExercisedAt": _places(controller.website, policy.rights.contact),
        },
        "dpv:hasRight": list(_rights(stated)),
        "dpv:hasConsentStatus": [_event(stated, facts, purpose, person)],
    }


def _notice(stated: Statement, facts: Mapping[str, Any]) -> dict[str, Any]:
    shown, controller = stated.shown, stated.compiled.policy.controller
    found: dict[str, Any] = {
        "@id": f"urn:assent:{controller.slug}:policy:{facts['policy']}",
        "@type": "dpv:ConsentNotice",
        "dct:identifier": facts["policy"],
        "dct:issued": stated.published_at.astimezone(UTC).date().isoformat(),
        "dct:language": stated.language,
        "assent:shown": shown.text,
    }
    if shown.banner is not None:
        found["assent:banner"] = shown.banner
    elif shown.text:
        filled = shown.text.replace("{controller}", controller.name).replace("{contact}", str(controller.contact.email))
        found["dct:description"] = {"@value": filled, "@language": shown.language}
    return found


def _process(stated: Statement, key: str, purpose: Purpose) -> dict[str, Any]:
    policy, slug = stated.compiled.policy, stated.compiled.policy.controller.slug
    bases = ["eu-gdpr:A6-1-a" if purpose.basis is Basis.CONSENT else _basis(purpose)]
    if purpose.special_condition is not None:
        bases.append(f"eu-gdpr:A9-2-{purpose.special_condition.value}")
    recipients = [_recipient(stated, name, policy.recipients[name]) for name in purpose.recipients]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"urn:assent:{slug}:purpose:{key}",
            "@type": ["dpv:Purpose", *(f"dpv:{term}" for term in purpose.dpv)],
            "dct:identifier": key,
            "dct:title": _said(stated, purpose.title),
            "dct:description": _said(stated, purpose.description),
        },
        "dpv:hasLegalBasis": bases,
        "dpv:hasProcessing": [OPERATIONS[operation] for operation in purpose.operations],
        "dpv:hasPersonalData": [_data(stated, name, policy.data[name]) for name in purpose.data],
        "dpv:hasDataSource": [
            {"@type": "dpv:DataSource", "dct:title": _said(stated, policy.sources[name].title)} for name in purpose.sources
        ],
        # Whom nothing is handed to has one recipient all the same: the controller itself.
        "dpv:hasRecipient": recipients or [{"@id": f"urn:assent:{slug}:controller"}],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": sorted(_countries(stated, purpose))},
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": purpose.retention.duration,
                "assent:countedFrom": purpose.retention.counted_from.value,
            },
            *({"@type": "dpv:StorageDeletion"} for _ in (1,) if purpose.retention.then is Then.ERASE),
        ],
    }


def _basis(purpose: Purpose) -> str:
    """Return the basis of a purpose that does not rest on consent but asks for it: by channel, or for special data."""
    if purpose.basis is Basis.SOFT_OPT_IN:
        return "urn:eprivacy:A13-2"
    return f"eu-gdpr:A6-1-{'abcdef'[list(Basis).index(purpose.basis)]}"


def _data(stated: Statement, key: str, item: DataItem) -> dict[str, Any]:
    kinds = ["dpv:SpecialCategoryPersonalData" if item.special else "dpv:PersonalData"]
    return {
        "@id": f"urn:assent:{stated.compiled.policy.controller.slug}:data:{key}",
        "@type": [*kinds, *(f"pd:{item.dpv}" for _ in (1,) if item.dpv)],
        "dct:title": _said(stated, item.title),
    }


def _recipient(stated: Statement, key: str, recipient: Recipient) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": f"urn:assent:{stated.compiled.policy.controller.slug}:recipient:{key}",
        "@type": ["dpv:Recipient", ROLES[recipient.role]],
        "dpv:hasName": recipient.name,
        "dpv:hasLocation": f"loc:{recipient.country}",
        "dct:description": _said(stated, recipient.services),
    }
    if recipient.privacy_policy:
        found["dpv:hasContact"] = recipient.privacy_policy
    if recipient.safeguard is not None and recipient.safeguard.kind in SAFEGUARDS:
        found["dpv:hasLegalMeasure"] = {
            "@type": SAFEGUARDS[recipient.safeguard.kind],
            "dct:title": recipient.safeguard.reference,
            "dct:valid": recipient.safeguard.valid_until.isoformat(),
        }
    return found


def _countries(stated: Statement, purpose: Purpose) -> Iterator[str]:
    policy = stated.compiled.policy
    yield from {f"loc:{policy.controller.country}", *(f"loc:{policy.recipients[key].country}" for key in purpose.recipients)}


def _controller(stated: Statement) -> dict[str, Any]:
    controller = stated.compiled.policy.controller
    return {
        "@id": f"urn:assent:{controller.slug}:controller",
        "@type": "dpv:DataController",
        "dpv:hasName": controller.name,
        "dpv:hasIdentifier": controller.registration or controller.slug,
        "dpv:hasAddress": controller.address,
        "dpv:hasContact": _places(controller.website, controller.contact),
    }


def _rights(stated: Statement) -> Iterable[dict[str, Any]]:
    policy = stated.compiled.policy
    for right, words in policy.rights.explained.items():
        authority = policy.controller.authority
        at = (authority.website, authority.contact) if right is Right.COMPLAINT else (None, policy.rights.contact)
        yield {
            "@type": ["dpv:DataSubjectRight", f"eu-gdpr:{RIGHTS[right]}"],
            "dct:description": _said(stated, words),
            "dpv:isExercisedAt": _places(*at),
        }


def _event(stated: Statement, facts: Mapping[str, Any], purpose: Purpose, person: str) -> dict[str, Any]:
    given, before = facts["choice"] == "given", stated.said_yes_before
    if given:
        kinds = ["dpv:RenewedConsentGiven" if before else "dpv:ConsentGiven"]
        kinds.append("dpv:ExplicitlyExpressedConsent" if facts["explicit"] else "dpv:ExpressedConsent")
    else:
        kinds = ["dpv:ConsentWithdrawn" if before else "dpv:ConsentRefused"]
    # A yes without an end of its own lasts until it is taken back, a no until a yes.
    ends = given and facts["expires"] and purpose.consent_expires
    return {
        "@type": kinds,
        "dpv:isIndicatedBy": person,
        "dpv:isIndicatedAtTime": from_millis(facts["at"]).isoformat(timespec="milliseconds"),
        "dpv:hasDuration": ends or {"@type": "dpv:UntilEventDuration"},
        "dpv:hasIndicationMethod": f"{Method(facts['method']).value}, {facts['source']}, by {facts['by']}",
        "assent:channel": facts["channel"],
    }


def _places(website: str | None, contact: Contact) -> list[str]:
    return [*((website,) if website else ()), f"mailto:{contact.email}"]


def _said(stated: Statement, words: Local) -> dict[str, str]:
    language = stated.language if stated.language in words.root else next(iter(words.root))
    return {"@value": words[language], "@language": language}
