"""
What OpenDSR 2.0 sends, read and written. Reading refuses whatever is not exactly what the specification says.

``extensions.<domain of the processor>`` holds what it has no words for: a phone number among the identities, and what a
rectification, restriction or objection (arts. 16, 18, 21) is about. See ``docs/opendsr.md``.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

__all__ = [
    "VERSION",
    "Answer",
    "BadMessage",
    "Discovery",
    "Identity",
    "Request",
    "Status",
    "read_request",
    "rfc3339",
    "write_request",
]

VERSION = "2.0"
TYPES = ("access", "portability", "erasure", "rectification", "restriction", "objection")
STATUSES = ("pending", "in_progress", "completed", "cancelled")
IDENTITY_TYPES = (
    "controller_customer_id", "android_advertising_id", "android_id", "email", "fire_advertising_id", "ios_advertising_id",
    "ios_vendor_id", "microsoft_advertising_id", "microsoft_publisher_id", "roku_publisher_id", "roku_advertising_id",
)  # fmt: skip
FORMATS = ("raw", "sha1", "md5", "sha256")
MOST_IDENTITIES, MOST_CALLBACKS, LONGEST = 20, 5, 1_000
KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


class BadMessage(ValueError):
    """
    A message is not what the specification says; names the field and the cure, never a value.

    :param fields: each faulty field with what is wrong with it
    """

    def __init__(self, *fields: tuple[str, str]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{name} {why}" for name, why in fields))


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a person is known."""

    type: str
    value: str = field(repr=False)
    format: str = "raw"


@dataclass(frozen=True, slots=True)
class Request:
    """
    A request (7.1).

    :param identities: those of the specification, then phone numbers of the extension
    :param purpose: objection and restriction: what they are about; empty for all
    :param changes: rectification: the right value by field
    :param ground: restriction: one of the four of art. 18(1), if it was said
    """

    id: UUID
    type: str
    regulation: str
    submitted_at: datetime
    identities: Sequence[Identity] = field(repr=False)
    callbacks: Sequence[str] = ()
    purpose: str = ""
    changes: Mapping[str, str] = field(default_factory=dict, repr=False)
    ground: str = ""


