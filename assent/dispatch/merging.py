"""Two people turned out to be one: what becomes of their messages."""

from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import gate, models, outbox
from assent.dispatch.contracts import State
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.foundation.personal import NotYet
from assent.privacy.subjects import api as subjects

__all__ = ["on_merge"]


@transaction.atomic
def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """
    Move a person's messages and opt-out links to another, as two turned out to be one.

    Where both have a message of the same occasion, the one that is further on stays: nobody gets it twice.

    :raises NotYet: while a message to either is being handed over
    """
    if outbox.open_claims(controller=controller, subject=other) or outbox.open_claims(controller=controller, subject=into):
        text = "a message is being handed over; merge again in a few seconds"
        raise NotYet(text)
    with scope.controller(controller):
        models.UnsubscribeToken.objects.filter(subject_id=other).update(subject_id=into)
        mine = {(row.occasion, row.channel): row for row in models.Message.objects.filter(subject_id=into)}
        moved = 0
        for row in models.Message.objects.filter(subject_id=other):
            there = mine.get((row.occasion, row.channel))
            if there is not None and (there.state != State.DUE or row.state == State.DUE):
                row.delete()
                continue
            if there is not None:
                there.delete()
            if row.state == State.DUE:
                _seal_again(row, controller=controller, into=into, at=at)
            row.subject_id = into
            row.save()
            moved += 1
        if moved:
            audit.write(Did.MESSAGES_MOVED, controller=controller, by=by, at=at, about=into, detail={"messages": moved})


def _seal_again(row: models.Message, *, controller: int, into: int, at: datetime) -> None:
    """Seal variables under the other person's key; a message whose variables no longer open is cancelled."""
    label = gate.variables_label(row.occasion)
    plain = subjects.open_many(controller=controller, items=[(row.subject_id, label, bytes(row.variables))])[0]
    if plain is None:
        row.state, row.done_ms, row.variables = State.CANCELLED, millis(at), b""
    else:
        row.variables = subjects.seal_many(controller=controller, items=[(into, label, plain)])[0]
