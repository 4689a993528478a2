"""Campaigns: written, sent, watched, stopped."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, CampaignInfo, CampaignState, NotNow, UnknownCampaign
from assent.entrypoints.console import reasons, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.forms.campaigns import CampaignForm
from assent.entrypoints.console.story import STATES
from assent.entrypoints.console.views.segments import titled
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.segments import api as segments
from assent.tenancy.contracts import Permission

__all__ = ["STANDS", "act", "campaign", "campaigns_list", "new", "progress", "send"]

CHANNEL = "email"

STANDS: dict[str, tuple[Any, str]] = {
    CampaignState.DRAFT: (words.STAGES["draft"], "plain"),
    CampaignState.SCHEDULED: (words.STAGES["scheduled"], "waiting"),
    CampaignState.SENDING: (words.STAGES["sending"], "active"),
    CampaignState.PAUSED: (words.STAGES["paused"], "waiting"),
    CampaignState.SENT: (words.STAGES["sent"], "permitted"),
    CampaignState.CANCELLED: (words.STAGES["cancelled"], "refused"),
}
ACTS = {
    "pause": (campaigns.pause, words.DONE["pause"]),
    "resume": (campaigns.resume, words.DONE["resume"]),
    "cancel": (campaigns.cancel, words.DONE["cancel"]),
}


@desk(Permission.CAMPAIGNS_READ)
def campaigns_list(request: DeskRequest) -> HttpResponse:
    """Show campaigns, newest first, and the templates they draw on."""
    here = request.desk.controller.id
    found = [(each, *STANDS[each.state], _progress(here, each)) for each in campaigns.campaigns(controller=here, limit=30)]
    return show(request, "console/campaigns.html", {"campaigns": found, "templates": campaigns.templates(controller=here)})


def _progress(controller: int, info: CampaignInfo) -> dict[str, Any]:
    found = campaigns.progress(controller=controller, campaign=info.id)
    states = [(*STATES[state], count) for state, count in found.messages.items() if count and state in STATES]
    return {
        "found": found,
        "states": states,
        "sent": found.messages.get("sent", 0),
        "done": found.total - found.open,
        "lost": reasons.by_count(found.lost),
        "lost_total": sum(found.lost.values()),
        "live": found.state in {CampaignState.SCHEDULED, CampaignState.SENDING},
    }


def _find(at: Desk, number: int) -> CampaignInfo:
    try:
        return campaigns.campaign(controller=at.controller.id, campaign=number)
    except UnknownCampaign:
        raise Http404 from None


@desk(Permission.CAMPAIGNS_WRITE)
def new(request: DeskRequest) -> HttpResponse:
    """Write a campaign; nothing is sent before somebody says so on its own page."""
    at = request.desk
    here = at.controller.id
    found, templates = titled(here), campaigns.templates(controller=here)
    initial = {"segment": request.GET.get("segment"), "template": request.GET.get("template"), **_sender(at)}
    form = CampaignForm(request.POST or None, initial=initial, segments=found, templates=templates)
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            purpose = segments.get(controller=here, segment=wanted["segment"]).purpose
            made = campaigns.create(controller=here, purpose=purpose, channel=CHANNEL, by=at.actor, at=clock.now(), **wanted)
        except BadTemplate as error:
            for problem in error.problems:
                form.add_error(None, str(problem))
        else:
            return redirect("console:campaign", made.id)
    context = {"form": form, "ready": bool(found and templates), "segments": found, "templates": templates}
    return show(request, "console/campaign_new.html", context, status=422 if form.errors else 200)


def _sender(at: Desk) -> dict[str, str]:
    try:
        said = policy.current(controller=at.controller.id).policy.controller
    except NoPolicy:
        return {"sender_name": at.controller.name}
    return {"sender_name": said.name, "sender_address": said.contact.email or ""}


@desk(Permission.CAMPAIGNS_READ)
def campaign(request: DeskRequest, number: int) -> HttpResponse:
    """Show a campaign: its message, its people, how far it is."""
    at = request.desk
    here, info = at.controller.id, _find(request.desk, number)
    template = campaigns.template(controller=here, template=info.variants[0][0])
    segment = next(((found, title) for found, title in titled(here) if found.id == info.segment), None)
    word, meaning = STANDS[info.state]
    context = {"info": info, "word": word, "meaning": meaning, "template": template, "segment": segment}
    return show(request, "console/campaign.html", context | _progress(here, info))


@desk(Permission.CAMPAIGNS_READ)
def progress(request: DeskRequest, number: int) -> HttpResponse:
    """Show how far a campaign is, for the page that is open already."""
    info = _find(request.desk, number)
    word, meaning = STANDS[info.state]
    context = {"info": info, "word": word, "meaning": meaning}
    answer = show(request, "console/campaign_progress.html", context | _progress(request.desk.controller.id, info))
    if request.htmx and info.state in {CampaignState.SENT, CampaignState.CANCELLED}:
        answer["HX-Refresh"] = "true"  # what could be done with it while it went out can't be done any more
    return answer


@desk(Permission.CAMPAIGNS_SEND)
def send(request: DeskRequest, number: int) -> HttpResponse:
    """Say how many would be written to, and send when told to."""
    at, now = request.desk, clock.now()
    here, info = at.controller.id, _find(request.desk, number)
    if request.method == "POST":
        try:
            campaigns.send(controller=here, campaign=number, by=at.actor, at=now)
        except NotNow:
            messages.warning(request, _("It was sent already."))
        else:
            messages.success(request, _("On its way. Each message is asked about once more before it leaves."))
        return redirect("console:campaign", number)
    audience = segments.members(controller=here, segment=info.segment, channel=info.channel, at=now)
    context = {
        "frame": "console/fragment.html" if request.htmx else "console/base.html",
        "info": info,
        "reached": len(audience.subjects),
        "matched": audience.matched,
        "lost": reasons.by_count(audience.lost),
    }
    return show(request, "console/campaign_send.html", context)


@require_POST
@desk(Permission.CAMPAIGNS_SEND)
def act(request: DeskRequest, number: int, deed: str) -> HttpResponse:
    """Pause, resume or cancel."""
    at, info = request.desk, _find(request.desk, number)
    if deed not in ACTS:
        raise Http404
    do, said = ACTS[deed]
    try:
        do(controller=at.controller.id, campaign=info.id, by=at.actor, at=clock.now())
    except NotNow:
        messages.warning(request, _("The campaign has moved on meanwhile; nothing was changed."))
    else:
        messages.success(request, said)
    return redirect("console:campaign", number)
