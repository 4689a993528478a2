"""
How often a key may call: so many requests a minute, whichever web process on whichever machine gets them.

Each process draws portions of the minute's allowance from the database and hands them out from memory, so that one
request in twenty writes a row. What a process has drawn and not used is lost for that minute: the limit is never exceeded,
and with several processes it may be missed by a few portions.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from assent.entrypoints.api import models
from assent.foundation import scope
from assent.tenancy.contracts import ApiKeyInfo

__all__ = ["forget", "wait_for"]

PORTIONS = 20  # of a minute's allowance


@dataclass(slots=True)
class _Pocket:
    """What this process may still hand out in a minute; ``dry`` when the database has no more."""

    minute: int
    left: int = 0
    dry: bool = False


_pockets: dict[int, _Pocket] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget what this process has drawn."""
    with _lock:
        _pockets.clear()


def wait_for(info: ApiKeyInfo, *, at: datetime) -> int:
    """Count a request of a key: 0 if it may go on, else the seconds until there is a new allowance."""
    minute, second = divmod(int(at.timestamp()), 60)
    if _take(info.id, minute, drawn=0):
        return 0
    dry = _pockets.get(info.id)
    if not (dry is not None and dry.minute == minute and dry.dry) and _take(info.id, minute, drawn=_draw(info, minute)):
        return 0
    return 60 - second


def _take(key: int, minute: int, *, drawn: int) -> bool:
    with _lock:
        pocket = _pockets.get(key)
        if pocket is None or pocket.minute != minute:
            pocket = _pockets[key] = _Pocket(minute)
        pocket.left += drawn
        if pocket.left:
            pocket.left -= 1
            return True
        return False


def _draw(info: ApiKeyInfo, minute: int) -> int:
    most: int = settings.ASSENT_API_PER_MINUTE
    portion = max(1, most // PORTIONS)
    with scope.controller(info.controller):
        row = models.Allowance.objects.filter(api_key=info.id)
        # Twice: of two requests that begin a minute together, one finds the row begun by the other and draws from it.
        for _ in range(2):
            if (
                row.filter(minute=minute, taken__lte=most - portion).update(taken=F("taken") + portion)
                or row.filter(minute__lt=minute).update(minute=minute, taken=portion)
                or _first(info, minute, portion)
            ):
                return portion
    with _lock:
        _pockets[info.id].dry = True
    return 0


def _first(info: ApiKeyInfo, minute: int, portion: int) -> bool:
    try:
        with transaction.atomic():
            models.Allowance.objects.create(controller_id=info.controller, api_key=info.id, minute=minute, taken=portion)
    except IntegrityError:
        return False  # it is there: empty, or begun just now
    return True
