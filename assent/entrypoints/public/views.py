"""
The pages behind the link in every message: stop it, and see what else is chosen.

The token is the only authority, so there is no session, no cookie and nothing for CSRF to ride on (RFC 8058, 3.1). A GET
changes nothing: scanners and previews open links. No page can be indexed, framed, cached, or told of by a referrer.
"""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.formats import date_format
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import TokenInfo, UnknownMessage, UnknownToken
from assent.entrypoints.public.words import LANGUAGES, spoken, words
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method, NoReceipt
from assent.privacy.documents import api as documents
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Answer, Operation, Question
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis, Channel, Compiled, Purpose
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import ToldBy
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy import api as tenancy

__all__ = ["choices", "receipt", "unsubscribe"]

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
JUST_NOW = timedelta(minutes=10)
PROVED = 12  # nobody came here to read a long list; the access package has all of them
ONE_CLICK = ("List-Unsubscribe", "One-Click")  # the whole body of a mail program's POST (RFC 8058, 3.1)


@dataclass(frozen=True, slots=True)
class Line:
    """One channel on the page of choices; ``words`` is what saying yes to it means."""

    channel: str
    title: str
    on: bool
    fixed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Receipted:
    """A choice with a receipt to download."""

    number: UUID
    channel: str
    answer: str
    at: str


@dataclass(frozen=True, slots=True)
class Place:
    """Whose page it is: what the token stands for, under the policy in force."""

    token: str
    info: TokenInfo
    compiled: Compiled
    purpose: Purpose | None
    language: str

    @property
    def words(self) -> dict[str, str]:
        """The page's words with this token's facts."""
        controller = self.compiled.policy.controller
        title = self.purpose.title.say(self.language) if self.purpose else self.info.purpose
        channel = words(self.language)[f"in_{self.info.channel}"]
        return words(
            self.language, controller=controller.name, purpose=title, channel=channel, contact=str(controller.contact.email)
        )


def _page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Find the token's place, or show the calm page for links that lead nowhere; set the headers all pages have."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, token: str, **rest: UUID) -> HttpResponse:
        try:
            response = view(request, _place(request, token), **rest)
        except UnknownToken:
            response = _show(request, spoken(request.GET.get("language", ""), translation.get_language() or ""), status=404)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer


def _place(request: HttpRequest, token: str) -> Place:
    info = dispatch.token_info(token=token)
    compiled = policy.current(controller=info.controller)
    try:
        written_in = dispatch.message(controller=info.controller, id=info.message).language
    except UnknownMessage:
        written_in = ""
    language = spoken(request.GET.get("language", ""), written_in, translation.get_language() or "")
    return Place(token, info, compiled, compiled.policy.purposes.get(info.purpose), language)


