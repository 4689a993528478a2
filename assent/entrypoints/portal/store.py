"""The portal's answers about a person: whether they are in, since when."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.entrypoints.portal import models
from assent.foundation import scope
from assent.foundation.clock import from_millis
from assent.foundation.personal import Erased, Held, Page

__all__ = ["PortalStore"]

AT_ONCE = 500


class PortalStore:
    """Sessions, and codes on their way."""

    name = "portal"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count sessions."""
        with scope.controller(controller):
            return [
                Held(self.name, "sessions", models.Session.objects.filter(subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Return when each session began and was last used; how it is recognised is a secret, also from a copy."""
        with scope.controller(controller):
            rows = [
                {
                    "began_at": from_millis(row.began_ms).isoformat(),
                    "last_seen_at": from_millis(row.seen_ms).isoformat(),
                    "signed_in_by": row.field,
                    "language": row.language,
                }
                for row in models.Session.objects.filter(subject=subject).order_by("began_ms")
            ]
        if rows:
            yield Page("sessions.json", "Your visits to these pages", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Nothing to correct."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to restrict: whoever restricts may still come in and look."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: datetime) -> Erased:
        """Delete sessions and codes."""
        removed = 0
        with scope.controller(controller):
            for start in range(0, len(subjects), AT_ONCE):
                part = list(subjects[start : start + AT_ONCE])
                removed += models.Knock.objects.filter(subject__in=part).delete()[0]
                removed += models.Session.objects.filter(subject__in=part).delete()[0]
        return Erased(self.name, removed)
