"""Nouns of legal time that cross to other rooms."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Pause"]


@dataclass(frozen=True, slots=True)
class Pause:
    """
    A time in which a period does not run, because the other side has to say something first.

    :param since: when we asked
    :param until: when the answer came; while it has not, the moment for which the end is counted
    """

    since: datetime
    until: datetime
