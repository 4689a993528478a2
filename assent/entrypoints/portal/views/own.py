"""What is held and why, what happened, what was chosen, and the proof of it."""

from contextlib import suppress
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assent.audit.contracts import Actor
from assent.entrypoints.portal import choices as chosen, held as holdings, words
from assent.entrypoints.portal.place import Visit, mine, show
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, NoReceipt

__all__ = ["choices", "events", "held", "no_marketing", "receipt", "receipts"]

A_PAGE = 40


@require_safe
@mine
def held(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what is held, by purpose, with why, from where, how long and who receives it."""
    place = visit.place
    whole = holdings.held(
        controller=visit.controller, subject=visit.subject, compiled=place.compiled, language=place.language, at=clock.now()
    )
    return show(request, visit, "held", whole=whole)


@require_safe
@mine
def events(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what happened, one by one, newest first."""
    place, before = visit.place, request.GET.get("before", "")
    found = holdings.latest(
        controller=visit.controller, subject=visit.subject, compiled=place.compiled, language=place.language, at=clock.now(),
        before_ms=int(before) if before.isdecimal() and len(before) < 15 else None, limit=A_PAGE + 1,
    )  # fmt: skip
    return show(request, visit, "events", events=found[:A_PAGE], older=found[A_PAGE - 1]["ms"] if len(found) > A_PAGE else None)


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def choices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every switch with what it means, and turn those the person turned."""
    if request.method == "POST":
        wanted, shown = request.POST.getlist("on"), request.POST.getlist("shown")
        chosen.turn(visit, wanted=set(wanted), shown=set(shown), at=clock.now())
        return HttpResponseRedirect(f"{visit.place.base}choices?done=saved")
    found = chosen.switches(visit, at=clock.now())
    shown_switches = [one for each in found for one in each.switches]
    done = request.GET.get("done", "")
    return show(
        request, visit, "choices", choices=found, done=done, ended=chosen.what_follows(visit, at=clock.now()) if done else None,
        marketing=any(one.on for each in found if each.marketing for one in each.switches),
        again=sum(bool(one.again) for one in shown_switches),
    )  # fmt: skip


@require_POST
@mine
def no_marketing(request: HttpRequest, visit: Visit) -> HttpResponse:
    """End all direct marketing in one act."""
    done = chosen.object_to_marketing(visit, at=clock.now())
    return HttpResponseRedirect(f"{visit.place.base}choices?done={'ended' if done else 'ending'}")


@require_safe
@mine
def receipts(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the proofs of what the person chose, newest first."""
    found = consent.receipted(controller=visit.controller, subject=visit.subject, at=clock.now())
    purposes, language = visit.place.compiled.policy.purposes, visit.place.language
    listed = [
        {
            "number": one.receipt,
            "title": purposes[one.purpose].title.say(language) if one.purpose in purposes else one.purpose,
            "channel": words.CHANNELS[one.channel],
            "given": one.choice is Choice.GIVEN,
            "at": one.at,
        }
        for one in reversed(found)
        if one.receipt
    ]
    years = [(year, list(some)) for year, some in groupby(listed, key=lambda one: one["at"].year)]
    return show(request, visit, "receipts", years=years)


@require_safe
@mine
def receipt(request: HttpRequest, visit: Visit, number: UUID) -> HttpResponse:
    """Hand over one proof."""
    with suppress(NoReceipt):
        found = consent.receipt(
            controller=visit.controller, subject=visit.subject, id=number, by=Actor.person(), at=clock.now()
        )
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return HttpResponse(found.data, content_type="application/ld+json", headers=headers)
    return show(request, visit, "lost", status=404)
