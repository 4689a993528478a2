"""Answers for what of a person is still on its way in, or was set aside."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction

from assent.foundation.crypto import CannotOpen
from assent.foundation.personal import Erased, Held, NotYet, Page
from assent.ingest import models, tallies
from assent.ingest.api import open_log

__all__ = ["ArrivalStore"]


class ArrivalStore:
    """The arrival log and the messages set aside."""

    name = "arrival"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count messages set aside. What waits in the log is sealed with everybody else's and gone within seconds."""
        rows = models.SetAside.objects.filter(controller_id=controller, subject=subject)
        return [Held(self.name, "messages set aside", rows.count())]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over the messages set aside, as they were sent."""
        rows = models.SetAside.objects.filter(controller_id=controller, subject=subject).order_by("id")
        held = [{"at": row.at.isoformat(), "why": row.reason, "message": _text(row)} for row in rows]
        if held:
            yield Page("arrival/set-aside.json", "Messages that could not be processed", held)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: Any) -> int:
        """Change nothing: a message on its way in is what was sent."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: Any) -> int:
        """Mark nothing: whatever leaves the log passes the gate, which asks."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: Any) -> Erased:
        """
        Wait until everything that arrived before the erasure began has passed the gate, which drops what these people sent.

        :raises NotYet: until then, and until no file of the log holds a byte of what was consumed
        """
        log = open_log()
        try:
            _mark(controller, subjects, log.tail(), at)
            consumed = log.consumed()
            marks = models.ErasureMark.objects.filter(controller_id=controller, subject__in=subjects)
            ahead = {mark.partition for mark in marks if consumed.get(mark.partition, 0) < mark.upto}
            if ahead:
                message = "events that arrived before the erasure are still on their way in"
                raise NotYet(message)
            gone, _ = models.SetAside.objects.filter(controller_id=controller, subject__in=subjects).delete()
            if not log.settle():
                message = "the arrival log still has to overwrite what was taken from it"
                raise NotYet(message)
        finally:
            log.close()
        return Erased(self.name, gone)


@transaction.atomic
def _mark(controller: int, subjects: Sequence[int], tail: dict[str, int], at: Any) -> None:
    """Note how long the log is for each person whose erasure begins; who has a mark keeps it."""
    marked = set(
        models.ErasureMark.objects.filter(controller_id=controller, subject__in=subjects).values_list("subject", flat=True)
    )
    # Somebody marked while the log was empty has a mark as well, so that a later call does not wait for later events.
    ends = tail or {"": 0}
    models.ErasureMark.objects.bulk_create(
        models.ErasureMark(controller_id=controller, subject=subject, partition=partition, upto=upto, at=at)
        for subject in dict.fromkeys(subjects)
        if subject not in marked
        for partition, upto in ends.items()
    )


def _text(row: models.SetAside) -> str:
    try:
        return tallies.opened(row).decode(errors="replace")
    except CannotOpen:
        return ""
