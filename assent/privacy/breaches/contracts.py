"""Nouns of breaches that cross to other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = [
    "Account",
    "AlarmInfo",
    "AlarmState",
    "Assessment",
    "BreachInfo",
    "Circumstance",
    "DataContext",
    "Deed",
    "Ease",
    "Level",
    "MeasureShown",
    "NamesSomebody",
    "Nature",
    "NotNow",
    "Notified",
    "OrderInfo",
    "OrderState",
    "Owing",
    "Progress",
    "Reach",
    "Reading",
    "Risk",
    "Rule",
    "Severity",
    "State",
    "StepInfo",
    "UnknownBreach",
    "Unusual",
    "Words",
]  # fmt: skip


class UnknownBreach(LookupError):
    """The controller has no breach, alarm or order with this number."""


class NotNow(RuntimeError):
    """What was asked does not follow from where the breach stands; the message says what comes first."""


class NamesSomebody(ValueError):
    """A text of the register holds an address or a phone number; who is affected is kept apart from it."""


class State(StrEnum):
    """Where a breach stands."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Nature(StrEnum):
    """What was lost (art. 4(12); guidelines WP250 rev.01)."""

    CONFIDENTIALITY = "confidentiality"
    """somebody learnt what they should not"""
    INTEGRITY = "integrity"
    """data were changed"""
    AVAILABILITY = "availability"
    """data were lost, or out of reach"""


class Deed(StrEnum):
    """What is done about a breach; each is a step of its history."""

    SUSPECTED = "suspected"
    DESCRIBED = "described"
    SCOPED = "scoped"
    ASSESSED = "assessed"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    NOTIFIED = "notified"
    PASSED_ON = "passed_on"
    PEOPLE_TOLD = "people_told"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Reading(StrEnum):
    """What the book records of people's data being read or changed."""

    IDENTIFIERS = "identifiers"
    LISTS = "lists"
    TIMELINES = "timelines"
    CHOICES = "choices"
    MESSAGES = "messages"
    FILES = "files"
    SEGMENTS = "segments"
    EXPORTS = "exports"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Which reads and writes belong to a breach.

    :param by: doers as the book names them, ``key:7`` or ``staff:3``; none means every key and member of staff
    :param until: the first moment that no longer counts
    """

    by: tuple[str, ...]
    since: datetime
    until: datetime
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """What happened, in one language, in words that name nobody. Empty where it is not written yet."""

    what: str = ""
    causes: str = ""
    effects: str = ""
    measures: str = ""
    advice: str = ""
    """what people can do themselves (art. 34(2))"""


class DataContext(StrEnum):
    """Which of the four classes the data belong to; their number is the starting score (ENISA 2013, 4.1)."""

    SIMPLE = "simple"
    BEHAVIOURAL = "behavioural"
    FINANCIAL = "financial"
    SENSITIVE = "sensitive"


class Ease(StrEnum):
    """How easily a person is recognised in the data (ENISA 2013, 4.2)."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    SIGNIFICANT = "significant"
    MAXIMUM = "maximum"


class Circumstance(StrEnum):
    """How far one kind of loss went: none, some, most (ENISA 2013, 4.3)."""

    NONE = "none"
    SOME = "some"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    What is put into the formula.

    :param context: the score of the data, 1 to 4, after what raises or lowers it
    :param malicious: somebody meant harm
    """

    data: DataContext
    context: int
    ease: Ease
    confidentiality: Circumstance = Circumstance.NONE
    integrity: Circumstance = Circumstance.NONE
    availability: Circumstance = Circumstance.NONE
    malicious: bool = False


class Level(StrEnum):
    """The severity the formula gives (ENISA 2013, 5)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Risk(StrEnum):
    """What a breach is to people's rights and freedoms: it decides who is told."""

    UNLIKELY = "unlikely"
    """written in the register only (art. 33(1), last part of the first sentence)"""
    RISK = "risk"
    """the authority is told (art. 33)"""
    HIGH = "high"
    """the people are told, too (art. 34)"""


@dataclass(frozen=True, slots=True)
class Severity:
    """
    The formula with its numbers: context × ease + circumstances.

    :param flags: ``many`` (over a hundred people) and ``unintelligible``: what asks for a second look
    """

    context: float
    ease: float
    confidentiality: float
    integrity: float
    availability: float
    malicious: float
    score: float
    level: Level
    risk: Risk
    flags: tuple[str, ...] = ()

    @property
    def circumstances(self) -> float:
        """The third term."""
        return self.confidentiality + self.integrity + self.availability + self.malicious


