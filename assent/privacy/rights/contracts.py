"""Nouns of rights that cross to other rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assent.foundation.personal import Erased

__all__ = ["ErasureReport", "ErasureState"]


class ErasureState(StrEnum):
    """How far an erasure is."""

    ERASING = "erasing"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """
    What an erasure has done so far, store by store.

    :param waits_for: what the last step waits for, in words; empty when done
    """

    id: int
    state: ErasureState
    people: int
    stores: Sequence[Erased]
    requested_at: datetime
    finished_at: datetime | None
    waits_for: str = ""
