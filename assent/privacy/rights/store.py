"""Answers for the erasures themselves: what is kept of them, and why."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.audit.contracts import Actor
from assent.foundation.personal import Erased, Held, Page

__all__ = ["RightsStore"]


class RightsStore:
    """Erasures hold ids of people who are gone; the ids are kept as proof and mean nobody any more."""

    name = "rights"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """A person who is held has no finished erasure."""
        return ()

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Nothing to hand over."""
        return iter(())

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Actor, at: datetime) -> int:
        """Nothing to correct."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Actor, at: datetime) -> int:
        """Nothing to restrict."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> Erased:
        """Keep the bare ids as proof that the erasure happened."""
        return Erased(self.name, 0, kept=len(subjects), kept_because="proof of the erasure, without anything about the person")