@dataclass(frozen=True, slots=True)
class StepInfo:
    """One step, with who and when; the note names nobody."""

    deed: Deed
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notified:
    """
    One notification to the authority; from the second on it completes the first (art. 33(4)).

    :param reference: the number the authority gave it
    :param why_late: the reasons, when the first came after the end of the period (art. 33(1))
    """

    phase: int
    at: datetime
    reference: str
    why_late: str


@dataclass(frozen=True, slots=True)
class Words:
    """A letter to people in one language."""

    subject: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far telling the people is: of all, those queued, and what became of their letters, by state of the message."""

    people: int
    queued: int
    letters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BreachInfo:
    """
    A breach with all that is known of it. It names nobody.

    :param began_at: when it happened, if known; ``ended_at`` when it stopped
    :param found_at: when it was noticed
    :param aware_at: when we were reasonably certain; the clock runs from then (art. 33(1))
    :param due_at: by when the authority is told, if it must be
    :param pass_on_at: by when the platform tells the controller it works for (art. 33(2))
    :param accounts: by language
    :param data: keys of the policy's data items; ``subjects``: of its kinds of people
    :param people: how many are affected: computed, or ``stated`` by staff where nothing can be computed
    :param records: how many reads and writes that were
    :param unnamed: people known by number only; ``altered``: lines of the book whose people no longer fit their digest
    :param countries: other member states whose people are affected
    """

    id: int
    title: str
    state: State
    nature: tuple[Nature, ...]
    found_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    aware_at: datetime | None
    due_at: datetime | None
    pass_on_at: datetime | None
    accounts: Mapping[str, Account]
    data: tuple[str, ...]
    subjects: tuple[str, ...]
    countries: tuple[str, ...]
    unintelligible: bool
    reach: Reach | None
    people: int
    records: int
    stated: bool
    unnamed: int
    altered: int
    readings: Mapping[str, tuple[int, int]]
    """reading → records and people"""
    assessment: Assessment | None
    severity: Severity | None
    risk: Risk | None
    risk_reason: str
    steps: tuple[StepInfo, ...]
    notified: tuple[Notified, ...]
    passed_on_at: datetime | None
    telling_since: datetime | None
    why_not_told: str


@dataclass(frozen=True, slots=True)
class Owing:
    """For the privacy officer's desk: what is open and what is late."""

    suspected: int
    open: int
    overdue: int
    next_due: datetime | None
    alarms: int
    orders_to_tell: int


class Rule(StrEnum):
    """What raises an alarm."""

    READS = "reads"
    EXPORTS = "exports"
    LOG_INS = "log_ins"
    BOOK = "book"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Unusual:
    """
    Something out of the ordinary in one hour.

    :param seen: people read, exports taken, log-ins failed
    :param limit: what was still ordinary; ``busiest``: the busiest hour of the past it comes from, 0 without a past
    """

    rule: Rule
    doer: str
    hour: int
    seen: int
    limit: int
    busiest: int


class AlarmState(StrEnum):
    """What became of an alarm."""

    OPEN = "open"
    DISMISSED = "dismissed"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class AlarmInfo:
    """An alarm: what it saw, and what was decided about it."""

    id: int
    rule: Rule
    doer: str
    since: datetime
    seen: int
    limit: int
    busiest: int
    raised_at: datetime
    state: AlarmState
    reason: str
    breach: int | None


class OrderState(StrEnum):
    """Where a demand of an authority stands."""

    RECEIVED = "received"
    HANDED_OVER = "handed_over"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OrderInfo:
    """
    A demand that law backs: who asked for what, about whom, and whether the people may be told.

    :param secret: telling is forbidden; ``secret_until`` says until when, None for until further notice
    :param handed: what was handed over, or why nothing was
    """

    id: int
    authority: str
    reference: str
    ground: str
    what: str
    subjects: tuple[int, ...]
    received_at: datetime
    secret: bool
    secret_until: datetime | None
    state: OrderState
    handed: str
    answered_at: datetime | None
    told_at: datetime | None
    words: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class MeasureShown:
    """A measure of the policy and what its check found; ``holds`` is None where it does not apply here."""

    measure: str
    check: str
    holds: bool | None
    figures: Mapping[str, int | str]
    at: datetime
