"""People's requests: the list by due date, one made on somebody's behalf."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from assent.entrypoints.console import request_words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.faces import faces
from assent.entrypoints.console.forms.requests import RequestForm
from assent.entrypoints.console.views.person import find
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import BadRequest, Identity, RequestInfo, RequestKind, Selection, Via
from assent.privacy.subjects import api as subjects
from assent.tenancy.contracts import Permission

__all__ = ["new", "overview", "rows", "uuid_of"]

A_PAGE = 50
WHY = "console.requests"


@desk(Permission.REQUESTS_ANSWER)
def overview(request: DeskRequest) -> HttpResponse:
    """List requests, the most urgent first."""
    at, now = request.desk, clock.now()
    here = at.controller.id
    chosen = request.GET.get("show", "")
    which = Selection(chosen) if chosen in {one.value for one in request_words.SELECTIONS} else Selection.OPEN
    page = request.GET.get("page", "")
    skip = A_PAGE * (int(page) if page.isdecimal() and len(page) < 6 else 0)
    found = rights.requests(controller=here, which=which, limit=A_PAGE + 1, skip=skip, at=now)
    counts = rights.counts(controller=here, at=now)
    known = {one.value: getattr(counts, one.value, None) for one in request_words.SELECTIONS}
    tabs = [(one.value, words, known[one.value]) for one, words in request_words.SELECTIONS.items()]
    context = {
        "rows": rows(at, found[:A_PAGE], at=now),
        "tabs": tabs,
        "which": which.value,
        "counts": counts,
        "next": skip // A_PAGE + 1 if len(found) > A_PAGE else None,
        "before": skip // A_PAGE - 1 if skip else None,
    }
    return show(request, "console/requests.html", context)


def rows(desk: Desk, found: list[RequestInfo], *, at: datetime) -> list[dict[str, Any]]:
    """Return requests as the list shows them, people named where the role may see it."""
    asking = sorted({one.subject for one in found if one.subject})
    # Who was erased has no name any more; the request stays as proof.
    held = subjects.public_ids(controller=desk.controller.id, subjects=asking)
    people = [one for one in asking if one in held]
    names = dict(zip(people, faces(desk, people, at=at, why=WHY), strict=True))
    return [
        {
            "is": one,
            "kind": request_words.KINDS[one.kind],
            "state": request_words.STATES[one.state],
            "left": request_words.left(one, at=at),
            "face": names.get(one.subject or 0),
        }
        for one in found
    ]


@desk(Permission.REQUESTS_REGISTER)
def new(request: DeskRequest) -> HttpResponse:
    """Register what somebody asked by letter, phone or mail: first of which kind, then what exactly."""
    at, now = request.desk, clock.now()
    given = request.POST if request.method == "POST" else request.GET
    person = uuid_of(given.get("person", ""))
    subject = find(at, person) if person else None
    try:
        found = policy.current(controller=at.controller.id).policy
    except NoPolicy:
        return show(request, "console/request_new.html", {"no_policy": True})
    context: dict[str, Any] = {"person": person, "name": faces(at, [subject], at=now, why=WHY)[0].name if subject else ""}
    if given.get("kind", "") not in set(RequestKind):
        kinds = [(kind.value, words, request_words.ASKS[kind]) for kind, words in request_words.KINDS.items()]
        return show(request, "console/request_new.html", context | {"kinds": kinds})
    kind = RequestKind(given["kind"])
    today = now.astimezone(ZoneInfo(at.controller.time_zone)).date()
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        kind=kind, policy=found, known=subject is not None, initial={"received_on": today},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        answer = _receive(at, form, subject, now)
        if answer is not None:
            return answer
    title = request_words.KINDS[kind]
    status = 422 if form.errors else 200
    return show(
        request, "console/request_new.html", context | {"form": form, "kind": kind.value, "title": title}, status=status
    )


def _receive(at: Desk, form: RequestForm, subject: int | None, now: datetime) -> HttpResponse | None:
    zone = ZoneInfo(at.controller.time_zone)
    said = form.cleaned_data
    address = ("email", said["email"]) if said.get("email") else ("phone", said["phone"]) if said.get("phone") else None
    # Of a day nobody knows the hour: counted from its end, or from now if it is today.
    received = min(datetime.combine(said["received_on"], time(12), zone), now)
    if said["received_on"] > now.astimezone(zone).date():
        form.add_error("received_on", _("That day is still to come."))
        return None
    try:
        done = rights.receive(
            controller=at.controller.id,
            kind=form.kind,
            subject=subject,
            address=address,
            via=Via(said["via"]),
            identity=Identity.CHECKED if said["checked"] else Identity.NONE,
            asked=form.asked,
            language=at.controller.language,
            received_at=received,
            by=at.actor,
            at=now,
        )
    except BadRequest as error:
        form.add_error(None, request_words.told(error))
        return None
    if Permission.REQUESTS_ANSWER in at.permissions:
        return redirect("console:request", done.request.number)
    return redirect("console:request-registered", done.request.number)


def uuid_of(text: str) -> UUID | None:
    """Return the id a form or an address gives, or None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
