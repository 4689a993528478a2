"""Requests: make one of each kind, follow it to the answer, take the copy; and who received one's data."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assent.audit.contracts import Actor
from assent.entrypoints.portal import asking, held, limits, rules
from assent.entrypoints.portal.place import COOKIE, Place, Visit, anybody, forget, mine, network, recall, remember, show
from assent.foundation import clock
from assent.pieces import kept
from assent.privacy.disclosures import api as disclosures
from assent.privacy.documents import api as documents
from assent.privacy.policy.contracts import RecipientRole
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    BadRequest,
    Identity,
    NotNow,
    Outcome,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
    UnknownRequest,
    Via,
)
from assent.records.profiles import api as profiles

__all__ = ["ask", "clarify", "copy", "proof", "recipients", "request", "requests", "take_back"]

PROOF = "assent_person_proof"
PROOF_LIVES = 24 * 3600  # so that whoever was erased a moment ago can still read that it was done
# What only the house has to know about its own work.
UNSAID = {StepKind.REMINDED, StepKind.OVERDUE}
COPIES = {RequestKind.ACCESS, RequestKind.PORTABILITY}


@require_safe
@mine
def requests(request: HttpRequest, visit: Visit) -> HttpResponse:
    """List the person's requests, and what they may ask for."""
    found = rights.requests(controller=visit.controller, subject=visit.subject, at=clock.now(), limit=100)
    listed = [{"info": one, "kind": asking.KINDS[one.kind], "standing": asking.standing(one)} for one in found]
    return show(request, visit, "requests", requests=listed, kinds=asking.KINDS.values())


@require_http_methods(["GET", "HEAD", "POST"])
@mine
def ask(request: HttpRequest, visit: Visit, *, kind: str) -> HttpResponse:
    """Show the form of one kind of request, and register what it says."""
    if kind not in set(RequestKind):
        return show(request, visit, "lost", status=404)
    wanted, at, place = RequestKind(kind), clock.now(), visit.place
    fields: list[dict[str, str]] = []
    if wanted is RequestKind.RECTIFICATION:
        known = held.identity(controller=visit.controller, subject=visit.subject, at=at)
        attributes = profiles.get(controller=visit.controller, subjects=[visit.subject]).get(visit.subject, {})
        fields = asking.correctable(place.compiled.policy, known, attributes, place.language)
    wrong, asked = "", None
    if request.method == "POST":
        asked = asking.asked(visit, wanted, request.POST, fields)
        wrong = _missing(wanted, request, asked)
        if not wrong:
            try:
                received = rights.receive(
                    controller=visit.controller, kind=wanted, subject=visit.subject, via=Via.PORTAL, by=Actor.person(), at=at,
                    asked=asked, identity=Identity.SIGNED_IN, language=place.language,
                )  # fmt: skip
            except BadRequest:
                wrong = "bad"
            else:
                return _received(visit, received.request)
    if wrong:  # nothing that was typed is lost
        fields = [{**one, "value": request.POST.get(f"field.{one['name']}", one["value"])} for one in fields]
    policy = place.compiled.policy
    return show(
        request, visit, "ask", kind=asking.KINDS[wanted], code=wanted.value, fields=fields, wrong=wrong, asked=asked,
        explained=asking.explained(policy, wanted, place.language), grounds=asking.GROUNDS.items(),
        purposes=asking.purposes(policy, wanted, place.language),
        decisions=[one.title.say(place.language) for one in policy.automated_decisions.decisions],
        statement=policy.automated_decisions.statement.say(place.language), status=422 if wrong else 200,
    )  # fmt: skip


def _missing(kind: RequestKind, request: HttpRequest, asked: Any) -> str:
    """Return the code of what a form lacks, before the room that knows the law looks at it."""
    if kind is RequestKind.ERASURE and "sure" not in request.POST:
        return "sure"
    if kind is RequestKind.RECTIFICATION and not asked.fields and not asked.statement:
        return "nothing"
    if kind is RequestKind.RESTRICTION and asked.ground is None:
        return "ground"
    if kind is RequestKind.HUMAN_REVIEW and not (asked.decision or asked.words):
        return "decision"
    return ""


def _received(visit: Visit, info: RequestInfo) -> HttpResponse:
    if info.kind is not RequestKind.ERASURE:
        return HttpResponseRedirect(f"{visit.place.base}requests/{info.number}?done=received")
    # Soon there is nobody left who could sign in: the number alone leads to what became of it.
    response = HttpResponseRedirect(f"{visit.place.base}proof?language={visit.place.language}")
    remember(response, visit.place, PROOF, info.number, seconds=PROOF_LIVES)
    forget(response, visit.place, COOKIE)
    return response


def _mine(visit: Visit, number: str) -> RequestInfo | None:
    try:
        found = rights.by_number(controller=visit.controller, number=number, at=clock.now())
    except UnknownRequest:
        return None
    return found if found.subject == visit.subject else None


