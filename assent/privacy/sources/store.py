"""Answers for what this room keeps of a person: where their data came from, and when they were told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.personal import Erased, Held, Page
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.sources import models
from assent.privacy.sources.telling import known

__all__ = ["SourceStore", "on_merge"]


class SourceStore:
    """The store ``sources``."""

    name = "sources"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count the sources of a person's data."""
        with scope.controller(controller):
            return [Held(self.name, "sources", models.Origin.objects.filter(subject=subject).count())]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over where the person's data came from, since when, and when they were told (art. 15(1)(g))."""
        try:
            said = policy.current(controller=controller).policy
            language = said.controller.languages[0]
            titles = {key: source.title.say(language) for key, source in said.sources.items()}
        except NoPolicy:
            titles = {}
        rows = [
            {
                "source": one.source or "unnamed",
                "title": titles.get(one.source, ""),
                "obtained_at": one.obtained_at.isoformat(),
                "told_at": one.told_at.isoformat() if one.told_at else None,
                "message": one.message,
                "exempt": one.exempt.value if one.exempt else None,
            }
            for one in known(controller=controller, subject=subject)
        ]
        if rows:
            yield Page("person/sources.json", "Where your data came from", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Nothing to correct: where data came from is a record."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to mark: every message asks at hand-over, and a restriction answers no."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Delete rows: with them the person leaves the clock."""
        with scope.controller(controller):
            return Erased(self.name, among(models.Origin.objects.all(), "subject", subjects).delete()[0])


def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """
    Let ``into`` have the sources of both: what either was not told of is still to be told.

    Of one source that both have, they count as told if either was, and the earlier end holds. A second call finds nothing
    to do.
    """
    del by, at
    with scope.controller(controller):
        mine = {row.source: row for row in models.Origin.objects.filter(subject=into)}
        theirs = list(models.Origin.objects.filter(subject=other))
        for row in theirs:
            same = mine.get(row.source)
            if same is not None:
                first = min(same, row, key=lambda one: one.due_ms)
                told = min((one for one in (same, row) if one.told_ms is not None), key=lambda one: one.told_ms, default=same)
                row.obtained_ms, row.due_ms = first.obtained_ms, first.due_ms
                row.told_ms, row.message = told.told_ms, told.message
                row.exemption = same.exemption if same.exemption and row.exemption else None
                row.way, row.looks = same.way, same.looks
            row.subject = into
        models.Origin.objects.filter(subject=into, source__in=[row.source for row in theirs]).delete()
        models.Origin.objects.bulk_create(theirs)
        models.Origin.objects.filter(subject=other).delete()
