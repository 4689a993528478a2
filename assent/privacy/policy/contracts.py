"""
A privacy statement as data: what is processed, for which purposes, on which basis, until when.

:class:`Policy` is the schema of ``policy.yaml``; :class:`Compiled` is a published one with cheap look-ups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .parts import (
    Authority, AutomatedDecision, AutomatedDecisions, Backups, Banner, ConsentCategory, Contact, Controller, Cookie,
    CookieKind, DataItem, DataKind, DataProtectionOfficer, Deadlines, Duration, Instructions, Key, Language, Local, Measure,
    Model, Once, Recipient, RecipientRole, Right, Rights, Safeguard, SafeguardKind, Solution, SolutionRole, Source, SourceKind,
    Storage, Text, TextUse, Words,
)  # fmt: skip
from .spans import Span

__all__ = [
    "CHANNEL_CODES", "MAX_PURPOSES", "Authority", "AutomatedDecision", "AutomatedDecisions", "Backups", "Banner", "Basis", "BasisChange",
    "Channel", "Compiled", "ConsentCategory", "Contact", "Controller", "Cookie", "CookieKind", "Counted", "DataItem",
    "DataKind", "DataProtectionOfficer", "Deadlines", "Derivation", "Derived", "Duration", "EventKind", "EventType",
    "Finding", "Fold", "FoldKind", "Instructions", "InvalidPolicy", "Key", "Language", "Local", "Measure", "NoPolicy",
    "Operation", "Override", "Policy", "PropertyRule", "PropertyType", "Purpose", "Recipient", "RecipientRole", "Retention",
    "Right", "Rights", "Safeguard", "SafeguardKind", "Severity", "SoftOptIn", "Solution", "SolutionRole", "Source",
    "SourceKind", "Span", "SpecialCondition", "Storage", "Text", "TextUse", "Then", "TooManyPurposes", "Trait",
    "UnknownVersion", "VersionInfo",
]  # fmt: skip

# A row of the lake carries its purposes as bits of a signed 64-bit integer; one bit stays free.
MAX_PURPOSES = 62


class NoPolicy(LookupError):
    """The controller has published no policy, so nothing may be processed."""


class UnknownVersion(LookupError):
    """The controller never published a policy with this number or digest."""


class TooManyPurposes(ValueError):
    """The controller has used up its purpose codes; a code is never given twice."""


class Basis(StrEnum):
    """Why processing is lawful: the six of GDPR art. 6(1), and the soft opt-in of ePrivacy art. 13(2)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    SOFT_OPT_IN = "soft_opt_in"

    @property
    def clause(self) -> str:
        """The article that names this basis."""
        return "eprivacy:13(2)" if self is Basis.SOFT_OPT_IN else f"gdpr:6(1)({'abcdef'[list(Basis).index(self)]})"


class SpecialCondition(StrEnum):
    """The letter of art. 9(2) that permits special categories of data."""

    EXPLICIT_CONSENT = "a"
    EMPLOYMENT_LAW = "b"
    VITAL_INTERESTS = "c"
    NOT_FOR_PROFIT = "d"
    MADE_PUBLIC = "e"
    LEGAL_CLAIMS = "f"
    PUBLIC_INTEREST = "g"
    HEALTH_CARE = "h"
    PUBLIC_HEALTH = "i"
    ARCHIVES = "j"


