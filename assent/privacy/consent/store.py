"""Answers for the choices of people when one asks, or when their data end."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from assent.foundation import scope
from assent.foundation.clock import from_millis, now
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.consent import api, models
from assent.privacy.consent.contracts import Choice
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import CHANNEL_CODES

__all__ = ["ConsentStore"]

KEPT_BECAUSE = "proof that choices were followed (GDPR art. 17(3)(b), (e)), under a number that leads to nobody any more"


class ConsentStore:
    """The `PersonalDataStore` of this room."""

    name = "consent"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count proofs and what stands."""
        with scope.controller(controller):
            return [
                Held(self.name, "consent records", models.ConsentRecord.objects.filter(subject=subject).count()),
                Held(self.name, "standing choices", models.Standing.objects.filter(subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over every choice with what it stood on, and its receipt as the file that can be checked."""
        # Signing what is younger than the last checkpoint needs a moment, and whoever exports gives none.
        kept = api.receipts(controller=controller, subject=subject, at=now())
        rows = [
            {name: _plain(value) for name, value in asdict(record).items() if name != "subject"}
            for record in api.records(controller=controller, subject=subject)
        ]
        if rows:
            yield Page("consent/choices.json", "What you agreed to or refused", rows)
        for one in kept:
            yield Page(f"consent/{one.name}", "", (), raw=one.data)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: Any) -> int:
        """Change nothing: a choice is corrected by a later one."""
        del controller, subject, changes, by, at
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: Any) -> int:
        """Change nothing: choices are read only by the question, which knows of restrictions."""
        del controller, subject, on, by, at
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: Any) -> Erased:
        """Forget what stands, and every salt; the proofs stay, about a number that leads to nobody."""
        del by, at
        removed = 0
        with scope.controller(controller):
            for start in range(0, len(subjects), 100):
                people = subjects[start : start + 100]
                with transaction.atomic():
                    removed += models.Standing.objects.filter(subject__in=people).delete()[0]
                    models.ConsentRecord.objects.filter(subject__in=people, salt__isnull=False).update(salt=None)
            kept = models.ConsentRecord.objects.filter(subject__in=subjects).count()
        return Erased(self.name, removed, kept, KEPT_BECAUSE if kept else "")

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Hand over the choices that stand about these purposes."""
        found = api.rows_for(controller=controller, subjects=list(subjects))
        keys = {policy.purpose_codes(controller=controller)[key]: key for key in purposes}
        channels = {code: name for name, code in CHANNEL_CODES.items()}
        given: dict[int, list[dict[str, Any]]] = {}
        for subject, purpose, channel, choice, at_ms in zip(
            *(found[name].tolist() for name in ("subject", "purpose", "channel", "choice", "at_ms")), strict=True
        ):
            if purpose in keys:
                row = {"purpose": keys[purpose], "channel": channels[channel], "choice": Choice(choice).name.lower()}
                given.setdefault(subject, []).append({**row, "at": from_millis(at_ms).isoformat()})
        return given


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else getattr(value, "name", value)