def _show(request: HttpRequest, language: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    shown = {"language": language, "languages": LANGUAGES, "w": words(language), "page": "lost", **facts}
    if place := facts.get("place"):
        own = getattr(request, "controller_of_host", None) == place.info.controller
        shown["portal"] = "/me/" if own else f"/p/{tenancy.controller_by_id(id=place.info.controller).slug}/me/"
    return render(request, "public/page.html", shown, status=status)


@_page
def unsubscribe(request: HttpRequest, place: Place) -> HttpResponse:
    """Show one button; on POST end the messages and answer when nothing is on its way any more."""
    page = "stop"
    if request.method == "POST":
        one_click = request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
        if not one_click and "stop" not in request.POST:
            return HttpResponse("send List-Unsubscribe=One-Click", status=400, content_type="text/plain")
        method = Method.ONE_CLICK if one_click else Method.WEB_FORM
        done = dispatch.unsubscribe(token=place.token, by=Actor.person(), at=now(), method=method)
        if one_click:
            return HttpResponse("stopped", content_type="text/plain")
        page = "stopped" if done.acknowledged else "late"
    proved = _receipts(place)[:1] if page != "stop" else []
    shown: dict[str, Any] = {"receipts": proved, "ended": _what_follows(place) if page != "stop" else None}
    return _show(request, place.language, page=page, place=place, w=place.words, **shown)


@_page
def choices(request: HttpRequest, place: Place) -> HttpResponse:
    """Show the purpose's channels as switches, and keep what the person sets."""
    saved = False
    if request.method == "POST":
        wanted = set(request.POST.getlist("channel"))
        for line in _lines(place):
            if line.on != (line.channel in wanted) and not line.fixed:
                _set(place, line.channel, on=not line.on)
        suppression.acknowledge(controller=place.info.controller, subject=place.info.subject, at=now())
        saved = True
    shown: dict[str, Any] = {"lines": _lines(place), "saved": saved, "receipts": _receipts(place)}
    shown["ended"] = _what_follows(place) if saved else None
    return _show(request, place.language, page="choices", place=place, w=place.words, **shown)


@_page
def receipt(request: HttpRequest, place: Place, number: UUID) -> HttpResponse:
    """Hand the person the receipt of one of the choices that this page is about."""
    info, found = place.info, None
    if number in {one.number for one in _receipts(place)}:
        with suppress(NoReceipt):
            found = consent.receipt(controller=info.controller, subject=info.subject, id=number, by=Actor.person(), at=now())
    if found is None:
        return _show(request, place.language, page="no_receipt", place=place, w=place.words, status=404)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return HttpResponse(found.data, content_type="application/ld+json", headers=headers)


def _what_follows(place: Place) -> documents.Ended | None:
    """Return what is deleted and what stays after what was just ended, and note that the person is told."""
    info, at = place.info, now()
    found = retention.explain(controller=info.controller, people=[info.subject], since=at - JUST_NOW, at=at)
    if info.subject not in found:
        return None
    retention.note_told(controller=info.controller, subjects_=[info.subject], how=ToldBy.PAGE, by=Actor.person(), at=at)
    return documents.ended(place.compiled.policy, place.language, found[info.subject])


def _receipts(place: Place) -> list[Receipted]:
    """Return the latest choices about the page's purpose that can be proved, newest first."""
    found = consent.receipted(controller=place.info.controller, subject=place.info.subject, at=now())
    zone, said = zoneinfo.ZoneInfo(place.compiled.policy.controller.time_zone), place.words
    with translation.override(place.language):
        return [
            Receipted(
                number=one.receipt,
                channel=said[one.channel],
                answer=said["receipt_yes" if one.choice is Choice.GIVEN else "receipt_no"],
                at=_day(one.at.astimezone(zone), place.language),
            )
            for one in reversed(found)
            if one.receipt and one.purpose == place.info.purpose
        ][:PROVED]


def _day(at: datetime, language: str) -> str:
    said = date_format(at, "j F Y, H:i")
    return said.lower() if language == "ro" else said  # Romanian writes months small, Django's word for them is not


def _lines(place: Place) -> list[Line]:
    """Return the purpose's channels as they hold now. Where no consent is asked for, a no stays: only "off" can be chosen."""
    if place.purpose is None:
        return []
    by_consent = place.purpose.basis is Basis.CONSENT
    lines = []
    for channel in place.purpose.channels:
        on = _may(place, channel)
        key = place.purpose.wording.get(channel)
        lines.append(
            Line(
                channel=channel.value,
                title=place.words[channel.value],
                on=on,
                fixed=not on and not (by_consent and key),
                words=_wording(place, key) if by_consent and key else "",
            )
        )
    return lines


def _may(place: Place, channel: Channel) -> bool:
    question = Question(
        operation=Operation.USE,
        purpose=place.info.purpose,
        data=frozenset(),
        channel=channel.value,
        recipient="self",
        subject=place.info.subject,
        at=now(),
    )
    return lawfulness.decide(controller=place.info.controller, question=question).answer is Answer.YES


def _wording(place: Place, key: str) -> str:
    controller = place.compiled.policy.controller
    text = place.compiled.text(key, place.language)
    return text.replace("{controller}", controller.name).replace("{contact}", str(controller.contact.email))


def _set(place: Place, channel: str, *, on: bool) -> None:
    """Write one choice down. Said on a page that only the address's owner has the link to, with the words beside it."""
    info, purpose, at = place.info, place.purpose, now()
    if purpose is None:
        return
    source = f"message:{info.message}"
    person: dict[str, Any] = {
        "controller": info.controller,
        "subject": info.subject,
        "purpose": info.purpose,
        "by": Actor.person(),
        "at": at,
    }
    if on:
        confirmed = purpose.double_opt_in and channel == info.channel
        consent.give(
            **person, channel=channel, wording=purpose.wording[Channel(channel)], source=source, language=place.language,
            method=Method.DOUBLE_OPT_IN if confirmed else Method.WEB_FORM, explicit=True,
        )  # fmt: skip
    elif purpose.basis is Basis.CONSENT:
        consent.withdraw(**person, channel=channel, method=Method.WEB_FORM, source=source)
    else:
        suppression.suppress(**person, kind=Kind.UNSUBSCRIBE, channel=channel, reason=source)
