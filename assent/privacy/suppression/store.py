"""Answers for the stops of people when one asks, or when their data end."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.suppression import api, models
from assent.privacy.suppression.contracts import Kind

__all__ = ["SuppressionStore"]

KEPT_BECAUSE = "the no must outlive the data (GDPR art. 21(3)): a keyed hash of the address, and numbers that lead to nobody"
HIDDEN = ("subject", "token")


class SuppressionStore:
    """The `PersonalDataStore` of this room."""

    name = "suppression"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count stops, and those that hold now."""
        with scope.controller(controller):
            return [
                Held(self.name, "stops ever made", models.Suppression.objects.filter(subject=subject).count()),
                Held(self.name, "stops that hold", models.Stop.objects.filter(subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over every stop and its end."""
        rows = [
            {name: _plain(value) for name, value in asdict(stop).items() if name not in HIDDEN}
            for stop in api.history(controller=controller, subject=subject)
        ]
        if rows:
            yield Page("suppression/stops.json", "Objections, restrictions and other stops", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: Any) -> int:
        """Change nothing: a stop is ended or followed by another, never altered."""
        del controller, subject, changes, by, at
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: datetime) -> int:
        """Restrict the use of a person's data (art. 18), or end that."""
        who = _actor(by)
        held = [stop for stop in api.active(controller=controller, subject=subject) if stop.kind is Kind.RESTRICTION]
        if on and not held:
            api.suppress(controller=controller, kind=Kind.RESTRICTION, subject=subject, reason="request", by=who, at=at)
            return 1
        if not on:
            for stop in held:
                api.lift(controller=controller, suppression=stop.id, reason="request settled", by=who, at=at)
            return len(held)
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: datetime) -> Erased:
        """Forget the stops of people. What they objected to was handed on to their addresses before (`api.keep_no`)."""
        del by, at
        with scope.controller(controller), transaction.atomic():
            removed = models.Stop.objects.filter(subject__in=list(subjects)).delete()[0]
            kept = models.Suppression.objects.filter(subject__in=list(subjects)).count()
        return Erased(self.name, removed, kept, KEPT_BECAUSE if kept else "")


def _actor(by: str) -> Actor:
    kind, _, number = by.partition(":")
    return Actor(kind, number)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
