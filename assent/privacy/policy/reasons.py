"""What became more than people agreed to, in words that are kept."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Reason", "What"]


class What(StrEnum):
    """What became more than people agreed to."""

    ENDED = "ended"
    """the purpose was given up in between; whoever agreed then agreed to something that is over"""
    BASIS = "basis"
    CONDITION = "condition"
    """of art. 9(2)"""
    MARKETING = "marketing"
    DATA = "data"
    SPECIAL_DATA = "special_data"
    SOURCE = "source"
    OPERATION = "operation"
    RECIPIENT = "recipient"
    ROLE = "role"
    TRANSFER = "transfer"
    FEATURE = "feature"
    """something the instructions to a recipient excluded before"""
    CHANNEL = "channel"
    RETENTION = "retention"
    WORDS = "words"


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One thing that became more: ``key`` names the data item, recipient, channel, or the path of the words."""

    what: What
    key: str = ""

    def __str__(self) -> str:
        """Return it as it is kept: ``recipient:meta``."""
        return f"{self.what}:{self.key}" if self.key else self.what.value

    @classmethod
    def read(cls, kept: str) -> "Reason":
        """Return what was kept."""
        what, _, key = kept.partition(":")
        return cls(What(what), key)
