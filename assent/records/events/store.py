"""Answers for events when a person asks, or when their time is up."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from assent.foundation.clock import from_millis
from assent.foundation.personal import Erased, Held, Keep, Page, Surplus
from assent.records.events import api

__all__ = ["EventStore"]

ALL = 10_000_000


class EventStore:
    """Events in the lake. Reads of them pass the gate, so a restriction needs no mark here; what happened isn't corrected."""

    name = "events"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count the person's events."""
        return [Held(self.name, "event", api.count(controller=controller, subject=subject))]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over the events, a page per year, oldest first."""
        rows = api.timeline(controller=controller, subject=subject, purpose=None, limit=ALL)
        for row in rows:
            row["occurred_at"] = from_millis(row.pop("occurred_ms")).isoformat()
            row["received_at"] = from_millis(row.pop("received_ms")).isoformat()
        for year, some in groupby(reversed(rows), lambda row: row["occurred_at"][:4]):
            yield Page(f"events/{year}.json", f"Events of {year}", list(some))

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Nothing to correct: an event says what was sent."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to mark: every use asks the gate."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Remove rows and old files."""
        return Erased(self.name, api.erase(controller=controller, subjects=subjects))

    def narrow(self, *, controller: int, keep: Keep, remove: bool, by: Any, at: Any) -> list[Surplus]:
        """Let events be kept for live purposes only."""
        records, people = api.narrow(controller=controller, keep=keep, remove=remove)
        return [Surplus(self.name, "event", records, people)] if records else []

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Hand over events that were admitted for one of the purposes, with the properties those may keep."""
        return api.admitted_for(controller=controller, purposes=purposes, subjects=subjects)
