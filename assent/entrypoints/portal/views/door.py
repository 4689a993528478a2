"""The door: ask for a code, use it or the link, go out again. A GET opens nothing: scanners and previews follow links."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assent.dispatch import ports as dispatch_ports
from assent.entrypoints.portal import entrance, limits, models, rules, sessions
from assent.entrypoints.portal.place import (
    ASKED,
    COOKIE,
    Place,
    Visit,
    anybody,
    forget,
    mine,
    network,
    recall,
    remember,
    show,
)
from assent.entrypoints.portal.views.overview import overview
from assent.foundation import clock
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import BadIdentifier

__all__ = ["code", "gone", "home", "link", "out"]


def _fields(place: Place) -> dict[str, str]:
    """Return the kinds of address a code can be sent to: those with a way out, which the policy lets answers take."""
    ways = {sender.channel for sender in dispatch_ports.senders()}
    return {
        field: channel for field, channel in entrance.CHANNEL.items() if channel in ways and place.compiled.answering(channel)
    }


def _whose(request: HttpRequest, place: Place, address: str) -> dict[str, str]:
    return {"address": address, "network": network(request), "controller": str(place.controller.id)}


@require_http_methods(["GET", "HEAD", "POST"])
@anybody
def home(request: HttpRequest, place: Place, visit: Visit | None) -> HttpResponse:
    """Show the overview to whoever is in; else ask for an address, and send a code if it is known."""
    if visit is not None and request.method != "POST":
        return overview(request, visit)
    fields = _fields(place)
    if request.method != "POST":
        return show(request, place, "door", fields=fields)
    value = request.POST.get("address", "").strip()[:320]
    field = "email" if "@" in value or "phone" not in fields else "phone"
    at = clock.now()
    if field not in fields:
        return show(request, place, "door", fields=fields, wrong="closed", status=503)
    try:
        token = subjects.address_token(controller=place.controller.id, field=field, value=value)
    except BadIdentifier:
        return show(request, place, "door", fields=fields, wrong=field, given=value, status=422)
    whose = _whose(request, place, token.hex())
    if limits.spent(rules.ASKS, whose, at=at):
        return show(request, place, "door", fields=fields, wrong="often", given=value, status=429)
    limits.count(rules.ASKS, whose, at=at)
    handle, _token = entrance.knock(
        controller=place.controller.id, field=field, value=value, host=place.host, language=place.language, at=at
    )
    response = HttpResponseRedirect(f"{place.base}code?language={place.language}")
    remember(response, place, ASKED, f"{handle}.{token.hex()}", seconds=int(rules.CODE_LIVES.total_seconds()))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@anybody
def code(request: HttpRequest, place: Place, visit: Visit | None) -> HttpResponse:
    """Take the code, in the browser that asked for it."""
    handle, _dot, address = recall(request, place, ASKED).partition(".")
    if not handle:
        return HttpResponseRedirect(f"{place.base}?language={place.language}")
    minutes = int(rules.CODE_LIVES.total_seconds() // 60)
    if request.method != "POST":
        return show(request, place, "code", minutes=minutes)
    at, whose = clock.now(), _whose(request, place, address)
    if limits.spent(rules.GUESSES, whose, at=at):
        return show(request, place, "code", minutes=minutes, wrong="often", status=429)
    given = "".join(letter for letter in request.POST.get("code", "")[:40] if letter.isdecimal())
    opened = entrance.by_code(controller=place.controller.id, handle=handle, code=given, at=at)
    if opened is None:
        limits.count(rules.GUESSES, whose, at=at)
        return show(request, place, "code", minutes=minutes, wrong="code", status=422)
    return _in(place, opened, how="code")


@require_http_methods(["GET", "HEAD", "POST"])
@anybody
def link(request: HttpRequest, place: Place, visit: Visit | None, *, token: str) -> HttpResponse:
    """Show a button behind the link of a letter, and let in whoever presses it."""
    at, whose = clock.now(), _whose(request, place, "link")
    if limits.spent(rules.GUESSES[1:], whose, at=at):
        return show(request, place, "link", good=False, often=True, status=429)
    if request.method == "POST":
        opened = entrance.by_link(controller=place.controller.id, link=token, at=at)
        if opened is not None:
            return _in(place, opened, how="link")
    elif entrance.link_is_good(controller=place.controller.id, link=token, at=at):
        return show(request, place, "link", good=True)
    limits.count(rules.GUESSES[1:], whose, at=at)
    return show(request, place, "link", good=False, status=404)


def _in(place: Place, opened: models.Knock, *, how: str) -> HttpResponse:
    facts: dict[str, Any] = {"field": opened.field, "language": place.language, "how": how, "at": clock.now()}
    clear = sessions.begin(controller=place.controller.id, subject=int(opened.subject_id or 0), **facts)
    response = HttpResponseRedirect(place.base)
    remember(response, place, COOKIE, clear, seconds=int(rules.LONGEST.total_seconds()))
    forget(response, place, ASKED)
    return response


@require_POST
@mine
def out(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Sign out here, or everywhere."""
    at = clock.now()
    if "everywhere" in request.POST:
        sessions.end_all(controller=visit.controller, subject=visit.subject, at=at)
    else:
        sessions.end(controller=visit.controller, session=visit.session, at=at)
    response = HttpResponseRedirect(f"{visit.place.base}gone?language={visit.place.language}")
    forget(response, visit.place, COOKIE)
    return response


@require_safe
@anybody
def gone(request: HttpRequest, place: Place, visit: Visit | None) -> HttpResponse:
    """Say that one is out."""
    return show(request, place, "gone")
