"""What a person chose, as it crosses rooms: choices, how they were made, and the proof of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

__all__ = [
    "ANY",
    "BadChoice",
    "Choice",
    "ChoiceInput",
    "ConsentRecord",
    "Method",
    "NoReceipt",
    "Receipt",
    "Standing",
]

ANY = "any"
"""The channel of a choice that holds for all of them."""


class Choice(IntEnum):
    """What stands. A refusal is a withdrawal: both mean no, and both may follow one another."""

    NONE = 0
    GIVEN = 1
    WITHDRAWN = 2
    EXPIRED = 3
    """given, but longer ago than the policy lets a consent last; computed when asked, never stored"""
    OUTDATED = 4
    """given, but under terms that the policy has since gone beyond: to be asked for again; computed as well"""


class Method(StrEnum):
    """How a choice was made."""

    WEB_FORM = "web_form"
    BANNER = "banner"
    DOUBLE_OPT_IN = "double_opt_in"
    """a link opened in a message sent to the address: an express statement (EDPB Guidelines 05/2020, 98)"""
    ONE_CLICK = "one_click"
    """the button of a mail program (RFC 8058)"""
    API = "api"
    EVENT = "event"
    CONSOLE = "console"
    PAPER = "paper"
    PHONE = "phone"
    IMPORT = "import"


class BadChoice(ValueError):
    """A choice that can't be written down: it does not say what was agreed to, or to what the policy does not ask for."""


@dataclass(frozen=True, slots=True)
class ChoiceInput:
    """
    One choice on its way in.

    :param choice: given or withdrawn
    :param wording: key of the text agreed to, or its digest; a banner's own words when empty and the method is ``banner``
    :param notice: key or digest of the notice shown beside it, if any
    :param source: where it was made, as a code: ``console``, ``checkout``; never a person's words
    :param property: the website, app or server it came through
    :param explicit: an express statement, as art. 9(2)(a) asks and as it takes to overtake an earlier objection
    :param at: when it was received; None for the time of the whole call
    """

    subject: int
    purpose: str
    choice: Choice
    method: Method
    source: str
    channel: str = ANY
    wording: str = ""
    notice: str = ""
    language: str = ""
    property: int | None = None
    explicit: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """
    The proof of one choice (art. 7(1)), with everything it stood on at that moment.

    :param policy_digest: the whole policy then in force
    :param purpose_digest: the purpose as it then stood; comparing it shows whether the purpose has changed since
    :param text_digest: the words agreed to; empty for a withdrawal, which needs none
    :param notice_digest: the notice shown beside them; empty if none was named
    :param expires_at: when a consent ends by itself; None if the policy sets no end
    :param by: who wrote it down (``person``, ``staff:7``)
    :param copied_from: the record this one repeats, after two people turned out to be one
    :param receipt: the number of its receipt; None if it has none (yet, see ``receipts``; or any more, after an erasure)
    """

    id: int
    subject: int
    purpose: str
    channel: str
    choice: Choice
    explicit: bool
    method: Method
    source: str
    property: int | None
    language: str
    policy_digest: str
    purpose_digest: str
    text_digest: str
    notice_digest: str
    at: datetime
    expires_at: datetime | None
    by: str
    copied_from: int | None
    receipt: UUID | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    A record of consent for the person to keep (ISO/IEC TS 27560), signed, with its proof; see ``docs/receipts.md``.

    :param data: the file as it is handed out; its every byte counts
    """

    id: UUID
    record: int
    data: bytes

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"receipt-{self.id}.jsonld"


class NoReceipt(LookupError):
    """There is no such receipt, or what it would rest on does not hold."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of one purpose and channel: the later choice, and at a tie the no."""

    purpose: str
    channel: str
    choice: Choice
    explicit: bool
    at: datetime
    expires_at: datetime | None
    record: int
