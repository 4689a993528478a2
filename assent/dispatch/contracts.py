"""What crosses the gate out: messages, what is said about them, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = [
    "LETTER", "Cleared", "HandedOver", "Handover", "Letter", "Links", "MessageInfo", "NotRendered", "Outcome", "Progress",
    "Rendered", "State", "Stopped", "TokenInfo", "UndeclaredPurpose", "UnknownMessage", "UnknownToken", "Unsubscribed",
]  # fmt: skip


LETTER = 0
"""The template of a message that has none: a letter, whose words lie sealed in its variables."""


class State(StrEnum):
    """Where a message stands."""

    DUE = "due"
    HELD = "held"
    """put off by staff until they say go on"""
    HANDING_OVER = "handing_over"
    """claimed by a sender until its time-out; what is known of it afterwards decides the state it ends in"""
    SENT = "sent"
    REFUSED = "refused"
    """the question was answered with no or gap at hand-over; ``why`` says which"""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """it may have left and it may not; never sent again"""
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What a sender knows of one hand-over."""

    SENT = "sent"
    TEMPORARY = "temporary"
    """nothing left; worth another try later"""
    PERMANENT = "permanent"
    """nothing left, and trying again will not help"""
    UNKNOWN = "unknown"
    """the last byte left and no answer came"""
    UNTRIED = "untried"
    """its claim ran out before the last byte left; due again at once, and no attempt counted"""


class Stopped(StrEnum):
    """Reasons of this room for refusing or failing a message; all other reasons are lawfulness's own words."""

    NO_ADDRESS = "no_address"
    ERASED = "erased"
    NOT_RENDERED = "not_rendered"
    NO_WAY_OUT = "no_way_out"
    """a marketing message came back from the renderer without its opt-out link, source line or contact"""
    NO_SOURCE = "no_source"
    """the first message to somebody came back from the renderer without where their data came from"""
    GIVEN_UP = "given_up"
    """temporary failures until the last attempt"""
    HAD_IT = "had_it"
    """this address had the message before the house was restored; its person was not in the copy and was added anew"""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """
    That a message began to leave, as the journal keeps it: which one, to whom, and what made it the same message.

    :param mark: of the address on this occasion, empty for letters, which answer what was asked and belong to no campaign
    """

    message: int
    subject: int
    occasion: str
    purpose: str
    channel: str
    at: datetime
    mark: bytes = b""


class UnknownToken(LookupError):
    """No message carries this opt-out token."""


class UnknownMessage(LookupError):
    """The controller has no such message."""


class UndeclaredPurpose(ValueError):
    """The policy in force has no such purpose, or the purpose does not use the channel."""


class NotRendered(ValueError):
    """A message can't be rendered from its template and variables."""


@dataclass(frozen=True, slots=True)
class Links:
    """
    What dispatch adds to a message: the way out, where the address came from, and whom to ask.

    :param unsubscribe: https address of the opt-out page, empty when the purpose offers none
    :param mailto: the same by e-mail
    :param controller: who writes, by name
    :param contact: the controller's e-mail address
    :param source_line: where the address came from, in the person's language
    :param opt_out: how to stop these messages, in the person's language
    """

    unsubscribe: str = ""
    mailto: str = ""
    controller: str = ""
    contact: str = ""
    source_line: str = ""
    opt_out: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """
    What the house has to tell one person, in plain words of one language; who writes and whom to ask is added below.

    :param lines: paragraphs, plain text
    :param code: shown large after the first paragraph; for what the person is to type somewhere
    :param link: an address to go on at, with ``link_words`` on the button
    """

    language: str
    subject: str
    lines: tuple[str, ...]
    code: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    link_words: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one person's words."""

    subject: str
    html: str
    text: str
    from_name: str
    from_address: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Cleared:
    """
    A message that may leave, now. Only ``assent.dispatch`` makes these; senders take nothing else.

    :param id: the message's number, given back in :class:`Handover`
    :param reference: opaque and the same in every attempt, for Message-ID and a vendor's idempotency key
    :param headers: header lines to send along (RFC 2369, RFC 8058)
    :param deadline_ms: the moment by which the last byte has left; a sender that is late lets go before it
    """

    id: int
    controller: int
    subject: int
    purpose: str
    channel: str
    language: str
    address: str
    reference: str
    rendered: Rendered
    headers: Mapping[str, str]
    deadline_ms: int


@dataclass(frozen=True, slots=True)
class Handover:
    """
    What became of one cleared message.

    :param reference: the receiver's own name for it (queue id)
    :param code: stage and reply code, like ``rcpt 550 5.1.1``; never the receiver's free text, which quotes addresses
    :param address_refused: the receiver says that there is no such address: it is suppressed
    :param named: the receiver may have learnt whom it is for: a disclosure even where it took no message (art. 19)
    """

    id: int
    outcome: Outcome
    reference: str = ""
    code: str = ""
    address_refused: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """What one round of handing over did, in messages."""

    claimed: int = 0
    sent: int = 0
    refused: int = 0
    again: int = 0
    """temporary failures, due again later"""
    failed: int = 0
    unknown: int = 0
    untried: int = 0


@dataclass(frozen=True, slots=True)
class MessageInfo:
    """One message, explained: what it was for, what was decided on which policy, and what happened."""

    id: int
    subject: int
    occasion: str
    purpose: str
    channel: str
    language: str
    template: int
    state: State
    why: str
    code: str
    reference: str
    attempt: int
    basis: str
    policy_digest: str
    made_at: datetime
    not_before: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """Whom and what an opt-out token stands for."""

    controller: int
    subject: int
    message: int
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """An opt-out that is committed; ``acknowledged`` when nothing for the person is on its way any more."""

    token: TokenInfo = field(repr=False)
    acknowledged: bool = True