def rfc3339(at: datetime) -> str:
    """Return a moment as RFC 3339 has it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(text: object) -> datetime:
    found = datetime.fromisoformat(text) if isinstance(text, str) and len(text) < 40 else None
    if found is None or found.tzinfo is None:
        raise ValueError
    return found


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadMessage(("body", "is no JSON object in UTF-8, each key once")) from None
    if not isinstance(read, dict):
        raise BadMessage(("body", "is no JSON object"))
    return read


def _no_number(_: str) -> None:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError
    return read


def _uuid(text: object) -> UUID:
    read = UUID(text) if isinstance(text, str) else None
    if read is None or str(read) != text or read.version != 4:
        raise ValueError
    return read


def read_request(body: bytes, *, domain: str) -> Request:
    """
    Read a request to the processor of a domain.

    :raises BadMessage: naming each field that is missing or wrong
    """
    read, faults = _object(body), []

    def take(name: str, reader: Any, why: str, default: Any = None) -> Any:
        try:
            return reader(read.get(name))
        except (ValueError, TypeError, KeyError):
            faults.append((name, why))
            return default

    number = take("subject_request_id", _uuid, "must be a UUID version 4 in small letters")
    kind = take("subject_request_type", _one_of(TYPES), f"must be one of {', '.join(TYPES)}")
    regulation = take("regulation", _one_of(("gdpr", "ccpa")), "must be gdpr or ccpa")
    submitted = take("submitted_time", _time, "must be a time as RFC 3339 has it, with its zone")
    identities = take("subject_identities", _identities(IDENTITY_TYPES), "must list type, value and format of each", [])
    callbacks = take("status_callback_urls", _callbacks, f"must list at most {MOST_CALLBACKS} https addresses", [])
    take("api_version", _version, "must begin with 1 or 2")
    own = take("extensions", lambda found: _own(found, domain), "must hold an object for each domain", {})
    phones, about = [], {}
    try:
        phones = _identities(("phone",))(own.get("identities"))
        about = _about(own)
    except (ValueError, TypeError, KeyError, AttributeError):
        faults.append((f"extensions.{domain}", "is not as docs/opendsr.md describes it"))
    if not faults and not identities and not phones:
        faults.append(("subject_identities", "must name at least one identity"))
    if kind == "rectification" and not faults and not about.get("changes"):
        faults.append((f"extensions.{domain}.changes", "must say what is right instead"))
    if faults:
        raise BadMessage(*faults)
    return Request(number, kind, regulation, submitted, [*identities, *phones], callbacks, **about)


def _one_of(words: Sequence[str]) -> Any:
    def reader(found: object) -> object:
        if found not in words:
            raise ValueError
        return found

    return reader


def _version(text: object) -> object:
    if text is not None and not (isinstance(text, str) and text.partition(".")[0] in {"1", "2"}):
        raise ValueError
    return text


def _identities(types: Sequence[str]) -> Any:
    def reader(found: object) -> list[Identity]:
        if found is None:
            return []
        if not isinstance(found, list) or len(found) > MOST_IDENTITIES:
            raise ValueError
        return [_identity(one, types) for one in found]

    return reader


def _identity(found: Mapping[str, object], types: Sequence[str]) -> Identity:
    kind, value, shape = found["identity_type"], found["identity_value"], found.get("identity_format", "raw")
    if kind not in types or shape not in FORMATS or not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        raise ValueError
    return Identity(str(kind), value, str(shape))


def _callbacks(found: object) -> list[str]:
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > MOST_CALLBACKS:
        raise ValueError
    for one in found:
        parts = urlsplit(one) if isinstance(one, str) and len(one) <= LONGEST else None
        if parts is None or parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError
    return list(found)


def _own(found: object, domain: str) -> Mapping[str, Any]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ValueError
    own: Mapping[str, Any] = found.get(domain, {})
    return own


def _about(own: Mapping[str, Any]) -> dict[str, Any]:
    purpose, ground, changes = own.get("purpose", ""), own.get("ground", ""), own.get("changes", {})
    for text in (purpose, ground):
        if not isinstance(text, str) or (text and not KEY.fullmatch(text)):
            raise ValueError
    if not all(KEY.fullmatch(name) and isinstance(value, str) and len(value) <= LONGEST for name, value in changes.items()):
        raise ValueError
    return {"purpose": purpose, "ground": ground, "changes": dict(changes)}


def write_request(request: Request, *, domain: str) -> bytes:
    """Return a request to the processor of a domain, as bytes to sign and send."""
    body: dict[str, Any] = {
        "regulation": request.regulation,
        "subject_request_id": str(request.id),
        "subject_request_type": request.type,
        "submitted_time": rfc3339(request.submitted_at),
        "subject_identities": [_written(one) for one in request.identities if one.type != "phone"],
        "api_version": VERSION,
    }
    if request.callbacks:
        body["status_callback_urls"] = list(request.callbacks)
    own: dict[str, Any] = {
        "identities": [_written(one) for one in request.identities if one.type == "phone"],
        "purpose": request.purpose,
        "ground": request.ground,
        "changes": dict(request.changes),
    }
    if own := {name: value for name, value in own.items() if value}:
        body["extensions"] = {domain: own}
    return json.dumps(body, ensure_ascii=False).encode()


def _written(identity: Identity) -> dict[str, str]:
    return {"identity_type": identity.type, "identity_value": identity.value, "identity_format": identity.format}


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a processor says it can do (6.3)."""

    types: frozenset[str]
    identities: frozenset[tuple[str, str]]
    certificate: str

    @classmethod
    def read(cls, body: bytes) -> "Discovery":
        """
        Read it.

        :raises BadMessage: if it is none
        """
        try:
            read = _object(body)
            identities = {(str(one["identity_type"]), str(one["identity_format"])) for one in read["supported_identities"]}
            # Phones are no identity of the specification: who takes them says so in its extension.
            for own in read.get("extensions", {}).values():
                identities |= {(str(one["identity_type"]), str(one["identity_format"])) for one in own.get("identities", [])}
            return cls(frozenset(map(str, read["supported_subject_request_types"])), frozenset(identities),
                       str(read["processor_certificate"]))  # fmt: skip
        except (KeyError, TypeError, AttributeError):
            raise BadMessage(("discovery", "lacks what the specification requires")) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a processor answers to a request (7.3)."""

    id: UUID
    encoded: bytes = field(repr=False)

    @classmethod
    def read(cls, body: bytes) -> "Answer":
        """
        Read it.

        :raises BadMessage: if it is none
        """
        try:
            read = _object(body)
            _time(read["expected_completion_time"])
            return cls(_uuid(read["subject_request_id"]), base64.b64decode(read["encoded_request"], validate=True))
        except (KeyError, TypeError, ValueError):
            raise BadMessage(("answer", "lacks what the specification requires")) from None


@dataclass(frozen=True, slots=True)
class Status:
    """How far a request is (8.3), or that its state has changed (8.6)."""

    id: UUID
    status: str
    callback: str = ""

    @classmethod
    def read(cls, body: bytes) -> "Status":
        """
        Read it.

        :raises BadMessage: if it is none
        """
        try:
            read = _object(body)
            return cls(
                _uuid(read["subject_request_id"]),
                str(_one_of(STATUSES)(read["request_status"])),
                str(read.get("status_callback_url", "")),
            )
        except (KeyError, TypeError, ValueError):
            raise BadMessage(("status", "lacks what the specification requires")) from None
