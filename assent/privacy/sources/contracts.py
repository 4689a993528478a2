"""Nouns of sources that cross to other rooms."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from assent.privacy.policy.contracts import SourceKind

__all__ = [
    "ELSEWHERE", "UNNAMED", "BadExemption", "BadMoment", "Counts", "Exemption", "Ground", "Group", "Known", "Owed", "Told",
    "UnknownSource", "Way",
]  # fmt: skip

UNNAMED = ""
"""The source of people who were brought in without saying where from: nobody writes to them until it is said."""

ELSEWHERE = frozenset({SourceKind.PUBLIC, SourceKind.THIRD_PARTY})
"""Sources that are not the person: what comes from them is told by art. 14, the rest at collection (art. 13)."""


class UnknownSource(ValueError):
    """The policy in force declares no such source; the message says how to mend it."""


class BadMoment(ValueError):
    """Data can't have been obtained then; the message says how to mend it."""


class BadExemption(ValueError):
    """An exemption that gives no reason, or is for nobody; the message says how to mend it."""


class Way(IntEnum):
    """How far the house is with telling somebody by itself. Stored numbers, never changed."""

    NEW = 0
    LETTER = 1
    """a letter is on its way"""
    NONE = 2
    """no address, or the letter came to nothing: staff have to"""


class Ground(StrEnum):
    """Why somebody need not be told (art. 14(5)). Never renamed: recorded exemptions keep their words."""

    KNOWN = "known"
    """the person already has the information"""
    IMPOSSIBLE = "impossible"
    """impossible, or a disproportionate effort"""
    LAW = "law"
    """the law that lets the data be obtained protects the person"""
    SECRECY = "secrecy"
    """a duty of professional secrecy"""

    @property
    def clause(self) -> str:
        """The letter it rests on."""
        return f"gdpr:14(5)({dict(zip(Ground, 'abcd', strict=True))[self]})"


@dataclass(frozen=True, slots=True)
class Owed:
    """A source of a person's data, for the message that names it; ``told`` if an earlier one did."""

    source: str
    obtained_at: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class Told:
    """That a message told a person of a source."""

    subject: int
    source: str
    message: int


@dataclass(frozen=True, slots=True)
class Known:
    """
    One source of a person's data.

    :param told_at: when the person was told; None while they were not
    :param message: the message that told them; None if none did
    """

    source: str
    obtained_at: datetime
    due_at: datetime
    told_at: datetime | None
    message: int | None
    exempt: Ground | None


@dataclass(frozen=True, slots=True)
class Group:
    """
    People of one source who have to be told by the same moment.

    :param number: how the group is named in addresses: its end, in milliseconds since 1970
    :param named: the policy in force declares the source; else nobody can be told it, and nobody is written to
    :param letters: how many a letter is on its way to
    :param without_way: how many no message reaches, so that staff have to tell them, or to say why not
    """

    source: str
    number: int
    named: bool
    obtained_at: datetime
    due_at: datetime
    people: int
    letters: int
    without_way: int


@dataclass(frozen=True, slots=True)
class Exemption:
    """A decision not to tell people, with its reason."""

    id: int
    source: str
    ground: Ground
    reason: str
    people: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Counts:
    """
    For an overview.

    :param open: people who have still to be told
    :param overdue: of them, those whose time is over
    :param for_staff: of them, those the house can't tell by itself
    :param next_due: when the next group's time is over
    """

    open: int
    overdue: int
    for_staff: int
    next_due: datetime | None
