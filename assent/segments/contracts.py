"""What crosses the wall of this room: definitions as a tree, what is wrong with one, and who is meant by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from assent.privacy.lawfulness.contracts import Why
from assent.privacy.policy.contracts import PropertyType
from assent.records.profiles.contracts import AttributeInfo

__all__ = [
    "All",
    "Attribute",
    "Audience",
    "Either",
    "Happened",
    "InvalidDefinition",
    "Loss",
    "NameTaken",
    "Node",
    "Not",
    "Op",
    "Problem",
    "PropertyRef",
    "SegmentInfo",
    "Test",
    "UnknownSegment",
]


class UnknownSegment(LookupError):
    """The controller has no such segment."""


class NameTaken(ValueError):
    """The controller has another segment of this name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was written: where (``all[1].event``, ``body ro``), what, and how to mend it."""

    place: str
    message: str
    cure: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.place or 'definition'}: {self.message} → {self.cure}"


class InvalidDefinition(ValueError):
    """A definition can't be used; ``problems`` names each reason."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep what was found."""
        self.problems: list[Problem] = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class Op(StrEnum):
    """How a value is tested. A list passes if one of its entries does; what is not there passes only ``known: false``."""

    IS = "is"
    IN = "in"
    OVER = "over"
    UNDER = "under"
    KNOWN = "known"
    WITHIN_DAYS = "within_days"
    """a day at most so many days ago"""


@dataclass(frozen=True, slots=True)
class Test:
    """An operator and its value: a text, number or truth; a tuple of them for ``in``."""

    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """People whose attribute passes."""

    info: AttributeInfo
    test: Test


@dataclass(frozen=True, slots=True)
class PropertyRef:
    """
    A property of an event.

    :param path: ``total``, or ``products.category`` for any of the products
    :param many: it lies in a list
    :param in_value: it is the event's value, kept in hundredths in a column of its own
    """

    path: str
    type: PropertyType
    many: bool
    in_value: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """
    People with events of a kind: so many of them, or summing up to so much.

    :param kind: message type, ``track`` and so on
    :param name: the event's name; None for any but ``except_names``
    :param at_least: number of events, if ``total`` is None
    :param total: property that is summed and must come ``over`` the limit, or ``reach`` it
    """

    kind: str
    name: str | None
    except_names: tuple[str, ...] = ()
    at_least: int = 1
    at_most: int | None = None
    total: PropertyRef | None = None
    limit: float = 0
    reach: bool = False
    within_days: int | None = None
    where: tuple[tuple[PropertyRef, Test], ...] = ()


@dataclass(frozen=True, slots=True)
class All:
    """People who pass every part."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """People who pass some part."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """People who do not pass."""

    part: "Node"


Node = All | Either | Not | Attribute | Happened


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """A segment as others see it."""

    id: int
    name: str
    purpose: str
    definition: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Loss:
    """
    What a segment would lose under another policy.

    :param names: attributes, events and ``event.property`` it tests that would no longer be kept for its purpose
    :param purpose: its purpose would be gone, so nothing of it could be used
    """

    segment: SegmentInfo
    names: tuple[str, ...]
    purpose: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """
    Who is meant and may be approached, for one purpose on one channel, at one moment.

    :param subjects: who may be; sorted
    :param matched: how many the definition fits
    :param lost: how many of them may not be approached, by reason
    """

    subjects: npt.NDArray[np.int64]
    matched: int
    lost: Mapping[Why, int] = field(default_factory=dict)
