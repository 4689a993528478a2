"""The worker's part: hand notices over, ask how far recipients are, and try again with growing pauses."""

import json
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.disclosures import models, ports
from assent.privacy.disclosures.contracts import Form, Notice, NoticeState, SettledBefore, Told, ToldHow, WayTo, What
from assent.privacy.disclosures.edges import _policy, name_of
from assent.privacy.disclosures.notices import LABEL, close
from assent.privacy.disclosures.rules import LAST_QUESTION, next_pause, settled
from assent.privacy.disclosures.ways import ways
from assent.privacy.subjects import api as subjects_api
from assent.tenancy import api as tenancy

__all__ = ["tell_recipients"]

log = logging.getLogger(__name__)

DISCLOSURES = Actor.system("disclosures")
LEASE = timedelta(minutes=5)  # longer than the slowest call may take
AT_ONCE = 20


def tell_recipients(*, at: datetime) -> bool:
    """Tell, or ask, those whose turn it is, of every controller; true if there may be more."""
    # A list, not a generator: one controller's queue must not keep another's from its turn.
    more = [_tell_some(info.id, at) for info in tenancy.controllers()]
    return any(more)


def _tell_some(controller: int, at: datetime) -> bool:
    with scope.controller(controller):
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        due = models.Notice.objects.filter(free, state__in=[NoticeState.PENDING, NoticeState.SENT], next_at__lte=at)
        numbers = list(due.order_by("next_at", "id").values_list("pk", flat=True)[:AT_ONCE])
        if not numbers:
            return False
        told_how = {(one.recipient, one.named): one for one in ways(controller=controller)}
        for number in numbers:
            # The update decides who tells when two workers look at once. An attempt counts before it is made, so that a
            # notice that kills its worker is tried less and less.
            mine = models.Notice.objects.filter(free, pk=number, state__in=[NoticeState.PENDING, NoticeState.SENT])
            if mine.update(lease_until=at + LEASE, attempts=F("attempts") + 1):
                row = models.Notice.objects.get(pk=number)
                way = told_how.get((row.recipient, row.named))
                notifier = ports.notifier(way.way) if way else None
                first = notifier.first_question if notifier else LAST_QUESTION
                _settle(row, _tell(row, way, notifier, controller), first_question=first, at=at)
        return len(numbers) == AT_ONCE


def _tell(row: models.Notice, way: WayTo | None, notifier: ports.Notifier | None, controller: int) -> Told:
    """Hand one notice over, outside any transaction; whatever breaks is "nothing arrived"."""
    if way is None or notifier is None:
        return Told(ToldHow.LATER, code="no way")
    opened = subjects_api.open_apart(controller=controller, number=row.apart or 0, label=LABEL, sealed=bytes(row.sealed))
    if opened is None:
        return Told(ToldHow.LATER, code="does not open")
    inside = json.loads(opened)
    found, info = _policy(controller), tenancy.controller_by_id(id=controller)
    notice = Notice(
        id=row.pk,
        controller=controller,
        controller_name=found.policy.controller.name if found else info.name,
        controller_contact=found.policy.rights.contact.email if found else "",
        language=info.language,
        recipient=row.recipient,
        recipient_name=name_of(found.policy if found else None, row.recipient, row.named),
        address=way.address,
        what=What(row.what),
        purpose=row.purpose,
        made_at=row.made_at,
        attempt=row.attempts,
        people=inside["people"],
        token=inside["token"],
        reference=row.reference,
        form=Form(inside["form"]),
    )
    try:
        return notifier.ask(notice) if row.state == NoticeState.SENT else notifier.tell(notice)
    except Exception:
        log.exception("a recipient could not be told; it is tried again later")
        return Told(ToldHow.LATER, code="broke off")


def _settle(row: models.Notice, told: Told, *, first_question: timedelta, at: datetime) -> None:
    state = settled(NoticeState(row.state), told)
    if state is NoticeState.ACKNOWLEDGED:
        try:
            close(
                controller=row.controller_id,
                notice=row.pk,
                state=state,
                by=DISCLOSURES,
                at=at,
                reference=told.reference,
                code=told.code,
            )
        except SettledBefore:
            log.info("a notice was settled by staff while its recipient answered")
        return
    arrived = state is NoticeState.SENT and row.state == NoticeState.PENDING
    attempts = 1 if arrived else row.attempts
    pause = next_pause(state, 99 if told.how is ToldHow.REFUSED else attempts, first_question)
    with transaction.atomic():
        # Only while it is open: staff, or the recipient's own answer, may have settled it during the call.
        still = models.Notice.objects.filter(pk=row.pk, state=row.state)
        changed = still.update(
            state=state.value,
            attempts=attempts,
            reference=(told.reference or row.reference)[:120],
            code=told.code[:60],
            next_at=at + pause,
            lease_until=None,
            sent_at=at if arrived else row.sent_at,
        )
        if changed and arrived:
            people = [int(one) for one in row.subjects]
            audit.write_bulk(
                Did.RECIPIENT_TOLD, controller=row.controller_id, by=DISCLOSURES, at=at, subjects=people, on=str(row.pk),
                detail={"recipient": row.recipient, "what": row.what},
            )  # fmt: skip
