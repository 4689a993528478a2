"""After a restore: what the journal knows was handed over is never sent again."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import models, outbox
from assent.dispatch.contracts import LETTER, HandedOver, State
from assent.dispatch.rules import OPEN, ROWS_AT_ONCE
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.subjects import api as subjects_api

__all__ = ["handed_over", "mark_unknown"]


def handed_over(*, subjects: Sequence[int], detail: Mapping[str, object], at: datetime) -> list[HandedOver]:
    """
    Return what a line of the journal says was handed over.

    :raises ValueError: if the line can't be understood
    """
    occasions = json.loads(str(detail["occasions"]))
    told = zip(subjects, str(detail["messages"]).split(","), str(detail["of"]).split(","), strict=True)
    found = []
    for subject, message, which in told:
        occasion, purpose = (str(one) for one in occasions[int(which)])
        found.append(HandedOver(int(message), subject, occasion, purpose, str(detail["channel"]), at))
    return found


@transaction.atomic
def mark_unknown(*, controller: int, handed_over: Sequence[HandedOver], by: Actor, at: datetime) -> int:
    """
    Mark messages as unknown that a restored copy would send, though the journal knows they were handed over.

    Also those it has never heard of: a campaign that is filled again would make them anew. A second call finds nothing to do.

    :return: how many the copy was wrong about
    """
    wrong: list[int] = []
    with scope.controller(controller):
        for start in range(0, len(handed_over), ROWS_AT_ONCE):
            part = {(one.occasion, one.subject, one.channel): one for one in handed_over[start : start + ROWS_AT_ONCE]}
            occasions = {one.occasion for one in part.values()}
            numbers = {one.message: one.occasion for one in part.values()}
            rows = models.Message.objects.filter(occasion__in=occasions).filter(
                Q(subject_id__in={one.subject for one in part.values()}) | Q(pk__in=numbers)
            )
            known: set[tuple[str, int, str]] = set()
            late: list[models.Message] = []
            for row in rows.only("pk", "occasion", "subject_id", "channel", "state"):
                known.add((row.occasion, row.subject_id, row.channel))
                meant = (row.occasion, row.subject_id, row.channel) in part or numbers.get(row.pk) == row.occasion
                if meant and row.state in OPEN:
                    late.append(row)
            models.Message.objects.filter(pk__in=[row.pk for row in late]).update(
                state=State.UNKNOWN, code="restored", done_ms=millis(at), **outbox.NOTHING_LEFT_TO_SAY
            )
            here = subjects_api.public_ids(controller=controller, subjects=sorted({one.subject for one in part.values()}))
            new = [one for key, one in part.items() if key not in known and one.subject in here]
            models.Message.objects.bulk_create(
                models.Message(
                    controller_id=controller,
                    subject_id=one.subject,
                    occasion=one.occasion,
                    purpose=one.purpose,
                    channel=one.channel,
                    template=LETTER,
                    state=State.UNKNOWN,
                    code="restored",
                    not_before_ms=millis(one.at),
                    made_ms=millis(one.at),
                    done_ms=millis(at),
                )
                for one in new
            )
            wrong += [row.subject_id for row in late] + [one.subject for one in new]
        if wrong:
            detail: dict[str, str | int | bool] = {"unknown": len(wrong)}
            audit.write_bulk(Did.MESSAGES_DONE, controller=controller, by=by, at=at, subjects=wrong, detail=detail)
    return len(wrong)