@require_safe
@mine
def request(request: HttpRequest, visit: Visit, *, number: str) -> HttpResponse:
    """Show one request with every step and the answer."""
    info = _mine(visit, number)
    if info is None:
        return show(request, visit, "lost", status=404)
    story = rights.story(controller=visit.controller, request=info.id, at=clock.now())
    told = [(step, asking.STEPS[step.kind]) for step in story.steps if step.kind not in UNSAID]
    purposes = visit.place.compiled.policy.purposes
    asked = story.asked
    return show(
        request, visit, "request", info=info, kind=asking.KINDS[info.kind], standing=asking.standing(info), steps=told,
        answer=story.answer, asked=asked, ground=asking.GROUNDS.get(asked.ground) if asked.ground else "",
        about=[purposes[key].title.say(visit.place.language) for key in asked.purposes if key in purposes],
        refusals=[asking.REFUSALS[one] for one in info.refusals],
        copy=info.kind in COPIES and info.outcome in {Outcome.GRANTED, Outcome.PARTLY},
        clarify=info.state is RequestState.CLARIFICATION, open=info.state.open, received=request.GET.get("done") == "received",
    )  # fmt: skip


@require_POST
@mine
def take_back(request: HttpRequest, visit: Visit, *, number: str) -> HttpResponse:
    """Take a request back."""
    info = _mine(visit, number)
    if info is None:
        return show(request, visit, "lost", status=404)
    with suppress(NotNow):  # the page says where it stands
        rights.withdraw_request(controller=visit.controller, request=info.id, by=Actor.person(), at=clock.now())
    return HttpResponseRedirect(f"{visit.place.base}requests/{info.number}")


@require_POST
@mine
def clarify(request: HttpRequest, visit: Visit, *, number: str) -> HttpResponse:
    """Say more, as one was asked to."""
    info, words = _mine(visit, number), request.POST.get("words", "").strip()[: asking.LONGEST]
    if info is None:
        return show(request, visit, "lost", status=404)
    if words:
        with suppress(NotNow):  # somebody wrote it down already
            rights.clarified(controller=visit.controller, request=info.id, words=words, by=Actor.person(), at=clock.now())
    return HttpResponseRedirect(f"{visit.place.base}requests/{info.number}")


@require_POST
@mine
def copy(request: HttpRequest, visit: Visit, *, number: str) -> HttpResponse:
    """Hand over the copy that answers a request. Posted, so that no prefetch has it made and no history keeps its address."""
    info = _mine(visit, number)
    if info is None:
        return show(request, visit, "lost", status=404)
    try:
        data = rights.access_package(controller=visit.controller, request=info.id, by=Actor.person(), at=clock.now())
    except NotNow:
        return HttpResponseRedirect(f"{visit.place.base}requests/{info.number}")
    headers = {"Content-Disposition": f'attachment; filename="{visit.place.controller.slug}-{info.number}.zip"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@anybody
def proof(request: HttpRequest, place: Place, visit: Visit | None) -> HttpResponse:
    """
    Say what became of a request by its number, without signing in: how far it is and what stays, and nothing about whom.

    It is how somebody who was erased sees that it was done.
    """
    at, whose = clock.now(), {"address": "proof", "network": network(request), "controller": str(place.controller.id)}
    given = request.POST.get("number", "")[:40] if request.method == "POST" else recall(request, place, PROOF)
    if given and limits.spent(rules.GUESSES[1:], whose, at=at):
        return show(request, place, "proof", info=None, wrong="often", status=429)
    if not given:
        return show(request, place, "proof", info=None)
    try:
        info = rights.by_number(controller=place.controller.id, number=given, at=at)
    except UnknownRequest:
        limits.count(rules.GUESSES[1:], whose, at=at)
        return show(request, place, "proof", info=None, wrong="number", status=404)
    story = rights.story(controller=place.controller.id, request=info.id, at=at)
    told = [(step, asking.STEPS[step.kind]) for step in story.steps if step.kind not in UNSAID]
    return show(
        request, place, "proof", info=info, kind=asking.KINDS[info.kind], standing=asking.standing(info), steps=told,
        stays=[(_for_what(place, one.store), kept.why(one)) for one in story.stays],
        refusals=[asking.REFUSALS[one] for one in info.refusals],
    )  # fmt: skip


def _for_what(place: Place, name: str) -> str:
    """Return the purpose something stays for while part of an erasure is held back; empty for what stays as proof."""
    purpose = place.compiled.policy.purposes.get(name)
    return purpose.title.say(place.language) if purpose else ""


@require_safe
@mine
def recipients(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show who received the person's data, by name (arts. 15(1)(c), 19)."""
    policy, language = visit.place.compiled.policy, visit.place.language
    found = []
    for one in disclosures.of_person(controller=visit.controller, subject=visit.subject):
        data = [policy.data[key].title.say(language) for key in one.items if key in policy.data]
        purposes = [policy.purposes[key].title.say(language) for key in one.purposes if key in policy.purposes]
        role = documents.term_of(RecipientRole(one.role), language) if one.role in set(RecipientRole) else ""
        found.append({"one": one, "data": data, "purposes": purposes, "role": role})
    return show(request, visit, "recipients", received=found)
