"""One request: where it stands, what was said, what can be done."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import deeds, request_words, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.faces import faces
from assent.entrypoints.console.forms.requests import AnswerForm, RefuseForm, WordsForm
from assent.entrypoints.console.views.person import find
from assent.entrypoints.console.views.requests import WHY, rows, uuid_of
from assent.foundation import clock
from assent.pieces import kept
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    BadRequest,
    NotNow,
    Outcome,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
    Story,
    UnknownRequest,
)
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["act", "copy", "letter", "one", "registered"]

# Each deed: its verb, and the form it needs.
DEEDS: Mapping[str, tuple[Callable[..., RequestInfo], type[forms.Form] | None]] = {
    "identity": (rights.confirm_identity, None),
    "ask-identity": (rights.ask_identity, WordsForm),
    "ask": (rights.ask_clarification, WordsForm),
    "clarified": (rights.clarified, WordsForm),
    "extend": (rights.extend, WordsForm),
    "answer": (rights.answer, AnswerForm),
    "refuse": (rights.refuse, RefuseForm),
    "release": (rights.release_restriction, WordsForm),
    "letter": (rights.letter_sent, None),
    "take-back": (rights.withdraw_request, None),
}
answers = desk(Permission.REQUESTS_ANSWER)


def _found(at: Desk, number: str) -> RequestInfo:
    try:
        return rights.by_number(controller=at.controller.id, number=number, at=clock.now())
    except UnknownRequest:
        raise Http404 from None


@answers
def one(request: DeskRequest, number: str) -> HttpResponse:
    """Show a request."""
    return _page(request, number)


def _page(request: DeskRequest, number: str, *, wrong: tuple[str, forms.Form] | None = None) -> HttpResponse:
    at, now = request.desk, clock.now()
    found = _found(at, number)
    story = rights.story(controller=at.controller.id, request=found.id, by=at.actor, at=now)
    known = names(at.controller.id)
    forms_ = {deed.replace("-", "_"): form() for deed, (_verb, form) in DEEDS.items() if form is not None}
    if wrong:
        forms_[wrong[0].replace("-", "_")] = wrong[1]
    context = {
        **rows(at, [found], at=now)[0],
        "story": story,
        "asked": [(words.FIELDS.get(name, name), value) for name, value in story.asked.fields.items()],
        "ground": request_words.GROUNDS[story.asked.ground] if story.asked.ground else "",
        "purposes": story.asked.purposes,
        "via": request_words.VIAS[found.via],
        "identity": request_words.IDENTITIES[found.identity],
        "stages": _stages(found, story),
        "tasks": [(request_words.TASKS[task.kind], task) for task in story.tasks],
        "moments": [_moment(step, known) for step in reversed(story.steps)],
        "stays": [(_place(at, one.store), kept.why(one)) for one in story.stays],
        "refusals": [request_words.REFUSALS[one] for one in found.refusals],
        "candidates": faces(at, list(story.candidates), at=now, why=WHY),
        "forms": forms_,
        "opened": wrong[0] if wrong else "",
        **_can(found, story, now),
    }
    return show(request, "console/request.html", context, status=422 if wrong else 200)


def _place(at: Desk, name: str) -> str:
    """Return what stays in words: a store; or, while something holds part of an erasure back, the purpose it is kept for."""
    if name in words.STORES:
        return str(words.STORES[name])
    with suppress(NoPolicy):
        found = policy.current(controller=at.controller.id)
        if name in found.policy.purposes:
            return words.purpose(found, name)
    return _("Everything")


def _can(found: RequestInfo, story: Story, now: Any) -> dict[str, bool]:
    undecided = found.state.open and found.outcome is None
    unsettled = found.state in {RequestState.RECEIVED, RequestState.IDENTITY}
    released = any(step.kind is StepKind.RELEASED for step in story.steps)
    return {
        "can_identify": unsettled and undecided,
        "can_ask_identity": found.state is RequestState.RECEIVED and found.subject is not None,
        "can_ask": undecided and found.state not in {RequestState.IDENTITY, RequestState.CLARIFICATION},
        "can_clarify": found.state is RequestState.CLARIFICATION,
        "can_extend": found.state.open and not found.extended and now <= story.extension_until,
        "can_answer": undecided and found.state is RequestState.IN_PROGRESS,
        "can_refuse": undecided,
        "can_release": found.kind is RequestKind.RESTRICTION and found.outcome is Outcome.GRANTED and not released,
        "can_take_back": found.state.open,
        "has_copy": found.kind in {RequestKind.ACCESS, RequestKind.PORTABILITY} and found.outcome is Outcome.GRANTED,
    }


def _stages(found: RequestInfo, story: Story) -> list[tuple[Any, str]]:
    """Return the stations of a request, each done, current or to come."""
    ended = not found.state.open
    settled = found.state not in {RequestState.RECEIVED, RequestState.IDENTITY}
    at = 3 + (found.closed_at is not None) if ended else 2 if settled else 1
    last = request_words.STATES[found.state][0] if ended else _("answered")
    stations = [_("received"), _("identity"), _("in progress"), last, _("closed")]
    done = at + 1 if found.closed_at else at
    return [(name, "done" if place < done else "here" if place == done else "") for place, name in enumerate(stations)]


def _moment(step: Any, known: Mapping[str, str]) -> dict[str, Any]:
    title, meaning = request_words.STEPS[step.kind]
    task = str(request_words.TASKS[step.codes["task"]]) if "task" in step.codes else ""
    if step.kind is StepKind.DONE:
        title, task = task, ""
    detail = " · ".join(
        part
        for part in (
            task,
            step.codes.get("why", ""),
            deeds.doer(step.by, known),
            step.words,
        )
        if part
    )
    return {"at": step.at, "title": title, "detail": detail, "meaning": meaning}


@require_POST
@answers
def act(request: DeskRequest, number: str, deed: str) -> HttpResponse:
    """Do one thing with a request, and show what became of it."""
    at = request.desk
    if deed not in DEEDS:
        raise Http404
    verb, kind = DEEDS[deed]
    given: dict[str, Any] = {}
    if kind is not None:
        form = kind(request.POST)
        if not form.is_valid():
            return _page(request, number, wrong=(deed, form))
        given = dict(form.cleaned_data)
        if "reasons" in given:
            given["reasons" if deed == "refuse" else "refusals"] = given.pop("reasons")
    elif deed == "identity" and (person := uuid_of(request.POST.get("person", ""))):
        given["subject"] = find(at, person)
    try:
        verb(controller=at.controller.id, request=_found(at, number).id, by=at.actor, at=clock.now(), **given)
    except (BadRequest, NotNow, UnknownSubject) as error:
        messages.warning(request, request_words.told(error))
    return redirect("console:request", number)


@require_POST
@desk(Permission.PEOPLE_EXPORT)
def copy(request: DeskRequest, number: str) -> HttpResponse:
    """Hand over the copy that answers a request."""
    at = request.desk
    found = _found(at, number)
    try:
        data = rights.access_package(controller=at.controller.id, request=found.id, by=at.actor, at=clock.now())
    except NotNow:
        raise Http404 from None
    headers = {"Content-Disposition": f'attachment; filename="{at.controller.slug}-{found.number}.zip"'}
    return HttpResponse(data, content_type="application/zip", headers=headers)


@answers
def letter(request: DeskRequest, number: str) -> HttpResponse:
    """Show a message as a sheet to print."""
    at, now = request.desk, clock.now()
    found = _found(at, number)
    story = rights.story(controller=at.controller.id, request=found.id, by=at.actor, at=now)
    heading, text = story.letter if any(story.letter) else story.answer
    if not text:
        raise Http404
    face = faces(at, [found.subject], at=now, why=WHY) if found.subject else []
    context = {"is": found, "heading": heading, "lines": text.split("\n\n"), "face": face[0] if face else None}
    return show(request, "console/request_letter.html", context)


@desk(Permission.REQUESTS_REGISTER)
def registered(request: DeskRequest, number: str) -> HttpResponse:
    """Tell whoever registered a request its number and its last day; reading it is others' work."""
    return show(request, "console/request_registered.html", {"is": _found(request.desk, number)})
