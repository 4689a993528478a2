"""Answers for whom breaches and demands touched."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.breaches import models
from assent.privacy.breaches.affected import mine

__all__ = ["BreachStore"]

KEPT_BECAUSE = "the register of breaches and demands (arts. 5(2), 33(5)): numbers that lead to nobody once the key is gone"


class BreachStore:
    """The `PersonalDataStore` of this room. What the law forbids telling is not in a copy either, until the ban ends."""

    name = "breaches"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count the breaches somebody was affected by, and the demands that may be told of."""
        with scope.controller(controller):
            return [
                Held(self.name, "breaches", sum(1 for _ in mine(subject))),
                Held(self.name, "demands of authorities", len(_told(subject))),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over which breaches and demands those were."""
        with scope.controller(controller):
            breaches = [
                {"title": part.breach.title, "found": part.breach.found_at, "written_to": part.queued_at}
                for part in mine(subject)
            ]
            orders = [
                {"authority": one.authority, "ground": one.ground, "received": one.received_at, "handed_over": one.handed}
                for one in _told(subject)
            ]
        if breaches:
            yield Page("breaches/breaches.json", "Breaches that affected you", breaches)
        if orders:
            yield Page("breaches/demands.json", "Demands of authorities for your data", orders)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Actor, at: datetime) -> int:
        """What happened is not corrected."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Actor, at: datetime) -> int:
        """The ids are used for nothing but telling."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> Erased:
        """Keep the bare ids: the register must show whom a breach touched."""
        with scope.controller(controller):
            kept = sum(1 for subject in list(subjects)[:1000] for _ in mine(subject))
        return Erased(self.name, 0, kept=kept, kept_because=KEPT_BECAUSE if kept else "")


def _told(subject: int) -> list[models.Order]:
    return [row for row in models.Order.objects.filter(told_at__isnull=False) if str(subject) in row.subjects]
