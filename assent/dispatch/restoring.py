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
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy, Span
from assent.privacy.subjects import api as subjects_api

__all__ = ["forget_marks", "handed_over", "mark_unknown"]


def handed_over(*, subjects: Sequence[int], detail: Mapping[str, object], at: datetime) -> list[HandedOver]:
    """
    Return what a line of the journal says was handed over.

    :raises ValueError: if the line can't be understood
    """
    occasions = json.loads(str(detail["occasions"]))
    marks = str(detail.get("marks", "," * (len(subjects) - 1))).split(",")  # lines of older versions have none
    told = zip(subjects, str(detail["messages"]).split(","), str(detail["of"]).split(","), marks, strict=True)
    found = []
    for subject, message, which, mark in told:
        occasion, purpose = (str(one) for one in occasions[int(which)])
        found.append(HandedOver(int(message), subject, occasion, purpose, str(detail["channel"]), at, bytes.fromhex(mark)))
    return found


@transaction.atomic
def mark_unknown(*, controller: int, handed_over: Sequence[HandedOver], by: Actor, at: datetime) -> int:
    """
    Mark messages as unknown that a restored copy would send, though the journal knows they were handed over.

    Also those it has never heard of: a campaign that is filled again would make them anew. Of people it has never heard of
    the mark of the address is kept, by which the gate knows them should they be added again. A second call finds nothing to do.

    :return: how many the copy was wrong about
    """
    wrong: list[int] = []
    with scope.controller(controller):
        for start in range(0, len(handed_over), ROWS_AT_ONCE):
            some = handed_over[start : start + ROWS_AT_ONCE]
            part = {(one.occasion, one.subject, one.channel): one for one in some}
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
            gone = {one.mark: one.subject for one in some if one.mark and one.subject not in here}
            wrong += [gone[mark] for mark in _remember(controller, list(gone), at=at)]
        if wrong:
            detail: dict[str, str | int | bool] = {"unknown": len(wrong)}
            audit.write_bulk(Did.MESSAGES_DONE, controller=controller, by=by, at=at, subjects=wrong, detail=detail)
    return len(wrong)


def _remember(controller: int, marks: Sequence[bytes], *, at: datetime) -> list[bytes]:
    """Keep marks, and return those that are new."""
    known = {bytes(one) for one in models.HadBefore.objects.filter(mark__in=marks).values_list("mark", flat=True)}
    new = [mark for mark in marks if mark not in known]
    models.HadBefore.objects.bulk_create(
        [models.HadBefore(controller_id=controller, mark=mark, restored_at=at) for mark in new], ignore_conflicts=True
    )
    return new


def forget_marks(*, controller: int, at: datetime) -> int:
    """Delete marks from restores so long ago that a copy made then has ended by the policy; return how many."""
    try:
        kept = Span.read(policy.current(controller=controller).policy.backups.data_kept)
    except NoPolicy:
        return 0
    with scope.controller(controller):
        moments = models.HadBefore.objects.values_list("restored_at", flat=True).distinct()
        over = [moment for moment in moments if kept.after(moment) <= at]
        return int(models.HadBefore.objects.filter(restored_at__in=over).delete()[0]) if over else 0
