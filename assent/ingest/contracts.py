"""Words of the gate in: why an event is refused, which events are choices, how far a run came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "CHOICE_EVENTS",
    "SENTENCES",
    "ChoiceEvent",
    "Counted",
    "GapInfo",
    "GapKind",
    "Progress",
    "Refusal",
    "SetAsideInfo",
]


class Refusal(StrEnum):
    """
    Why the gate refused an event before or beside the question; the question's own reasons are `lawfulness.contracts.Why`.

    Words are stored with counts: never renamed.
    """

    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    NO_IDENTITY = "no_identity"
    UNVERIFIED_IDENTITY = "unverified_identity"
    UNKNOWN_PERSON = "unknown_person"
    ERASED = "erased"
    UNDECLARED_EVENT = "undeclared_event"
    ALIAS_IGNORED = "alias_ignored"
    BAD_CHOICE = "bad_choice"
    CATEGORY_REFUSED = "category_refused"
    GPC = "gpc"
    NOT_WHEN_RECEIVED = "not_when_received"
    SET_ASIDE = "set_aside"


SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Refusal.MALFORMED: ("It is not a message of the protocol.", "Nu este un mesaj al protocolului."),
        Refusal.OVERSIZED: ("It is larger than a message may be.", "Depășește mărimea permisă unui mesaj."),
        Refusal.UNREADABLE: ("The log could not be opened at its place.", "Jurnalul nu a putut fi deschis în acel loc."),
        Refusal.DUPLICATE: ("It was delivered before.", "A fost livrat deja."),
        Refusal.NO_IDENTITY: ("It names neither a person nor a device.", "Nu numește nici o persoană, nici un dispozitiv."),
        Refusal.UNVERIFIED_IDENTITY: (
            "A public key claimed a known person without proof.",
            "O cheie publică a invocat o persoană cunoscută fără dovadă.",
        ),
        Refusal.UNKNOWN_PERSON: ("Nobody is known by this id.", "Nimeni nu este cunoscut cu acest identificator."),
        Refusal.ERASED: ("The person is being erased.", "Datele persoanei sunt în curs de ștergere."),
        Refusal.UNDECLARED_EVENT: ("The policy does not declare it.", "Politica nu îl declară."),
        Refusal.ALIAS_IGNORED: (
            "Two people are not joined by a client's word.",
            "Două persoane nu se unesc la cererea unui client.",
        ),
        Refusal.BAD_CHOICE: ("The choice names no declared purpose.", "Alegerea nu numește un scop declarat."),
        Refusal.CATEGORY_REFUSED: ("The banner's choice excludes it.", "Alegerea din banner îl exclude."),
        Refusal.GPC: ("The browser objects to advertising (GPC).", "Navigatorul se opune publicității (GPC)."),
        Refusal.NOT_WHEN_RECEIVED: ("It was not allowed when it arrived.", "Nu era permis când a sosit."),
        Refusal.SET_ASIDE: ("It could not be processed and lies sealed.", "Nu a putut fi prelucrat și este păstrat sigilat."),
    }
)


class ChoiceEvent(StrEnum):
    """What an event that is a choice asks for."""

    GIVE = "give"
    WITHDRAW = "withdraw"
    OBJECT = "object"
    PREFERENCES = "preferences"


# Choices travel the same road as events, so that their order of arrival is the order in which they count.
CHOICE_EVENTS: Mapping[str, ChoiceEvent] = MappingProxyType(
    {
        "Consent Given": ChoiceEvent.GIVE,
        "Consent Withdrawn": ChoiceEvent.WITHDRAW,
        "Marketing Objected": ChoiceEvent.OBJECT,
        "Segment Consent Preference Updated": ChoiceEvent.PREFERENCES,
    }
)


@dataclass(frozen=True, slots=True)
class Progress:
    """
    What one run did, in messages.

    :param more: the log holds more that could be done at once
    """

    read: int = 0
    admitted: int = 0
    refused: int = 0
    choices: int = 0
    set_aside: int = 0
    more: bool = False

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            self.read + other.read,
            self.admitted + other.admitted,
            self.refused + other.refused,
            self.choices + other.choices,
            self.set_aside + other.set_aside,
            self.more or other.more,
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """
    How many events of a kind met one fate in one hour.

    :param event: a declared event's key, or a type of the protocol
    :param reason: a `Refusal`, a `Why`, or empty: admitted
    """

    hour: datetime
    event: str
    reason: str
    count: int


class GapKind(StrEnum):
    """What the policy has no word for."""

    EVENT = "event"
    PROPERTY = "property"
    VALUE = "value"
    """a declared property whose values are not what the policy says"""


@dataclass(frozen=True, slots=True)
class GapInfo:
    """A name that clients send and the policy does not declare. Escaped and bounded; never a value."""

    kind: GapKind
    event: str
    name: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class SetAsideInfo:
    """A message that could not be processed; its contents lie sealed until it expires."""

    id: int
    partition: str
    seq: int
    place: int
    reason: str
    at: datetime
    until: datetime
