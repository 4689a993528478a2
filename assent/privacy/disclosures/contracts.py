"""Nouns of disclosures that cross to other rooms: what went to whom, and what recipients were told since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = [
    "BadWay", "Because", "Form", "Left", "NoRecipient", "Notice", "NoticeState", "OpenCount", "PassedOn", "Received",
    "RecipientCount", "SettledBefore", "Told", "ToldHow", "UnknownNotice", "Way", "WayTo", "What",
]  # fmt: skip


class Way(StrEnum):
    """How data reach a recipient."""

    CONNECTOR = "connector"
    """a message or record handed over by a connector"""
    UPLOAD = "upload"
    """a list of people"""
    EXPORT = "export"
    """a file given out"""
    HAND_OVER = "hand_over"
    """a person's own package, sent to another controller at their wish (art. 20(2))"""
    AGREEMENT = "agreement"
    """a processor that keeps or runs the system: one edge for the agreement, about nobody in particular"""


class Left(StrEnum):
    """Whether data left the house."""

    LEAVING = "leaving"
    """written down before the call; what the call did is not known yet"""
    LEFT = "left"
    UNKNOWN = "unknown"
    """they may have left; counted as left"""


class What(StrEnum):
    """What recipients are told (art. 19; objection and withdrawal, so that they end everywhere)."""

    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    RESTRICTION_LIFTED = "restriction_lifted"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"


class NoticeState(StrEnum):
    """How far a notice to a recipient is."""

    PENDING = "pending"
    SENT = "sent"
    """it arrived; the recipient has not said yet that it was done"""
    ACKNOWLEDGED = "acknowledged"
    IMPOSSIBLE = "impossible"
    """staff wrote down why the recipient can't be told, or only with disproportionate effort"""

    @property
    def open(self) -> bool:
        """Whether a request still waits for it."""
        return self in {NoticeState.PENDING, NoticeState.SENT}


class Because(StrEnum):
    """Why a recipient can't be told: the words of art. 19, as codes, since anything else could be about a person."""

    GONE = "gone"
    """the recipient does not exist any more and nobody took its place"""
    UNREACHABLE = "unreachable"
    """every way was tried, and none of them reaches it"""
    ALREADY_DELETED = "already_deleted"
    """the recipient says that it holds nothing of the person any more"""
    DISPROPORTIONATE = "disproportionate"


class Form(StrEnum):
    """How identifiers are written in a notice: in clear, or as SHA-256 of their normal form."""

    RAW = "raw"
    SHA256 = "sha256"


class ToldHow(StrEnum):
    """What is known after a recipient was told or asked."""

    ACKNOWLEDGED = "acknowledged"
    SENT = "sent"
    LATER = "later"
    """nothing arrived; try again"""
    REFUSED = "refused"
    """the recipient says no or can't read it; tried again seldom, and shown to staff"""


class NoRecipient(ValueError):
    """A disclosure names neither a recipient of the policy nor somebody else by name."""


class UnknownNotice(LookupError):
    """The controller has no such notice."""


class SettledBefore(ValueError):
    """The notice was acknowledged, or its impossibility recorded, before."""


class BadWay(ValueError):
    """A way to tell a recipient that can't be one; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Received:
    """
    What one recipient got of one person (arts. 15(1)(c), 19).

    :param recipient: key in the policy, or empty for a recipient known by ``name`` only
    :param role: of the policy, empty if it is none of the policy's
    :param safeguard: kind of the safeguard for the transfer, empty within the Economic Area
    :param items: keys of the policy's data items
    :param times: how often; 0 for a processor that keeps the data under an agreement
    """

    recipient: str
    name: str
    role: str
    country: str
    safeguard: str
    purposes: Sequence[str]
    items: Sequence[str]
    ways: Sequence[Way]
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RecipientCount:
    """
    One recipient in the list for staff.

    :param disclosures: people handed over, each time counted
    :param way: how it is told of changes, or None: then notices wait
    """

    recipient: str
    name: str
    role: str
    country: str
    safeguard: str
    disclosures: int
    last_at: datetime | None
    way: "WayTo | None"
    pending: int
    sent: int
    acknowledged: int
    impossible: int


@dataclass(frozen=True, slots=True)
class WayTo:
    """
    How a recipient is told.

    :param way: word of a notifier: ``email``, ``opendsr``, or a connector's own
    :param address: a mail address, or the https address of its OpenDSR endpoint; empty where the connector knows
    """

    recipient: str
    named: str
    way: str
    address: str
    form: Form


@dataclass(frozen=True, slots=True)
class PassedOn:
    """One notice, as lists show it: about how many people, and never about whom."""

    id: int
    request: str
    recipient: str
    name: str
    what: What
    purpose: str
    people: int
    state: NoticeState
    code: str
    because: Because | None
    attempts: int
    made_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenCount:
    """What waits for recipients: for how many notices, since when, and how many of them have no way."""

    notices: int
    oldest_at: datetime | None
    without_way: int


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What a notifier hands over. Made only by this room, opened just before.

    :param people: identifiers by field name, each person's own; ``id`` is their UUID here, and ``changes`` what is corrected
    :param token: with it the recipient confirms on our page
    :param reference: what the recipient's end called it when it was told, empty before
    :param form: how the identifiers are written
    """

    id: int
    controller: int
    controller_name: str
    controller_contact: str
    language: str
    recipient: str
    recipient_name: str
    address: str
    what: What
    purpose: str
    made_at: datetime
    attempt: int
    people: Sequence[Mapping[str, object]] = field(repr=False, default=())
    token: str = field(repr=False, default="")
    reference: str = ""
    form: Form = Form.RAW


@dataclass(frozen=True, slots=True)
class Told:
    """What a notifier knows after telling or asking: ``code`` is short, in its own words, and about nobody."""

    how: ToldHow
    reference: str = ""
    code: str = ""
