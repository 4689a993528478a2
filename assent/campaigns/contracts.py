"""What crosses the wall of this room: templates, campaigns and how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assent.segments.contracts import Problem

__all__ = [
    "BadTemplate",
    "CampaignInfo",
    "CampaignProgress",
    "CampaignState",
    "NotNow",
    "Problem",
    "TemplateInfo",
    "Unfit",
    "UnknownCampaign",
    "UnknownTemplate",
]


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class Unfit(StrEnum):
    """Why a campaign could not go out under another policy."""

    PURPOSE = "purpose"
    """its purpose would be gone"""
    CHANNEL = "channel"
    """its purpose would not use the channel"""
    NOT_YET = "not_yet"
    """its purpose would start later than the campaign"""
    SEGMENT = "segment"
    """its segment could not be used"""
    WORDS = "words"
    """its words ask for what the purpose could not use"""


class UnknownTemplate(LookupError):
    """The controller has no such template."""


class UnknownCampaign(LookupError):
    """The controller has no such campaign."""


class NotNow(RuntimeError):
    """The campaign's state does not allow this; the message says which states do."""


class BadTemplate(ValueError):
    """A template that can't be used; ``problems`` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """
    One version of a template.

    :param id: the version's number everywhere; a template that is changed gets a new version
    :param variables: names the words ask for, besides what every message has
    """

    id: int
    name: str
    version: int
    languages: tuple[str, ...]
    subjects: Mapping[str, str]
    bodies: Mapping[str, str] = field(repr=False)
    variables: frozenset[str]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignInfo:
    """A campaign as it was set up, and where it stands. ``variants`` are template versions with their shares."""

    id: int
    name: str
    segment: int
    purpose: str
    channel: str
    variants: tuple[tuple[int, int], ...]
    sender_name: str
    sender_address: str
    reply_to: str
    state: CampaignState
    scheduled_at: datetime | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """
    How far a campaign is.

    :param matched: people who match its segment, before anybody's choice was asked
    :param lost: how many of them may not be approached, by reason
    :param filled: everybody who may be has a message in the outbox
    :param messages: messages by state (the words of ``dispatch.contracts.State``)
    """

    state: CampaignState
    matched: int
    lost: Mapping[str, int]
    filled: bool
    messages: Mapping[str, int]

    @property
    def total(self) -> int:
        """Messages put into the outbox so far."""
        return sum(self.messages.values())

    @property
    def open(self) -> int:
        """Messages that are not done with."""
        return sum(self.messages.get(state, 0) for state in ("due", "held", "handing_over"))
