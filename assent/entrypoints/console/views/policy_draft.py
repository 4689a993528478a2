"""A draft of the statement: begun, looked over, thrown away."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import deeds
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.policy_editing import Sheet, wrong
from assent.entrypoints.console.policy_shapes import Part
from assent.entrypoints.console.policy_words import CHAPTERS, label
from assent.entrypoints.console.views.policy import spoken
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import DraftInfo, DraftOpen, EditedMeanwhile
from assent.tenancy.contracts import Permission

__all__ = ["discard", "draft", "opened", "revision", "start", "take_up"]

officer = desk(Permission.POLICY_WRITE)
TEMPLATE = settings.HOME / "policies"


def opened(request: DeskRequest) -> DraftInfo:
    """
    Return the draft on the desk.

    :raises Http404: if there is none
    """
    found = policy.draft_of(controller=request.desk.controller.id)
    if found is None:
        raise Http404
    return found


@officer
def draft(request: DeskRequest) -> HttpResponse:
    """Show the draft: its parts, what is wrong with it, and how far it is."""
    found = policy.draft_of(controller=request.desk.controller.id)
    if found is None:
        return redirect("console:policy")
    sheet = Sheet(found, (), spoken(), clock.now(), request.desk.controller.id)
    whole, findings = sheet.whole, sheet.findings()
    told = wrong(findings, whole, spoken())
    chapters = [
        (name, [_section(section, whole, told) for section in sections]) for name, sections in CHAPTERS
    ]  # fmt: skip
    newest = _newest(request)
    known = names(request.desk.controller.id)
    context = {
        "draft": found,
        "chapters": chapters,
        "wrong": told,
        "readable": whole is not None,
        "newest": newest,
        "overtaken": newest != found.based_on,
        "started_by": deeds.doer(found.started_by, known),
        "edited_by": deeds.doer(found.edited_by, known),
        "submitted_by": deeds.doer(found.submitted_by, known) if found.submitted_by else "",
        "four_eyes": policy.four_eyes(controller=request.desk.controller.id),
    }
    return show(request, "console/policy_draft.html", context)


def _section(section: str, whole: Any, told: list[Any]) -> dict[str, Any]:
    members = whole.get(section) if isinstance(whole, dict) else None
    counted = len(members) if isinstance(members, dict) and Part((section,), whole, "en").shape.kind == "map" else None
    if section == "retention":
        return {"key": section, "name": label(section, spoken()), "count": None, "errors": 0, "warnings": 0}
    mine = [one for one in told if one.finding.place.split(".")[0] == section]
    errors = sum(one.error for one in mine)
    return {
        "key": section,
        "name": label(section, spoken()),
        "count": counted,
        "errors": errors,
        "warnings": len(mine) - errors,
        "unwritten": members is None,
    }


@require_POST
@officer
def start(request: DeskRequest) -> HttpResponse:
    """Open a draft: from the version in force, from an earlier one, or from the template for a brand."""
    at = request.desk
    number = request.POST.get("version", "")
    more: dict[str, Any] = {"version": int(number)} if number.isdecimal() else {}
    if not policy.versions(controller=at.controller.id):
        own = TEMPLATE / at.controller.slug
        more = {"bundle": own if own.is_dir() else TEMPLATE / "brand"}
    try:
        policy.start_draft(controller=at.controller.id, by=at.actor, at=clock.now(), **more)
    except DraftOpen:
        messages.error(request, _("A draft is open already. Go on with it, or discard it first."))
    return redirect("console:policy-draft")


@officer
def discard(request: DeskRequest) -> HttpResponse:
    """Ask, and throw the draft away."""
    found = opened(request)
    if request.method != "POST":
        frame = "console/fragment.html" if request.htmx else "console/base.html"
        return show(request, "console/policy_discard.html", {"draft": found, "frame": frame})
    try:
        policy.discard_draft(
            controller=request.desk.controller.id, revision=revision(request), by=request.desk.actor, at=clock.now()
        )
    except EditedMeanwhile:
        messages.error(request, _("Somebody saved this draft a moment ago, so it was not thrown away."))
        return redirect("console:policy-draft")
    messages.success(request, _("The draft is gone. The version in force is untouched."))
    return redirect("console:policy")


@require_POST
@officer
def take_up(request: DeskRequest) -> HttpResponse:
    """Note that a version published meanwhile has been looked at."""
    at = request.desk
    try:
        policy.take_up(controller=at.controller.id, revision=revision(request), by=at.actor, at=clock.now())
    except EditedMeanwhile:
        messages.error(request, _("Somebody saved this draft a moment ago. Look at it once more."))
    return redirect("console:policy-draft")


def revision(request: DeskRequest) -> int:
    """Return the revision of the draft that somebody had before them."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _newest(request: DeskRequest) -> int:
    versions = policy.versions(controller=request.desk.controller.id)
    return versions[0].number if versions else 0
