"""Stops as they cross rooms: what kind, about whom or which address, for what, and until what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["ALL", "BITS", "BadSuppression", "CannotLift", "Kind", "Suppression", "UnknownSuppression"]

ALL = ""
"""The purpose of a stop that holds for all of them."""


class Kind(StrEnum):
    """Why somebody must not be addressed, or their data not be used."""

    OBJECTION = "objection"
    """art. 21: the person objects to a purpose, or to all that are open to objection"""
    RESTRICTION = "restriction"
    """art. 18: kept, but not used, until one of its four grounds is settled"""
    UNSUBSCRIBE = "unsubscribe"
    """the person wants no more such messages on a channel"""
    BOUNCE = "bounce"
    """the address does not exist any more; nothing at all is sent there"""
    COMPLAINT = "complaint"
    """the person called a message unwanted (a mail provider's feedback loop)"""
    LEGAL_STOP = "legal_stop"
    """an authority, a court or the privacy officer stops everything but keeping"""

    @property
    def own_word(self) -> bool:
        """Whether it is the person's own no: nobody lifts it, only a later explicit consent of theirs overtakes it."""
        return self in {Kind.OBJECTION, Kind.UNSUBSCRIBE, Kind.COMPLAINT}


BITS = {kind: 1 << place for place, kind in enumerate(Kind)}
"""How kinds are written in columns. Never renumbered: stored rows keep their bits."""


class BadSuppression(ValueError):
    """A stop that says neither whom nor what it is about."""


class CannotLift(ValueError):
    """The stop is the person's own no, or has ended already."""


class UnknownSuppression(LookupError):
    """The controller has no stop with this number."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """
    One stop.

    :param subject: whom it is about; None if about an address
    :param field: ``email`` or ``phone`` if about an address
    :param token: the keyed hash of that address
    :param purpose: a purpose, or empty for all
    :param channel: a channel, or ``any``
    :param reason: a code; never a person's words
    :param lifted_at: when it ended, if it has
    :param lifted_because: why it ended
    """

    id: int
    kind: Kind
    subject: int | None
    field: str
    token: bytes | None
    purpose: str
    channel: str
    reason: str
    at: datetime
    by: str
    lifted_at: datetime | None = None
    lifted_because: str = ""
