"""Nouns of who is who that cross to other rooms."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "Acceptance", "AgreementInfo", "AgreementKind", "AgreementRefused", "AgreementState", "AgreementText", "ApiKeyInfo",
    "BadHost", "ControllerInfo", "EndChoice", "Ending", "Hindrance", "Permission", "PropertyInfo", "Role", "Settlement",
    "StaffInfo", "Term", "TextChanged", "UnknownAgreement", "UnknownController", "WriteKey",
]  # fmt: skip


class UnknownController(LookupError):
    """No controller has this name or id."""


class BadHost(ValueError):
    """A text is no host name, or not one of this controller; the message says what to do."""


class Role(StrEnum):
    """What a member of staff does for a controller."""

    MARKETER = "marketer"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a role allows. API keys carry the same words."""

    PEOPLE_READ = "people.read"
    PEOPLE_IDENTIFY = "people.identify"
    PEOPLE_WRITE = "people.write"
    PEOPLE_EXPORT = "people.export"
    PEOPLE_ERASE = "people.erase"
    CONSENT_WRITE = "consent.write"
    SEGMENTS_READ = "segments.read"
    SEGMENTS_WRITE = "segments.write"
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_WRITE = "campaigns.write"
    CAMPAIGNS_SEND = "campaigns.send"
    EVENTS_READ = "events.read"
    AUDIT_READ = "audit.read"
    POLICY_READ = "policy.read"
    POLICY_WRITE = "policy.write"
    AGREEMENTS_WRITE = "agreements.write"
    REQUESTS_REGISTER = "requests.register"
    REQUESTS_ANSWER = "requests.answer"
    BREACHES_READ = "breaches.read"
    BREACHES_WRITE = "breaches.write"
    SETTINGS_WRITE = "settings.write"


@dataclass(frozen=True, slots=True)
class ControllerInfo:
    """A controller (art. 4(7)): a brand, or the company itself for its own site."""

    id: int
    slug: str
    name: str
    country: str
    language: str
    time_zone: str
    colour: str


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """
    A website, app or server of a controller that sends events.

    :param rudder: its client library sends messages and batches of up to 4 MiB
    """

    id: int
    controller: int
    slug: str
    name: str
    kind: str
    rudder: bool


@dataclass(frozen=True, slots=True)
class WriteKey:
    """
    A key a property sends events with.

    :param digest: SHA-256 of the key, in hexadecimal
    :param secret: kept on a server; otherwise public, so anyone may have copied it
    """

    id: int
    digest: str
    property: PropertyInfo
    secret: bool


@dataclass(frozen=True, slots=True)
class ApiKeyInfo:
    """A key for the REST API: for one controller, with named verbs."""

    id: int
    controller: int
    name: str
    verbs: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class StaffInfo:
    """A member of staff as lists show them."""

    id: int
    email: str
    name: str
    roles: frozenset[Role]


class AgreementKind(StrEnum):
    """Under what the platform works for a controller; the words are the policy's own."""

    PROCESSING = "processing"
    """a data processing agreement (art. 28(3))"""
    JOINT = "joint"
    """an arrangement between joint controllers (art. 26(1))"""


class EndChoice(StrEnum):
    """What happens to the data when an agreement has ended: the controller's choice (art. 28(3)(g))."""

    RETURN = "return"
    DELETE = "delete"


class AgreementState(StrEnum):
    """Where one version of an agreement stands."""

    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    """a later version was offered before anybody accepted this one"""
    TO_COME = "to_come"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    """the data are still to be returned or deleted"""
    OVERDUE = "overdue"
    """the day for returning or deleting them has passed"""
    SETTLED = "settled"


class UnknownAgreement(LookupError):
    """The controller has no such agreement."""


class Hindrance(StrEnum):
    """Why something can't be done with an agreement. Each has a sentence that says what to do."""

    AT_ONCE = "at_once"
    BACKDATED = "backdated"
    DONE_BEFORE = "done_before"
    DUE_BEFORE_END = "due_before_end"
    ENDS_IN_THE_PAST = "ends_in_the_past"
    MAY_NOT = "may_not"
    NOT_ENDED = "not_ended"
    NOT_IN_FORCE = "not_in_force"
    TEXT_CHANGED = "text_changed"
    UNSAID = "unsaid"

    def sentence(self, language: str) -> str:
        """Return the reason in plain words, in Romanian or else in English."""
        return _HINDRANCES[self][1 if language == "ro" else 0]


