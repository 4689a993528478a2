"""Answers for what is kept of a person: which recipients got what, and what recipients were told of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.foundation import scope
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.disclosures import models
from assent.privacy.disclosures.edges import of_person

__all__ = ["DisclosureStore"]

ROWS_AT_ONCE = 1_000


class DisclosureStore:
    """The store ``disclosures``."""

    name = "disclosures"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count hand-overs a person was in."""
        with scope.controller(controller):
            return [
                Held(self.name, "disclosures", models.Disclosed.objects.filter(subject_id=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Return who got what, for what, how often, and when last (art. 15(1)(c))."""
        rows = [
            {
                "recipient": one.name,
                "role": one.role,
                "country": one.country,
                "safeguard": one.safeguard,
                "purposes": list(one.purposes),
                "data": list(one.items),
                "ways": [way.value for way in one.ways],
                "times": one.times,
                "first_at": one.first_at.isoformat(),
                "last_at": one.last_at.isoformat(),
            }
            for one in of_person(controller=controller, subject=subject)
        ]
        if rows:
            yield Page("recipients.json", "Who received your data", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: Any) -> int:
        """Change nothing: that something was handed over stays true."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: Any) -> int:
        """Change nothing: every hand-over asks, and a restriction answers no."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: datetime) -> Erased:
        """Delete which hand-overs people were in. Notices keep bare ids, as proof that recipients were told."""
        removed = 0
        with scope.controller(controller):
            for start in range(0, len(subjects), ROWS_AT_ONCE):
                with transaction.atomic():
                    part = list(subjects[start : start + ROWS_AT_ONCE])
                    removed += models.Disclosed.objects.filter(subject_id__in=part).delete()[0]
        return Erased(self.name, removed)
