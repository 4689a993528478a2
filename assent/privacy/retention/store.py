"""Answers for what retention itself keeps of a person: which holds are on them, which purposes ended, what was noted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.retention import models
from assent.privacy.retention.closing import forget_in_parcels
from assent.privacy.retention.drawing import ended

__all__ = ["RetentionStore", "on_merge"]


class RetentionStore:
    """The store ``retention``."""

    name = "retention"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count the holds on a person."""
        with scope.controller(controller):
            return [
                Held(self.name, "holds", models.OnHold.objects.filter(subject=subject).count()),
                Held(self.name, "endings", models.Ending.objects.filter(subject=subject).count()),
                Held(self.name, "moments", models.Noted.objects.filter(subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over which holds are on the person, why and until when."""
        with scope.controller(controller):
            mine = models.OnHold.objects.filter(subject=subject).values("hold_id")
            rows = [
                {"reason": row.reason, "reference": row.reference, "purpose": row.purpose, "until": row.until.isoformat()}
                for row in models.Hold.objects.filter(pk__in=mine).order_by("pk")
            ]
        if rows:
            yield Page("retention/holds.json", "What is kept for a claim", rows)
        over = [
            {"purpose": one.purpose, "why": one.why.value, "at": one.at.isoformat(), "stays_for": list(one.stays)}
            for one in ended(controller=controller, subject=subject)
        ]
        if over:
            yield Page("retention/ended.json", "What ended, and what your data are still kept for", over)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Nothing to correct."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to mark: nothing here is used for anything but keeping."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Delete rows."""
        removed = 0
        with scope.controller(controller):
            for model in (models.OnHold, models.Noted, models.Asked, models.Ending, models.Told):
                removed += among(model.objects.all(), "subject", subjects).delete()[0]
        removed += forget_in_parcels(controller=controller, people=list(subjects))
        return Erased(self.name, removed)


def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """Let the holds on ``other`` be on ``into``. A second call finds nothing to do."""
    del by, at
    with scope.controller(controller):
        theirs = list(models.OnHold.objects.filter(subject=other).values_list("hold_id", flat=True))
        rows = [models.OnHold(controller_id=controller, hold_id=number, subject=into) for number in theirs]
        models.OnHold.objects.bulk_create(rows, ignore_conflicts=True)
        models.OnHold.objects.filter(subject=other).delete()
        for model in (models.Noted, models.Asked, models.Ending, models.Told):
            rows_of = list(model.objects.filter(subject=other))
            for row in rows_of:
                row.subject = into
            model.objects.bulk_create(rows_of, ignore_conflicts=True)
            model.objects.filter(subject=other).delete()