_HINDRANCES: Mapping[Hindrance, tuple[str, str]] = MappingProxyType(
    {
        Hindrance.AT_ONCE: (
            "Somebody else did the same this moment. Look at it, then try again.",
            "Altcineva a făcut același lucru chiar acum. Priviți, apoi încercați din nou.",
        ),
        Hindrance.BACKDATED: (
            "An agreement can't hold from before it was accepted. Choose this moment or a later one.",
            "Un acord nu poate fi valabil dinainte de a fi acceptat. Alegeți acest moment sau unul ulterior.",
        ),
        Hindrance.DONE_BEFORE: (
            "This was done before, with this version. Look at the agreement again.",
            "Acest lucru s-a făcut deja pentru această versiune. Priviți din nou acordul.",
        ),
        Hindrance.DUE_BEFORE_END: (
            "The day for returning or deleting the data lies before the end. Choose a later day.",
            "Ziua pentru returnarea sau ștergerea datelor este înainte de încetare. Alegeți o zi ulterioară.",
        ),
        Hindrance.ENDS_IN_THE_PAST: (
            "An agreement can't end in the past. Choose this moment or a later one.",
            "Un acord nu poate înceta în trecut. Alegeți acest moment sau unul ulterior.",
        ),
        Hindrance.MAY_NOT: (
            "Only an administrator or a privacy officer of the brand accepts an agreement for it. Ask one of them.",
            "Doar un administrator sau responsabilul cu protecția datelor al brandului acceptă un acord. Cereți-i.",
        ),
        Hindrance.NOT_ENDED: (
            "The agreement has not ended yet. End it first.",
            "Acordul nu a încetat încă. Încheiați-l mai întâi.",
        ),
        Hindrance.NOT_IN_FORCE: (
            "This version does not hold. End the one that is in force.",
            "Această versiune nu este valabilă. Încheiați-o pe cea în vigoare.",
        ),
        Hindrance.TEXT_CHANGED: (
            "The text has changed since you read it. Read the new one, then accept that.",
            "Textul s-a schimbat de când l-ați citit. Citiți-l pe cel nou, apoi acceptați-l pe acela.",
        ),
        Hindrance.UNSAID: (
            "Name, position or reason is empty, too long or holds signs that can't be seen. Write it in plain letters.",
            "Numele, funcția sau motivul lipsește, este prea lung ori conține semne invizibile. Scrieți cu litere obișnuite.",
        ),
    }
)


class AgreementRefused(ValueError):
    """Something can't be done with an agreement; ``hindrance`` says why."""

    def __init__(self, hindrance: Hindrance) -> None:
        self.hindrance = hindrance
        super().__init__(hindrance.sentence("en"))


class TextChanged(AgreementRefused):
    """What was read is not what would be accepted."""

    def __init__(self) -> None:
        super().__init__(Hindrance.TEXT_CHANGED)


@dataclass(frozen=True, slots=True)
class AgreementText:
    """
    The words of an agreement, as generated from one published policy.

    :param text: every language in one canonical text
    :param languages: in which it is written, the binding one first
    :param policy_number: version of the policy it was generated from
    :param policy_digest: SHA-256 of that policy, in hexadecimal
    """

    kind: AgreementKind
    text: str
    languages: tuple[str, ...]
    policy_number: int
    policy_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 of the words, in hexadecimal: what is accepted is named by it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """
    Who accepted which words, and from when they hold.

    :param staff: id of the member of staff
    :param name: as typed at acceptance, and so is the position
    """

    staff: int
    name: str
    position: str
    digest: str
    at: datetime
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """
    That an agreement ends, and what becomes of the data.

    :param until_at: from this moment on it does not hold
    :param due_on: the last day for returning or deleting the data
    """

    by: str
    at: datetime
    until_at: datetime
    reason: str
    choice: EndChoice
    due_on: date


@dataclass(frozen=True, slots=True)
class Settlement:
    """That the data were returned or deleted, as chosen."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgreementInfo:
    """
    One version of a controller's agreement about a solution. Versions of a solution count from 1; none is ever changed.

    :param next_from: since when a later version holds in its place, or will
    :param offered_after: a later version was offered
    """

    id: int
    controller: int
    solution: str
    version: int
    kind: AgreementKind
    digest: str
    languages: tuple[str, ...]
    policy_number: int
    policy_digest: str
    offered_at: datetime
    offered_by: str
    acceptance: Acceptance | None = None
    ending: Ending | None = None
    settlement: Settlement | None = None
    next_from: datetime | None = None
    offered_after: bool = False

    @property
    def until_at(self) -> datetime | None:
        """The moment from which it does not hold any more, if that is known."""
        known = [moment for moment in (self.next_from, self.ending.until_at if self.ending else None) if moment]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of time in which an agreement about a solution holds: from a moment, until before another or for good."""

    solution: str
    kind: AgreementKind
    from_at: datetime
    until_at: datetime | None

    def covers(self, at: datetime) -> bool:
        """Say whether it holds at a moment."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)
