"""Dispatch's answers about a person: which messages were sent to them, for which purpose and on which basis."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.dispatch import models
from assent.dispatch.contracts import State
from assent.dispatch.rules import ROWS_AT_ONCE
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.foundation.personal import Erased, Held, NotYet, Page

__all__ = ["DispatchStore"]


class DispatchStore:
    """Messages of the outbox and the opt-out links in them."""

    name = "dispatch"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count messages and opt-out links."""
        with scope.controller(controller):
            return [
                Held(self.name, "messages", models.Message.objects.filter(subject_id=subject).count()),
                Held(self.name, "opt-out links", models.UnsubscribeToken.objects.filter(subject_id=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Return each message: when, over which channel, for what, on which basis, and what became of it."""
        with scope.controller(controller):
            rows = [
                {
                    "made_at": from_millis(row.made_ms).isoformat(),
                    "done_at": None if row.done_ms is None else from_millis(row.done_ms).isoformat(),
                    "channel": row.channel,
                    "purpose": row.purpose,
                    "basis": row.basis,
                    "state": row.state,
                    "why": row.why,
                    "occasion": row.occasion,
                    "policy": row.policy_digest,
                }
                for row in models.Message.objects.filter(subject_id=subject).defer("variables").order_by("made_ms", "pk")
            ]
        if rows:
            yield Page("messages.json", "Messages to you", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: Any) -> int:
        """Change nothing: messages are a record of what was done, and hold no identifiers."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: Any) -> int:
        """Change nothing: every message asks at hand-over, and a restriction answers no."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: datetime) -> Erased:
        """
        Delete messages and opt-out links.

        :raises NotYet: while one of them is being handed over
        """
        removed = 0
        with scope.controller(controller):
            for start in range(0, len(subjects), ROWS_AT_ONCE):
                part = list(subjects[start : start + ROWS_AT_ONCE])
                with transaction.atomic():
                    rows = models.Message.objects.filter(subject_id__in=part)
                    if rows.filter(state=State.HANDING_OVER, claim_until_ms__gt=millis(at)).exists():
                        text = "a message is being handed over; ask again in a few seconds"
                        raise NotYet(text)
                    removed += rows.delete()[0]
                    removed += models.UnsubscribeToken.objects.filter(subject_id__in=part).delete()[0]
        return Erased(self.name, removed)