class Channel(StrEnum):
    """The way a person is addressed."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    ONSITE = "onsite"
    PHONE = "phone"
    POST = "post"


# How a channel is written in columns; 0 is a choice that holds for any of them. Never renumbered: stored rows keep their codes.
CHANNEL_CODES = {"any": 0, "email": 1, "sms": 2, "push": 3, "onsite": 4, "phone": 5, "post": 6}


class Operation(StrEnum):
    """What is done with data."""

    STORE = "store"
    USE = "use"
    DISCLOSE = "disclose"
    TRANSFER = "transfer"


class Counted(StrEnum):
    """The moment a retention period starts."""

    COLLECTED = "collected"
    LAST_INTERACTION = "last_interaction"
    CONSENT_GIVEN = "consent_given"
    APPLIED = "applied"
    CONTRACT_ENDED = "contract_ended"
    YEAR_ENDED = "year_ended"
    """31 December of the year the record was made in, as bookkeeping laws count"""


class Then(StrEnum):
    """What happens when the period is over."""

    ERASE = "erase"
    ASK_AGAIN = "ask_again"
    HOLD = "hold"


class Override(Model):
    """An exception to a retention rule, with the circumstance that calls for it."""

    when: Local
    duration: Duration
    counted_from: Counted
    then: Then = Then.ERASE


class Retention(Model):
    """How long data are kept for a purpose, counted from what, and what happens then (arts. 5(1)(e), 13(2)(a))."""

    duration: Duration
    counted_from: Counted
    then: Then
    overrides: dict[Key, Override] = {}

    @property
    def span(self) -> Span:
        """The duration as something to count with."""
        return Span.read(self.duration)


class SoftOptIn(Model):
    """What ePrivacy art. 13(2) asks for: a sale, own similar products, a way out at collection and in each message."""

    sale: Annotated[Once[Key], Field(min_length=1)]
    """events that are the sale in which the contact was given"""
    similar: Local
    """which own products or services count as similar"""
    opt_out_at_collection: Key
    """text shown where the contact is collected"""


class BasisChange(Model):
    """A basis is not swapped without a reason on record."""

    was: Basis
    on: date
    reason: Local


class Purpose(Model):
    """One reason to process data, complete enough to be told to people (arts. 13, 14) and to decide by."""

    title: Local
    description: Local
    basis: Basis
    special_condition: SpecialCondition | None = None
    interest: Local | None = None
    """the interest pursued, when the basis is legitimate interests (art. 13(1)(d))"""
    balancing: Local | None = None
    """why that interest is not overridden by the person's"""
    law: Local | None = None
    """the statute, when the basis is a legal obligation or a public task"""
    soft_opt_in: SoftOptIn | None = None
    obligatory: Local | None = None
    """whether the data must be given, and what happens otherwise (art. 13(2)(e))"""
    basis_changed: BasisChange | None = None
    starts_on: date | None = None
    """the day from which data already held may serve this purpose, people having been told before"""
    subjects: Annotated[Once[Key], Field(min_length=1)]
    data: Annotated[Once[Key], Field(min_length=1)]
    sources: Annotated[Once[Key], Field(min_length=1)]
    operations: Annotated[Once[Operation], Field(min_length=1)] = (Operation.STORE, Operation.USE)
    recipients: Once[Key] = ()
    retention: Retention
    channels: Once[Channel] = ()
    per_channel_choice: bool = False
    direct_marketing: bool = False
    consent_category: Key | None = None
    consent_expires: Duration | None = None
    double_opt_in: bool = False
    wording: dict[Channel, Key] = {}
    """text a person agrees to, per channel"""
    confirmation: Key | None = None
    """text of the message that confirms a double opt-in"""
    source_line: Key | None = None
    """text in every message: where the address came from, and whom to contact"""
    opt_out: Key | None = None
    """text in every message: how to stop them"""
    ask_again: Key | None = None
    """text of the message that asks again when the period is over"""
    dpv: Once[Words] = ()
    fideslang: Once[Words] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The keys of all texts this purpose stands on, sorted."""
        lines = (self.confirmation, self.source_line, self.opt_out, self.ask_again)
        at_collection = (self.soft_opt_in.opt_out_at_collection,) if self.soft_opt_in else ()
        return tuple(sorted({key for key in (*self.wording.values(), *lines, *at_collection) if key}))


class PropertyType(StrEnum):
    """What a property's value is."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MONEY = "money"
    DATE = "date"
    CODE = "code"
    """letters, digits and ``. _ : / -`` up to ``max_length``: an order number, a currency"""
    LIST = "list"


PropertyName = Annotated[str, Field(pattern=r"^[A-Za-z_$][A-Za-z0-9_$ -]{0,63}$")]
PropertyPath = Annotated[str, Field(pattern=r"^[A-Za-z_$][A-Za-z0-9_$ -]{0,63}(\.[A-Za-z_$][A-Za-z0-9_$ -]{0,63})?$")]


class PropertyRule(Model):
    """What may stand in a property. A list holds texts, or objects with the named properties (``of``)."""

    type: PropertyType
    data: Key
    """the data item it is"""
    max_length: Annotated[int, Field(ge=1, le=2000)] = 200
    """characters of a text, or entries of a list"""
    identifying: bool = False
    """names the person: sealed at the gate, never in the lake"""
    of: dict[PropertyName, "PropertyRule"] = {}


