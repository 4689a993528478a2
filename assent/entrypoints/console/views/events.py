"""Live counts of what comes in: admitted, refused by reason, and names the policy doesn't know."""

from datetime import timedelta

from django.http import HttpResponse

from assent.entrypoints.console import reasons, tallies, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.foundation import clock
from assent.ingest import api as ingest
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy.contracts import Permission

__all__ = ["counts", "live"]


@desk(Permission.EVENTS_READ)
def live(request: DeskRequest) -> HttpResponse:
    """Show the counts; the page asks again every few seconds."""
    here = request.desk.controller.id
    context = _counted(here) | {"gaps": ingest.gaps(controller=here), "aside": ingest.set_aside(controller=here)}
    return show(request, "console/events.html", context)


@desk(Permission.EVENTS_READ)
def counts(request: DeskRequest) -> HttpResponse:
    """Show the counts alone, for the page that is open already."""
    return show(request, "console/events_counts.html", _counted(request.desk.controller.id))


def _counted(controller: int) -> dict[str, object]:
    now = clock.now()
    rows = ingest.counts(controller=controller, since=tallies.midnight(), until=now)
    today = tallies.tally(rows)
    hour = tallies.tally(row for row in rows if row.hour > now - timedelta(hours=1))
    return {
        "today": today,
        "hour": hour,
        "refused": reasons.by_count(today.reasons),
        "kinds": [(_title(controller, key), count) for key, count in today.kinds.most_common()],
        "now": now,
    }


def _title(controller: int, key: str) -> str:
    try:
        declared = policy.current(controller=controller).policy.events.get(key)
    except NoPolicy:
        return key
    return words.local(declared.title) if declared else str(words.CHOICES.get(key, key))
