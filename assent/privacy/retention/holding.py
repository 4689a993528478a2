"""Legal holds: what must not end yet, why, and until when."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.policy import api as policy
from assent.privacy.retention import models
from assent.privacy.retention.contracts import BadHold, HoldInfo, HoldReason, UnknownHold
from assent.tenancy import api as tenancy

__all__ = ["hold", "holds", "holds_on", "lasting", "release", "today"]

ROWS_AT_ONCE = 1_000
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,59}")
SOON = timedelta(days=30)


@transaction.atomic
def hold(
    *,
    controller: int,
    reason: HoldReason,
    reference: str,
    until: date,
    by: Actor,
    at: datetime,
    subjects: Sequence[int] | None = None,
    purpose: str = "",
) -> HoldInfo:
    """
    Let nothing end of some people, of a purpose, or of everyone, and return the hold.

    :param subjects: whom it is on; None for everyone
    :param purpose: only what is kept for it; empty for all
    :param reference: the file it belongs to; a code, never a name
    :param until: the last day it lasts; make another one to go on
    :raises BadHold: if it says nothing of that, or the day is over
    """
    code = " ".join(reference.split())
    if not REFERENCE.fullmatch(code):
        raise BadHold("name the file by its number, in letters, digits and . / _ -: a person's name would outlive them here")
    if until < today(controller, at):
        raise BadHold(f"{until.isoformat()} is over: give the last day on which the data are needed")
    if purpose and purpose not in policy.purpose_codes(controller=controller):
        raise BadHold(f"purpose {purpose[:63]!r} is not in the policy: leave it out, or take one that is")
    if subjects is not None and not subjects:
        raise BadHold("nobody is chosen: name the people, or put the hold on everyone")
    people = None if subjects is None else sorted(set(subjects))
    with scope.controller(controller):
        row = models.Hold.objects.create(
            controller_id=controller, reason=HoldReason(reason).value, reference=code, purpose=purpose,
            everyone=people is None, until=until, made_at=at, made_by=str(by),
        )  # fmt: skip
        on = [models.OnHold(controller_id=controller, hold=row, subject=one) for one in people or ()]
        models.OnHold.objects.bulk_create(on, batch_size=ROWS_AT_ONCE)
        detail: dict[str, str | int | bool] = {"reason": row.reason, "until": until.isoformat(), "everyone": row.everyone}
        where = f"hold:{row.pk}"
        if people is None:
            audit.write(Did.HOLD_MADE, controller=controller, by=by, at=at, on=where, purpose=purpose, detail=detail)
        else:
            audit.write_bulk(
                Did.HOLD_MADE, controller=controller, by=by, at=at, subjects=people, on=where, purpose=purpose, detail=detail
            )
    return _info(row, None if people is None else len(people))


@transaction.atomic
def release(*, controller: int, hold: int, by: Actor, at: datetime) -> None:
    """
    End a hold before its day. What is past its end goes with the next run.

    :raises UnknownHold: if there is none, or it was released before
    """
    with scope.controller(controller):
        open_ones = models.Hold.objects.filter(pk=hold, released_at=None)
        if not open_ones.update(released_at=at, released_by=str(by)):
            raise UnknownHold(f"there is no hold {hold} to release: it was released before, or never made")
        audit.write(Did.HOLD_RELEASED, controller=controller, by=by, at=at, on=f"hold:{hold}")


def holds(*, controller: int, at: datetime, lasting_only: bool = False, limit: int = 200) -> list[HoldInfo]:
    """Return the holds, those that last first, the one that ends soonest before the others."""
    day = today(controller, at)
    with scope.controller(controller):
        rows = models.Hold.objects.order_by("-pk")
        if lasting_only:
            rows = rows.filter(released_at=None, until__gte=day)
        found = _infos(rows[:limit])
    return sorted(found, key=lambda one: (not one.holds(day), one.until))


def lasting(*, controller: int, at: datetime) -> tuple[list[HoldInfo], dict[int, list[int]]]:
    """Return the holds that last, and whom those are on that are not on everyone."""
    with scope.controller(controller):
        rows = list(models.Hold.objects.filter(released_at=None, until__gte=today(controller, at)).order_by("pk"))
        people: dict[int, list[int]] = {row.pk: [] for row in rows if not row.everyone}
        for number, subject in models.OnHold.objects.filter(hold__in=list(people)).values_list("hold_id", "subject"):
            people[number].append(subject)
    return [_info(row, None if row.everyone else len(people[row.pk])) for row in rows], people


def holds_on(*, controller: int, subject: int, at: datetime) -> list[HoldInfo]:
    """
    Return the holds that keep data of one person from being erased, those on a purpose included.

    Whoever erases on request asks this first: what a hold is on stays, and the person is told why and until when.
    """
    with scope.controller(controller):
        rows = models.Hold.objects.filter(released_at=None, until__gte=today(controller, at))
        mine = models.OnHold.objects.filter(subject=subject).values("hold_id")
        return _infos((rows.filter(everyone=True) | rows.filter(pk__in=mine)).order_by("until"))


def today(controller: int, at: datetime) -> date:
    """Return the day it is where the controller is."""
    return at.astimezone(ZoneInfo(tenancy.controller_by_id(id=controller).time_zone)).date()


def _infos(rows: Iterable[models.Hold]) -> list[HoldInfo]:
    found = list(rows)
    counted = dict(
        models.OnHold.objects.filter(hold__in=[row.pk for row in found]).values_list("hold_id").annotate(n=Count("subject"))
    )
    return [_info(row, None if row.everyone else counted.get(row.pk, 0)) for row in found]


def _info(row: models.Hold, people: int | None) -> HoldInfo:
    return HoldInfo(
        id=row.pk, reason=HoldReason(row.reason), reference=row.reference, purpose=row.purpose, people=people,
        until=row.until, made_at=row.made_at, made_by=row.made_by, released_at=row.released_at,
    )  # fmt: skip
