"""Who has still to be told where their data came from, by when, and what staff decide where no message can tell them."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from assent.entrypoints.console import words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.forms.sources import GROUNDS, ExemptForm, NameForm
from assent.entrypoints.console.request_words import Left
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy, Policy
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import ELSEWHERE, UNNAMED, BadExemption, Ground, Group, UnknownSource
from assent.privacy.subjects import api as subjects
from assent.tenancy.contracts import Permission

__all__ = ["exempt", "group", "left", "name", "overview", "title"]

SHOWN = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One group with its words."""

    group: Group
    title: str
    left: Left


def title(found: Policy | None, source: str) -> str:
    """Return what a source is called; one that the policy lost by its key."""
    if source == UNNAMED:
        return _("Nobody said where from")
    known = found.sources.get(source) if found else None
    return source if known is None else words.local(known.title)


def left(one: Group, *, at: datetime) -> Left:
    """Say how much time is left to tell a group."""
    if at > one.due_at:
        late = (at - one.due_at).days + 1
        return Left(ngettext("%d day late", "%d days late", late) % late, "refused", 100)
    days = (one.due_at - at).days
    rest = round(100 * min((one.due_at - at) / max(one.due_at - one.obtained_at, one.due_at - at), 1))
    said = ngettext("%d day left", "%d days left", days) % days if days else _("today")
    return Left(said, "waiting" if rest < 50 else "permitted", rest)


@desk(Permission.REQUESTS_ANSWER)
def overview(request: DeskRequest) -> HttpResponse:
    """Show every group that has still to be told, the most urgent first, and what was decided instead."""
    here, now, found = request.desk.controller.id, clock.now(), _policy(request)
    lines = [Line(one, title(found, one.source), left(one, at=now)) for one in sources.groups(controller=here)]
    decided = [(one, title(found, one.source), GROUNDS[one.ground]) for one in sources.exemptions(controller=here)]
    return show(request, "console/sources.html", {"lines": lines, "decided": decided})


@desk(Permission.REQUESTS_ANSWER)
def group(request: DeskRequest, due: int) -> HttpResponse:
    """Show one group: its people, and what can be done where no message tells them."""
    return _group(request, due, request.GET.get("source", ""))


@require_POST
@desk(Permission.REQUESTS_ANSWER)
def exempt(request: DeskRequest, due: int) -> HttpResponse:
    """Decide that a group need not be told; a decision without a reason is none."""
    at, source, form = request.desk, request.POST.get("source", ""), ExemptForm(request.POST)
    if not form.is_valid():
        return _group(request, due, source, exempting=form, status=422)
    given = form.cleaned_data
    try:
        people = sources.exempt(
            controller=at.controller.id, source=source, due=due, ground=Ground(given["ground"]), reason=given["reason"],
            without_way=given["without_way"], by=at.actor, at=clock.now(),
        )  # fmt: skip
    except BadExemption:
        messages.warning(request, _("Nobody of this group has still to be told."))
        return redirect("console:sources")
    messages.success(request, ngettext("Written down for %d person.", "Written down for %d people.", people) % people)
    return redirect("console:sources")


@require_POST
@desk(Permission.REQUESTS_ANSWER)
def name(request: DeskRequest, due: int) -> HttpResponse:
    """Say where people came from who were brought in without it."""
    at = request.desk
    try:
        people = sources.name(
            controller=at.controller.id, due=due, source=request.POST.get("named", "-"), by=at.actor, at=clock.now()
        )
    except UnknownSource as why:
        messages.warning(request, str(why))
        return redirect("console:sources")
    messages.success(request, ngettext("Named for %d person.", "Named for %d people.", people) % people)
    return redirect("console:sources")


def _group(
    request: DeskRequest, due: int, source: str, *, exempting: ExemptForm | None = None, status: int = 200
) -> HttpResponse:
    at, now, found = request.desk, clock.now(), _policy(request)
    mine = next((one for one in sources.groups(controller=at.controller.id) if (one.source, one.number) == (source, due)), None)
    if mine is None:
        raise Http404
    inside = sources.members(controller=at.controller.id, source=source, due=due, limit=SHOWN)
    public = subjects.public_ids(controller=at.controller.id, subjects=inside)
    subjects.listed(controller=at.controller.id, subjects=list(public), by=at.actor, at=now, why="console.sources")
    known = sorted(found.sources.items(), key=lambda one: one[1].kind not in ELSEWHERE) if found else []
    declared = [(key, words.local(one.title)) for key, one in known]
    context = {
        "line": Line(mine, title(found, source), left(mine, at=now)),
        "people": sorted(public.values()),
        "more": max(mine.people - SHOWN, 0),
        "exempting": exempting or ExemptForm(initial={"without_way": mine.without_way > 0}),
        "naming": NameForm(sources=declared) if source == UNNAMED and declared else None,
    }
    return show(request, "console/sources_group.html", context, status=status)


def _policy(request: DeskRequest) -> Policy | None:
    try:
        return policy.current(controller=request.desk.controller.id).policy
    except NoPolicy:
        return None
