"""Nouns of retention that cross to other rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from assent.privacy.policy.contracts import Counted

__all__ = [
    "BadHold",
    "ClosingInfo",
    "ClosingState",
    "Consequence",
    "Counts",
    "Ended",
    "Foreseen",
    "HoldInfo",
    "HoldReason",
    "LeftOver",
    "NoParcel",
    "Noted",
    "Over",
    "ParcelInfo",
    "Remaining",
    "Remains",
    "RetentionRun",
    "RunState",
    "Stay",
    "ToldBy",
    "UnknownHold",
    "Why",
]  # fmt: skip


class BadHold(ValueError):
    """A hold that does not say what it is on, why or until when; the message says how to mend it."""


class UnknownHold(LookupError):
    """The controller has no hold with this number, or it was released before."""


class HoldReason(StrEnum):
    """Why data are kept past their end (art. 17(3))."""

    CLAIM = "claim"
    """establishment, exercise or defence of legal claims: art. 17(3)(e)"""
    AUTHORITY = "authority"
    """an authority or a court asks for them: art. 17(3)(b)"""
    OBLIGATION = "obligation"
    """another law says so: art. 17(3)(b)"""

    @property
    def clause(self) -> str:
        """The article it rests on."""
        return "gdpr:17(3)(e)" if self is HoldReason.CLAIM else "gdpr:17(3)(b)"


@dataclass(frozen=True, slots=True)
class HoldInfo:
    """
    A legal hold: nothing it is on ends while it lasts.

    :param purpose: on what is kept for one purpose; empty for all purposes
    :param people: on how many people; None for everyone of the controller
    :param reference: the file it belongs to, like ``C-118/2026``; never a name
    :param until: the last day; it ends by itself after it
    """

    id: int
    reason: HoldReason
    reference: str
    purpose: str
    people: int | None
    until: date
    made_at: datetime
    made_by: str
    released_at: datetime | None = None

    def holds(self, today: date) -> bool:
        """Say whether it lasts on that day."""
        return self.released_at is None and today <= self.until


class Why(StrEnum):
    """Why keeping for a purpose ended. Never renamed: recorded endings keep their words."""

    PERIOD = "period"
    """the period of the policy is over: art. 5(1)(e)"""
    WITHDRAWN = "withdrawn"
    """the consent was taken back: art. 17(1)(b)"""
    EXPIRED = "expired"
    """the consent ended by itself: art. 17(1)(b)"""
    OBJECTED = "objected"
    """the person objected: art. 17(1)(c)"""
    UNANSWERED = "unanswered"
    """asked again, the person said nothing"""
    AGREEMENT = "agreement"
    """the agreement it was done under ended: art. 28(3)(g)"""

    @property
    def clause(self) -> str:
        """The article that asks for the end."""
        return {"withdrawn": "gdpr:17(1)(b)", "expired": "gdpr:17(1)(b)", "objected": "gdpr:17(1)(c)",
                "agreement": "gdpr:28(3)(g)"}.get(self.value, "gdpr:5(1)(e)")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stay:
    """
    What must stay of a person who asked to be erased, and why (art. 17(3)).

    :param purpose: what is kept for it; empty for everything
    :param until: the last day as far as it is known
    """

    purpose: str
    reason: HoldReason
    until: date | None


@dataclass(frozen=True, slots=True)
class Noted:
    """
    A moment that a period is counted from and that no event says: hired, a contract that ended.

    :param circumstance: key of the policy's override it brings about, if it does
    """

    subject: int
    purpose: str
    counted: Counted
    at: datetime
    circumstance: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """
    A purpose that ended for a person, as recorded for them to read.

    :param stays: the purposes their data are still kept for, on whose bases
    """

    purpose: str
    why: Why
    at: datetime
    stays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """A purpose that is over for a person, and why."""

    purpose: str
    why: Why
    at: datetime


@dataclass(frozen=True, slots=True)
class Remaining:
    """
    A purpose that data of a person stay for.

    :param until: the last day as far as it is known
    :param held: why they stay past the purpose's own end: ``restricted``, or the reason of a hold; empty on its own basis
    """

    purpose: str
    until: date | None
    held: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """
    What follows for a person from what is over: what goes, what stays, on which basis, until when (arts. 7(3), 17(1)).

    :param gone: data items of the policy that no purpose of theirs holds any more
    """

    over: tuple[Over, ...]
    gone: tuple[str, ...]
    stays: tuple[Remaining, ...]


class NoParcel(LookupError):
    """There is no such parcel of an ended agreement, or it is gone."""


class ClosingState(StrEnum):
    """How far it is with the data of an ended agreement."""

    PACKING = "packing"
    READY = "ready"
    """to be fetched by the controller's staff"""
    TELLING = "telling"
    """recipients are being told"""
    DELETING = "deleting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ParcelInfo:
    """One file of data to be given back: of how many people, how many bytes, and when it was first fetched."""

    number: int
    people: int
    size: int
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosingInfo:
    """
    What becomes of the data of an ended agreement.

    :param purposes: those that ended with it, which nothing else carries
    :param people: of whom data were packed
    :param told: notices made to recipients
    :param removed: records removed of people who stay, by store; ``erased`` people went whole
    """

    agreement: int
    solution: str
    state: ClosingState
    due_on: date
    purposes: tuple[str, ...]
    people: int
    told: int
    parcels: tuple[ParcelInfo, ...]
    finished_at: datetime | None
    removed: Mapping[str, int]
    erased: int


class ToldBy(StrEnum):
    """Where a person was told of it."""

    PAGE = "page"
    """on the page where they chose"""
    ANSWER = "answer"
    """in the answer to their request"""
    LETTER = "letter"


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """
    What a run did.

    :param people: how many it looked at
    :param erased: people of whom nothing was left to keep
    :param ended: how many people a purpose ended for, by purpose and why: ``direct_marketing:withdrawn``
    :param asked: people asked again, by purpose
    :param kept: people whose data stayed past their end, by why: ``hold:claim``, ``restricted``, ``policy``, ``waiting``
    :param removed: records removed of people who stay, by store
    """

    id: int
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    share: float
    people: int
    erased: int
    ended: Mapping[str, int]
    asked: Mapping[str, int]
    kept: Mapping[str, int]
    removed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """
    What will have ended by a day, if nothing else happens until then.

    :param people: of whom nothing will be left
    :param purposes: how many people each purpose will have ended for
    :param as_of: when that was counted
    """

    by: date
    people: int
    purposes: Mapping[str, int]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Remains:
    """Personal data of a kind in a store that no live purpose holds: how many records of how many people."""

    store: str
    kind: str
    records: int
    people: int


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What a look over all stores found that no live purpose holds, and when it was done."""

    remains: Sequence[Remains]
    as_of: datetime

    @property
    def records(self) -> int:
        """How many records in all; 0 is well."""
        return sum(one.records for one in self.remains)


@dataclass(frozen=True, slots=True)
class Counts:
    """
    For an overview.

    :param holds: legal holds that last
    :param ending: those of them that end within a month
    :param last_run: when the last run was done; None if there was none
    :param to_decide: people whose data the policy holds past the period for staff to decide, as of that run
    """

    holds: int
    ending: int
    last_run: datetime | None
    to_decide: int
