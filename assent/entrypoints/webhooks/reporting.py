"""Reports a changed status to where the caller wants it, signed, and tried again with growing pauses (specification, 8.5)."""

import json
from datetime import datetime, timedelta

from django.db.models import F, Q

from assent.connectors.opendsr import house
from assent.entrypoints.webhooks import models
from assent.entrypoints.webhooks.passing import status_of
from assent.entrypoints.webhooks.saying import told
from assent.foundation import scope
from assent.foundation.http import CannotCall, call
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import UnknownRequest
from assent.tenancy import api as tenancy

__all__ = ["report"]

LEASE = timedelta(minutes=5)
AT_ONCE = 20
LOOK_EVERY = timedelta(seconds=30)
FIRST_PAUSE, LONGEST_PAUSE, ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 20
ENDED = {"completed", "cancelled"}


def report(*, at: datetime) -> bool:
    """Look at requests that other systems passed on and report those whose status has changed; true if there may be more."""
    more = [_report_some(info.id, info.slug, at) for info in tenancy.controllers()]
    return any(more)


def _report_some(controller: int, slug: str, at: datetime) -> bool:
    with scope.controller(controller):
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        due = list(models.PassedOn.objects.filter(free, next_at__lte=at).order_by("next_at", "id")[:AT_ONCE])
        for row in due:
            if models.PassedOn.objects.filter(free, pk=row.pk, next_at__lte=at).update(lease_until=at + LEASE):
                _one(row, slug, at)
        return len(due) == AT_ONCE


def _one(row: models.PassedOn, slug: str, at: datetime) -> None:
    try:
        status = status_of(rights.request(controller=row.controller_id, request=row.request, at=at))
    except UnknownRequest:
        status = "cancelled"
    arrived = status == row.status or _say(row, status)
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 12), LONGEST_PAUSE)
    given_up = not arrived and row.attempts + 1 >= ATTEMPTS
    ended = (arrived or given_up) and status in ENDED
    models.PassedOn.objects.filter(pk=row.pk).update(
        status=status if arrived or given_up else row.status,
        attempts=0 if arrived or given_up else F("attempts") + 1,
        next_at=None if ended else at + (LOOK_EVERY if arrived or given_up else pause),
        lease_until=None,
    )


def _say(row: models.PassedOn, status: str) -> bool:
    """Call every address the caller gave; whether each took it."""
    signer = house.ours()
    if signer is None:
        return False
    took = []
    for url in row.callbacks:
        body = json.dumps({**told(row, status=status), "status_callback_url": url}).encode()
        try:
            answer = call("POST", url, body=body, headers={"Content-Type": "application/json", **signer.headers(body)})
            took.append(200 <= answer.status < 300)
        except CannotCall:
            took.append(False)
    return all(took)
