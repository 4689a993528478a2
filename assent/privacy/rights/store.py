"""Answers for requests and erasures: what was said goes with the person, what happened stays as proof."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.rights import answers, models, rows
from assent.privacy.subjects import api as subjects

__all__ = ["RightsStore", "on_merge"]

AT_ONCE = 500


class RightsStore:
    """Requests hold bare ids, which mean nobody once the person is gone; their words are sealed under the person's key."""

    name = "rights"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count the person's requests."""
        with scope.controller(controller):
            return [
                Held(self.name, "requests", models.Request.objects.filter(subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over what the person asked, and how it was answered."""
        with scope.controller(controller):
            mine = list(models.Request.objects.filter(subject=subject).order_by("id"))
            known = rows.words_of(mine)
            listed = [
                {
                    "number": row.number,
                    "kind": row.kind,
                    "state": row.state,
                    "received": row.received_at.isoformat(),
                    "answered": row.answered_at.isoformat() if row.answered_at else "",
                    "asked": _plain(row, known),
                    "answer": "\n\n".join(filter(None, answers.read(row, known))),
                }
                for row in mine
            ]
        if listed:
            yield Page("rights/requests.json", "Your requests", listed)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Actor, at: datetime) -> int:
        """Correct nothing: a request says what was asked."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Actor, at: datetime) -> int:
        """Restrict nothing: requests are used for nothing but their answer."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> Erased:
        """Delete what was said; keep that it was asked, when, and how it ended."""
        removed = 0
        with scope.controller(controller):
            for start in range(0, len(subjects), AT_ONCE):
                theirs = models.Words.objects.filter(subject__in=list(subjects[start : start + AT_ONCE]))
                removed += theirs.delete()[0]
        because = "proof that requests were answered and erasures took place (art. 5(2)), without anything about the person"
        return Erased(self.name, removed, kept=len(subjects), kept_because=because)


def _plain(row: models.Request, known: dict[tuple[int, str], str]) -> str:
    asked = rows.asked_of(row, known)
    fields = [f"{name}: {value}" for name, value in asked.fields.items()]
    return "\n".join(filter(None, [*fields, asked.statement, asked.decision, asked.words, ", ".join(asked.purposes)]))


@transaction.atomic
def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """Let requests of ``other`` be those of ``into``; their words are sealed anew. A second call finds nothing to do."""
    with scope.controller(controller):
        mine = list(models.Request.objects.filter(subject=other).order_by("id"))
        kept = list(models.Words.objects.filter(subject=other).select_related("request"))
        labels = [f"request/{one.request.number}/{one.what}" for one in kept]
        opened = subjects.open_many(
            controller=controller,
            items=[(other, label, bytes(one.sealed)) for one, label in zip(kept, labels, strict=True)],
        )
        known = [(one, label, plain) for one, label, plain in zip(kept, labels, opened, strict=True) if plain is not None]
        sealed = subjects.seal_many(controller=controller, items=[(into, label, plain) for _, label, plain in known])
        for (one, _label, _plain_words), again in zip(known, sealed, strict=True):
            one.subject, one.sealed = into, again
            one.save(update_fields=["subject", "sealed"])
        for row in mine:
            alike = models.Request.objects.filter(subject=into, kind=row.kind, topic=row.topic, answered_at=None)
            if row.answered_at is None and alike.exists():
                row.topic = f"{row.topic}#{row.number}"  # two about the same stay two: each has a number somebody quotes
            row.subject = into
            row.save(update_fields=["subject", "topic"])
