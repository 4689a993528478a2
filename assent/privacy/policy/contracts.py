"""
A privacy statement as data: what is processed, for which purposes, on which basis, until when.

:class:`Policy` is the schema of ``policy.yaml``; :class:`Compiled` is a published one with cheap look-ups.
"""

# ruff: noqa: RUF012 - pydantic copies a default before it hands it out

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from assent.privacy.policy.agreements import Duty, Party, Platform, Solution, SolutionRole, Terms
from assent.privacy.policy.features import FEATURES
from assent.privacy.policy.happenings import (
    Derivation,
    Derived,
    EventKind,
    EventType,
    Fold,
    FoldKind,
    PropertyRule,
    PropertyType,
    Trait,
)
from assent.privacy.policy.notices import (
    AutomatedDecision,
    AutomatedDecisions,
    Backups,
    Banner,
    ConsentCategory,
    Cookie,
    CookieKind,
    Deadlines,
    Measure,
    Right,
    Rights,
    Text,
    TextUse,
)
from assent.privacy.policy.parts import (
    EEA,
    Authority,
    Contact,
    Controller,
    DataItem,
    DataKind,
    DataProtectionOfficer,
    Duration,
    Instructions,
    Key,
    Language,
    Local,
    Model,
    Recipient,
    RecipientRole,
    Safeguard,
    SafeguardKind,
    Source,
    SourceKind,
    Storage,
)
from assent.privacy.policy.purposes import (
    CHANNEL_CODES,
    Basis,
    BasisChange,
    Channel,
    Counted,
    Operation,
    Override,
    Purpose,
    Retention,
    SoftOptIn,
    SpecialCondition,
    Then,
)
from assent.privacy.policy.reasons import Reason, What
from assent.privacy.policy.safeguards import CHECKS
from assent.privacy.policy.spans import Span

__all__ = [
    "CHANNEL_CODES", "CHECKS", "EEA", "FEATURES", "MAX_PURPOSES", "AskedAgain", "Authority", "AutomatedDecision",
    "AutomatedDecisions", "Backups", "Banner", "Basis", "BasisChange", "Channel", "Compiled", "ConsentCategory", "Contact",
    "Controller", "Cookie", "CookieKind", "Counted", "DataItem", "DataKind", "DataProtectionOfficer", "Deadlines",
    "Derivation", "Derived", "DraftInfo", "DraftOpen", "Duration", "Duty", "EditedMeanwhile", "EventKind", "EventType",
    "Finding", "Fold", "FoldKind", "FourEyes", "Instructions", "InvalidPolicy", "Key", "Language", "Local", "Measure",
    "Model", "NoDraft", "NoPolicy", "NotReady", "Operation", "Override", "Party", "Platform", "Policy", "PropertyRule",
    "PropertyType", "PublishedMeanwhile", "Purpose", "Reason", "Recipient", "RecipientRole", "Retention", "Right", "Rights",
    "Safeguard", "SafeguardKind", "Severity", "SoftOptIn", "Solution", "SolutionRole", "Source", "SourceKind", "Span",
    "SpecialCondition", "Storage", "Terms", "Text", "TextUse", "Then", "TooManyPurposes", "Trait", "UnknownVersion",
    "VersionInfo", "What", "WrongController",
]  # fmt: skip

# A row of the lake carries its purposes as bits of a signed 64-bit integer; one bit stays free.
MAX_PURPOSES = 62


class NoPolicy(LookupError):
    """The controller has published no policy, so nothing may be processed."""


class UnknownVersion(LookupError):
    """The controller never published a policy with this number or digest."""


class TooManyPurposes(ValueError):
    """The controller has used up its purpose codes; a code is never given twice."""


class WrongController(ValueError):
    """The bundle was written for another controller."""


class NoDraft(LookupError):
    """The controller has no draft open."""


class DraftOpen(RuntimeError):
    """The controller has a draft open already: what is being changed is changed together."""


class EditedMeanwhile(RuntimeError):
    """Somebody else saved the draft since it was read; nothing of theirs is overwritten."""


class NotReady(RuntimeError):
    """The draft can't be published yet; the message says why and how to go on."""


class FourEyes(PermissionError):
    """The controller publishes with four eyes, and this would take only two; the message says how to go on."""


class PublishedMeanwhile(RuntimeError):
    """Somebody else published at the same moment, so this publication did not see what it replaces."""


class Policy(Model):
    """A controller's privacy statement, complete enough to render and to enforce."""

    controller: Controller
    dated: date | None = None
    """the day the statement was written or last looked through; a version's own day is that of its publication"""
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
    platform: Platform | None = None
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
class DraftInfo:
    """
    A statement being written.

    :param based_on: number of the version it started from; 0 for a bundle
    :param files: ``policy.yaml`` and ``texts/<language>/<key>.md``, each path with its content
    :param same_meaning: paths of changed words of which an officer said that they mean what they meant, each with the mark
        of the words that was said of
    :param revision: counts each save; whoever saves says which one they had before them
    :param started_by: who, as the book writes it: ``staff:7``; likewise the others, empty where nobody did
    """

    id: int
    based_on: int
    files: Mapping[str, str]
    same_meaning: Mapping[str, str]
    revision: int
    started_at: datetime
    started_by: str
    edited_at: datetime
    edited_by: str
    submitted_at: datetime | None
    submitted_by: str
    approved_at: datetime | None
    approved_by: str


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """
    From a version on, consents to a purpose that were given under earlier ones are asked for again.

    :param versions: numbers of the versions under which they were given
    :param because: what became more since (see ``policy.changes``), as ``recipient:meta``
    """

    purpose: str
    versions: tuple[int, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """
    A published policy with cheap look-ups.

    ``purpose_codes`` are the controller's own small integers, stable over all versions (bit ``code`` of a mask in the
    lake); ``purpose_index`` counts the purposes of this version alone, in sorted order from 0. ``outdated`` names, per
    purpose, the versions under which consents were given that no longer cover it: they are asked for again.
    """

    policy: Policy
    number: int
    digest: str
    texts: Mapping[tuple[str, str], str]
    purpose_digests: Mapping[str, str]
    text_digests: Mapping[tuple[str, str], str]
    purpose_codes: Mapping[str, int]
    outdated: Mapping[str, frozenset[int]] = field(default_factory=dict)
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

    def answering(self, channel: str) -> str:
        """Return the purpose under which people are written to about their rights, empty if none uses the channel."""
        purposes = self.policy.purposes.items()
        return next((key for key, one in purposes if one.answers_people and channel in map(str, one.channels)), "")

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
