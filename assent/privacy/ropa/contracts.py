"""
What a record of processing says: for a controller (GDPR art. 30(1)) and for a processor (art. 30(2)).

Words of the policy stand here in one language; what comes from a fixed list (a basis, a role, a kind) stands as its code,
and whoever shows the record says it in words.
"""

from dataclasses import dataclass
from datetime import date, datetime

from assent.privacy.policy.contracts import (
    Basis,
    Channel,
    Counted,
    DataKind,
    Operation,
    RecipientRole,
    SafeguardKind,
    SolutionRole,
    SourceKind,
    SpecialCondition,
    Storage,
    Then,
)

__all__ = [
    "Activity", "Authority", "ControllerRecord", "Copies", "Data", "Decision", "Ending", "Former", "Holder", "Measure",
    "NoPlatform", "Officer", "ProcessorRecord", "Receiver", "Safeguard", "Service", "Source", "Version", "Works",
    "WorksFor",
]  # fmt: skip


class NoPlatform(LookupError):
    """The policy names nobody who operates the software, so there is no processor to keep a record for."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which published policy a record was compiled from; 0 for a draft."""

    number: int
    digest: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """The data protection officer, or why there is none."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    none_because: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """
    Somebody with a name and an address in a record (arts. 30(1)(a), 30(2)(a)).

    :param country: two letters, as ISO 3166-1
    """

    name: str
    country: str
    address: str = ""
    legal_form: str = ""
    registration: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""
    postal: str = ""
    officer: Officer | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """The supervisory authority that may ask for the record (art. 30(4))."""

    name: str
    country: str
    website: str
    email: str
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """
    One category of personal data (art. 30(1)(c)).

    :param category: the term of fideslang
    :param dpv: the term of the Data Privacy Vocabulary's personal data extension
    :param special: of art. 9
    """

    key: str
    title: str
    category: str
    dpv: str
    kind: DataKind
    storage: Storage
    special: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from; a public source is named."""

    key: str
    title: str
    kind: SourceKind
    named: str = ""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """What protects data outside the European Economic Area (art. 30(1)(e))."""

    kind: SafeguardKind
    reference: str
    checked_on: date
    valid_until: date
    fallback: SafeguardKind | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """
    One recipient (art. 30(1)(d)).

    :param abroad: outside the European Economic Area, so that sending data there is a transfer
    """

    key: str
    name: str
    role: RecipientRole
    country: str
    services: str
    abroad: bool
    privacy_policy: str = ""
    safeguard: Safeguard | None = None
    instructions: str = ""
    excluded_features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """
    When data are erased, or what happens instead.

    :param duration: ISO 8601
    :param case: the circumstance, for an exception to the rule
    """

    duration: str
    counted_from: Counted
    then: Then
    key: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Former:
    """The basis a purpose had before, and why it was changed."""

    was: Basis
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Works:
    """A solution in which a purpose is carried out, and what the platform is in it."""

    key: str
    title: str
    role: SolutionRole
    agreement: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One purpose with everything art. 30(1)(b) to (f) asks of it, and its basis, which the article does not ask."""

    key: str
    title: str
    description: str
    basis: Basis
    subjects: tuple[str, ...]
    data: tuple[Data, ...]
    sources: tuple[Source, ...]
    operations: tuple[Operation, ...]
    receivers: tuple[Receiver, ...]
    ending: Ending
    exceptions: tuple[Ending, ...]
    solutions: tuple[Works, ...]
    channels: tuple[Channel, ...]
    direct_marketing: bool
    dpv: tuple[str, ...]
    fideslang: tuple[str, ...]
    special_condition: SpecialCondition | None = None
    interest: str = ""
    balancing: str = ""
    law: str = ""
    similar: str = ""
    obligatory: str = ""
    consent_expires: str = ""
    starts_on: date | None = None
    former: Former | None = None

    @property
    def transfers(self) -> tuple[Receiver, ...]:
        """The recipients outside the European Economic Area."""
        return tuple(receiver for receiver in self.receivers if receiver.abroad)


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of security (art. 30(1)(g)) and the check that shows it."""

    key: str
    title: str
    check: str


@dataclass(frozen=True, slots=True)
class Copies:
    """How long copies of data and of keys outlive an erasure, as ISO 8601 durations."""

    data_kept: str
    keys_kept: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision made by a machine alone (art. 22)."""

    title: str
    logic: str
    consequences: str
    safeguards: str


@dataclass(frozen=True, slots=True)
class ControllerRecord:
    """
    The record of a controller (art. 30(1)).

    :param joint: the other controllers it decides with, (a)
    :param activities: its purposes, (b) to (f), in the policy's order
    :param measures: of security, (g)
    """

    language: str
    version: Version
    slug: str
    controller: Holder
    authority: Authority
    joint: tuple[Holder, ...]
    activities: tuple[Activity, ...]
    measures: tuple[Measure, ...]
    copies: Copies
    decisions_statement: str
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """
    What a processor does for one controller in one solution (art. 30(2)(b)).

    :param under: the purposes it works for, by key and title
    """

    key: str
    title: str
    under: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    subjects: tuple[str, ...]
    data: tuple[Data, ...]
    receivers: tuple[Receiver, ...]

    @property
    def transfers(self) -> tuple[Receiver, ...]:
        """The recipients outside the European Economic Area (art. 30(2)(c))."""
        return tuple(receiver for receiver in self.receivers if receiver.abroad)


@dataclass(frozen=True, slots=True)
class WorksFor:
    """One controller and what is done on its behalf; ``measures`` are those its policy promises (art. 30(2)(d))."""

    slug: str
    version: Version
    controller: Holder
    instructions: str
    excluded_features: tuple[str, ...]
    services: tuple[Service, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class ProcessorRecord:
    """The record of a processor (art. 30(2))."""

    language: str
    processor: Holder
    controllers: tuple[WorksFor, ...]