class FoldKind(StrEnum):
    """How a profile attribute grows with each admitted event."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    """the day of the first such event"""
    LAST = "last"
    """the day of the last such event"""
    SET_LAST = "set_last"
    """the value in the latest event"""


class Fold(Model):
    """A profile attribute kept up to date by an event, from events admitted for one purpose and readable for it only."""

    attribute: Key
    kind: FoldKind
    purpose: Key
    property: PropertyName | None = None


class EventKind(StrEnum):
    """Message types of the Segment protocol that become events."""

    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    IDENTIFY = "identify"
    GROUP = "group"


class EventType(Model):
    """One kind of event: for which purposes it is taken in, and which properties each of them may keep."""

    type: EventKind
    name: Annotated[str, Field(min_length=1, max_length=100)] = "*"
    """the event's name; ``*`` is any, for everything but track"""
    title: Local
    purposes: dict[Key, Once[PropertyPath]] = {}
    """purpose → properties it may keep, ``products`` whole or ``products.category`` alone"""
    properties: dict[PropertyName, PropertyRule] = {}
    counts_as_interaction: bool = False
    folds: tuple[Fold, ...] = ()


class Derivation(StrEnum):
    """What may be derived from sealed data, coarse enough to stand in plain."""

    AGE_BAND = "age_band"
    MONTH_DAY = "month_day"
    COUNTY = "county"


class Derived(Model):
    """Where a derived attribute comes from."""

    trait: Key
    how: Derivation


class Trait(Model):
    """An attribute of a person: sent by ``identify``, or derived from one that was."""

    data: Key
    type: PropertyType = PropertyType.STRING
    max_length: Annotated[int, Field(ge=1, le=2000)] = 200
    wire: Once[PropertyName] = ()
    """other names clients send it under"""
    derived: Derived | None = None


class Policy(Model):
    """A controller's privacy statement, complete enough to render and to enforce."""

    controller: Controller
    subjects: dict[Key, Local]
    data: dict[Key, DataItem]
    sources: dict[Key, Source]
    purposes: Annotated[dict[Key, Purpose], Field(min_length=1, max_length=MAX_PURPOSES)]
    events: dict[Key, EventType] = {}
    traits: dict[Key, Trait] = {}
    recipients: dict[Key, Recipient] = {}
    consent_categories: dict[Key, ConsentCategory] = {}
    cookies: dict[Key, Cookie] = {}
    banner: Banner | None = None
    solutions: dict[Key, Solution] = {}
    rights: Rights
    automated_decisions: AutomatedDecisions
    measures: Annotated[dict[Key, Measure], Field(min_length=1)]
    backups: Backups
    notice_summary: Key
    texts: dict[Key, Text]


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One published version; ``origin`` says whether it was published or rolled back to."""

    number: int
    digest: str
    published_at: datetime
    published_by: str
    origin: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """
    A published policy with cheap look-ups.

    ``purpose_codes`` are the controller's own small integers, stable over all versions (bit ``code`` of a mask in the
    lake); ``purpose_index`` counts the purposes of this version alone, in sorted order from 0.
    """

    policy: Policy
    number: int
    digest: str
    texts: Mapping[tuple[str, str], str]
    purpose_digests: Mapping[str, str]
    text_digests: Mapping[tuple[str, str], str]
    purpose_codes: Mapping[str, int]
    purpose_index: Mapping[str, int] = field(init=False)
    events: Mapping[tuple[str, str], EventType] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Build the look-ups."""
        object.__setattr__(self, "purpose_index", {key: at for at, key in enumerate(sorted(self.policy.purposes))})
        object.__setattr__(self, "events", {(event.type.value, event.name): event for event in self.policy.events.values()})

    def event(self, kind: str, name: str | None) -> EventType | None:
        """Return the declared event for a message type and name, else the type's ``*``, else None: undeclared."""
        return self.events.get((kind, name or "*")) or self.events.get((kind, "*"))

    def text(self, key: str, language: str) -> str:
        """Return a text in a language, else in the policy's first; raise ``KeyError`` if it has no such text."""
        first = self.policy.controller.languages[0]
        return self.texts.get((key, language)) or self.texts[key, first]

    def mask(self, *purposes: str) -> int:
        """Return the bits of these purposes."""
        return sum(1 << self.purpose_codes[purpose] for purpose in set(purposes))


class Severity(StrEnum):
    """Whether a finding stops publication."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a bundle, where, and how to mend it."""

    severity: Severity
    file: str
    line: int
    place: str
    message: str
    cure: str
    code: str = "shape"
    clause: str = ""

    def __str__(self) -> str:
        """Return the line an editor can jump from."""
        clause = f" ({self.clause})" if self.clause else ""
        return f"{self.file}:{self.line}: {self.severity}: {self.place}: {self.message}{clause} → {self.cure}"


class InvalidPolicy(ValueError):
    """The bundle has errors; ``findings`` names each."""

    def __init__(self, findings: list[Finding]) -> None:
        """Keep what was found."""
        self.findings: list[Finding] = findings
        super().__init__("\n".join(str(finding) for finding in findings))

