"""What crosses the wall of this room: changes to attributes, and what attributes there are."""

from dataclasses import dataclass
from typing import NamedTuple

from assent.privacy.policy.contracts import FoldKind, PropertyType

__all__ = ["AttributeInfo", "Delta", "FoldKind", "Value"]


Value = str | int | float | bool | None


class Delta(NamedTuple):
    """
    One event's contribution to one attribute; a plain tuple, since a batch holds many thousands.

    ``value`` by kind: ``count``, ``sum`` a number (None counts 1 for ``count``); ``min``, ``max`` a number or an ISO day;
    ``first``, ``last`` an ISO day, or None for the UTC day of ``at_ms``; ``set_last`` any value.
    ``at_ms`` is when it happened, in milliseconds since 1970: of two values for ``set_last`` the later stays.
    """

    subject: int
    attribute: str
    kind: FoldKind
    value: Value
    at_ms: int


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """A declared attribute, what its values are, and the purposes it may be read for."""

    name: str
    type: PropertyType
    purposes: frozenset[str]
    source: str
    """``trait``, or the event it is folded from"""
