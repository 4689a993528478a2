"""The first page: what came in, what was refused and why, and what waits for staff."""

from django.http import HttpResponse

from assent.campaigns import api as campaigns
from assent.entrypoints.console import reasons, tallies, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.notes import notes
from assent.foundation import clock
from assent.ingest import api as ingest
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import verdict_of
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis, Channel, NoPolicy
from assent.privacy.subjects import api as subjects
from assent.tenancy.contracts import Permission

__all__ = ["overview", "reach"]

DAYS = 14
LATEST = 5  # campaigns


@desk()
def overview(request: DeskRequest) -> HttpResponse:
    """Show the day so far, the fortnight behind it, and what needs a hand."""
    at = request.desk
    here, now = at.controller.id, clock.now()
    context: dict[str, object] = {}
    if Permission.PEOPLE_READ in at.permissions:
        context["people"] = subjects.count(controller=here)
    if Permission.EVENTS_READ in at.permissions:
        chart, today = tallies.drawn(here, DAYS, now)
        context |= {
            "chart": chart,
            "today": today,
            "refused": reasons.by_count(today.reasons),
            "gaps": ingest.gaps(controller=here),
        }
    if Permission.CAMPAIGNS_READ in at.permissions:
        context["sent"], context["queued"] = _messages(here)
    try:
        compiled = policy.current(controller=here)
    except NoPolicy:
        context["no_policy"] = True
    else:
        if Permission.POLICY_READ in at.permissions:
            context |= notes(compiled, at.controller, at=now)
    return show(request, "console/overview.html", context)


def _messages(controller: int) -> tuple[int, int]:
    """Return how many messages of the latest campaigns were sent, of how many."""
    latest = campaigns.campaigns(controller=controller, limit=LATEST)
    found = [campaigns.progress(controller=controller, campaign=each.id) for each in latest]
    return sum(each.messages.get("sent", 0) for each in found), sum(each.total for each in found)


@desk(Permission.PEOPLE_READ)
def reach(request: DeskRequest) -> HttpResponse:
    """Count who agreed to be written to by e-mail; asked for by itself, since it reads every standing."""
    here, now = request.desk.controller.id, clock.now()
    try:
        compiled = policy.current(controller=here)
    except NoPolicy:
        return show(request, "console/reach.html", {"lines": []})
    total = subjects.count(controller=here)
    lines = []
    for key, purpose in compiled.policy.purposes.items():
        if purpose.direct_marketing and purpose.basis is Basis.CONSENT and Channel.EMAIL in purpose.channels:
            columns = lawfulness.allowed(controller=here, purpose=key, channel=Channel.EMAIL.value, at=now)
            may = int(lawfulness.is_yes(columns.verdicts).sum())
            # Everybody about whom nothing is written down has the same answer.
            may += total - len(columns.subjects) if verdict_of(columns.default).yes else 0
            lines.append((words.local(purpose.title), may, total))
    return show(request, "console/reach.html", {"lines": lines})
