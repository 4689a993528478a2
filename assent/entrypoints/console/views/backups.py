"""Backups: from when on nothing erased can come back, what copies there are, and whether the way back was tried."""

from datetime import datetime

from django.http import HttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from assent.backups import api as backups
from assent.backups.contracts import Kind, Status
from assent.entrypoints.console import words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.foundation import clock
from assent.tenancy.contracts import Permission

__all__ = ["overview"]

SHOWN = 20
STEPS = (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")


@desk(Permission.AUDIT_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show the horizon, the last drill, the journal's second place, and the latest copies."""
    at = clock.now()
    found = backups.status(at=at)
    kinds = {Kind.DATA: _("data"), Kind.KEYS: _("keys")}
    context = {
        "found": found,
        "kept": {kind.value: words.span(found.periods.of(kind)) for kind in Kind} if found.periods.data else {},
        "copies": [(one, kinds[one.kind], _size(one.size)) for one in found.backups[:SHOWN]],
        "more": max(0, len(found.backups) - SHOWN),
        "late": _late(found, at),
        "journal_behind": found.journal is not None and found.journal[0] < found.journal[1],
    }
    return show(request, "console/backups.html", context)


def _size(count: int) -> str:
    for step, unit in STEPS:
        if count >= step:
            return f"{number_format(count / step, 1)} {unit}"
    return f"{count} B"


def _late(found: Status, at: datetime) -> bool:
    """Say whether a copy should have been made by now: twice the time between two has passed."""
    newest = next((one for one in found.backups if one.kind is Kind.DATA), None)
    return found.configured and newest is not None and newest.made_at < at - 2 * found.every
