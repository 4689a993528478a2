"""Putting a statement in force: with what it would do named before, by a second pair of eyes where the brand asks for it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import deeds
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.policy_editing import wrong
from assent.entrypoints.console.policy_effects import foresee
from assent.entrypoints.console.views.policy import spoken
from assent.entrypoints.console.views.policy_draft import opened, revision
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import (
    DraftInfo,
    EditedMeanwhile,
    FourEyes,
    InvalidPolicy,
    NotReady,
    PublishedMeanwhile,
    TooManyPurposes,
    UnknownVersion,
    WrongController,
)
from assent.tenancy.contracts import Permission

__all__ = ["publish", "review", "rollback"]

officer = desk(Permission.POLICY_WRITE)
REFUSED = (FourEyes, NotReady, PublishedMeanwhile, TooManyPurposes, WrongController)


@officer
def publish(request: DeskRequest) -> HttpResponse:
    """Show what the draft would do, and put it in force once somebody has seen that."""
    at, found = request.desk, opened(request)
    if request.method == "POST":
        return _publish(request)
    if "effects" in request.GET:
        return _effects(request, found)
    return show(request, "console/policy_publish.html", _standing(request, found) | {"draft": found, "who": at.actor})


def _publish(request: DeskRequest) -> HttpResponse:
    at, now = request.desk, clock.now()
    try:
        made = policy.publish_draft(controller=at.controller.id, revision=revision(request), by=at.actor, at=now)
    except EditedMeanwhile:
        messages.error(request, _("Somebody saved this draft a moment ago. Look at what it would do now."))
        return redirect("console:policy-publish")
    except InvalidPolicy:
        messages.error(request, _("The draft has errors. Nothing was published."))
        return redirect("console:policy-draft")
    except REFUSED as refused:
        messages.error(request, str(refused))
        return redirect("console:policy-publish")
    messages.success(request, _("Version %d is in force.") % made.number)
    return redirect("console:policy")


def _standing(request: DeskRequest, found: DraftInfo) -> dict[str, Any]:
    """Return how far a draft is, and what whoever looks at it may do."""
    here, me = request.desk.controller.id, str(request.desk.actor)
    four_eyes, known = policy.four_eyes(controller=here), names(here)
    mine = found.edited_by == me
    return {
        "four_eyes": four_eyes,
        "mine": mine,
        "edited_by": deeds.doer(found.edited_by, known),
        "submitted_by": deeds.doer(found.submitted_by, known) if found.submitted_by else "",
        "approved_by": deeds.doer(found.approved_by, known) if found.approved_by else "",
        "may_publish": not four_eyes or (not mine and bool(found.submitted_by or found.approved_by)),
    }


def _effects(request: DeskRequest, found: DraftInfo) -> HttpResponse:
    here, now = request.desk.controller.id, clock.now()
    context: dict[str, Any] = {"draft": found, **_standing(request, found)}
    findings = policy.check_draft(controller=here, at=now)
    told = wrong(findings, None, spoken())
    context |= {"errors": sum(one.error for one in told), "warnings": [one for one in told if not one.error]}
    if not context["errors"]:
        loaded, consequences, marked = policy.consequences_of_draft(controller=here, at=now)
        context["effects"] = foresee(controller=here, said=loaded, outdated=consequences.outdated, at=now, language=spoken())
        context["reworded"] = [
            (one, one.path in marked, "\n".join(one.before.values()), "\n".join(one.after.values()))
            for one in consequences.reworded
        ]
    if request.htmx:
        return show(request, "console/policy_effects.html", context)
    return show(request, "console/policy_publish.html", context | {"counted": True})


@require_POST
@officer
def review(request: DeskRequest, deed: str) -> HttpResponse:
    """Give a draft to read, approve it, or say of changed words that they mean the same."""
    at, now, found = request.desk, clock.now(), opened(request)
    common: dict[str, Any] = {"controller": at.controller.id, "revision": revision(request), "by": at.actor, "at": now}
    try:
        if deed == "submit":
            policy.submit_draft(**common)
            messages.success(request, _("A colleague can read and publish it now."))
        elif deed == "approve":
            policy.approve_draft(**common)
            messages.success(request, _("Your approval is written in the book."))
        elif deed == "words":
            policy.save_draft(**common, same_meaning=_marks(request, found))
            messages.success(request, _("Saved."))
        else:
            raise Http404
    except EditedMeanwhile:
        messages.error(request, _("Somebody saved this draft a moment ago. Look at it once more."))
    except (FourEyes, InvalidPolicy) as refused:
        messages.error(request, str(refused) if isinstance(refused, FourEyes) else _("The draft has errors."))
    return redirect("console:policy-publish")


def _marks(request: DeskRequest, found: DraftInfo) -> dict[str, str]:
    """Return the marks of words that mean the same: those on the page as ticked, others as they were."""
    shown, same = request.POST.getlist("path"), set(request.POST.getlist("same"))
    kept = {path: mark for path, mark in found.same_meaning.items() if path not in shown}
    marks = dict(zip(shown, request.POST.getlist("mark"), strict=False))
    return kept | {path: mark for path, mark in marks.items() if path in same}


@officer
def rollback(request: DeskRequest, number: int) -> HttpResponse:
    """Show what putting an earlier version in force again would do, and do it."""
    at, now = request.desk, clock.now()
    here = at.controller.id
    try:
        old = policy.again(controller=here, number=number)
    except UnknownVersion:
        raise Http404 from None
    if request.method == "POST":
        try:
            made = policy.rollback(controller=here, to=number, by=at.actor, at=now)
        except (InvalidPolicy, *REFUSED) as refused:
            messages.error(request, str(refused))
            return redirect("console:policy-version", number)
        messages.success(request, _("Version %d is in force.") % made.number)
        return redirect("console:policy")
    findings = policy.rollback_findings(controller=here, to=number, at=now)
    context: dict[str, Any] = {"number": number, "wrong": wrong(findings, None, spoken())}
    if not findings:
        outdated = policy.consequences(controller=here, loaded=old).outdated
        context["effects"] = foresee(controller=here, said=old, outdated=outdated, at=now, language=spoken())
    return show(request, "console/policy_rollback.html", context | {"four_eyes": policy.four_eyes(controller=here)})
