"""Answers for the book: people may read the lines about them; the lines stay, with ids that mean nobody after an erasure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.audit import models
from assent.audit.contracts import Actor
from assent.foundation.clock import from_millis
from assent.foundation.personal import Erased, Held, Page

__all__ = ["AuditStore"]


class AuditStore:
    """The book's side of access and erasure."""

    name = "audit"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count the lines about a person."""
        yield Held(self.name, "lines", models.Line.objects.filter(controller_id=controller, about=subject).count())

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over what was done, by which part or role, and when."""
        rows = models.Line.objects.filter(controller_id=controller, about=subject).order_by("id").iterator()
        found = [
            {"at": from_millis(row.at_ms).isoformat(), "what": row.did, "by": row.by.split(":")[0], "purpose": row.purpose}
            for row in rows
        ]
        if found:
            yield Page("audit.json", "What was done with your data", found)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Actor, at: datetime) -> int:
        """The past is not corrected."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Actor, at: datetime) -> int:
        """Lines are used for nothing but proof."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> Erased:
        """Keep the lines: accountability outlives the person, who can no longer be found from them."""
        kept = models.Line.objects.filter(controller_id=controller, about__in=list(subjects)[:1000]).count()
        return Erased(
            self.name, 0, kept=kept, kept_because="accountability (art. 5(2)); the ids lead to nobody once the key is gone"
        )
