"""The page behind the link in a notice to a recipient: it confirms that it has done what it was told (art. 19)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from assent.audit.contracts import Actor
from assent.entrypoints.public.views import HEADERS
from assent.entrypoints.public.words import LANGUAGES, spoken, words
from assent.foundation.clock import now
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import UnknownNotice
from assent.tenancy import api as tenancy

__all__ = ["confirm"]


# The token is the only authority, as behind the links in messages: no session, so nothing for CSRF to ride on.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show one button; only its POST confirms, since scanners open links. Names of people are nowhere on the page."""
    wish = request.GET.get("language", "")
    try:
        controller, notice = disclosures.token_notice(token=token)
    except UnknownNotice:
        language = spoken(wish, translation.get_language() or "")
        shown = {"page": "lost", "w": words(language), "language": language, "languages": LANGUAGES}
        return _answer(render(request, "public/notice.html", shown, status=404))
    info = tenancy.controller_by_id(id=controller)
    language = spoken(wish, info.language)
    page = "ask" if notice.state.open else "settled"
    if request.method == "POST" and notice.state.open:
        disclosures.acknowledge(controller=controller, notice=notice.id, by=Actor.system("recipient"), at=now())
        page = "done"
    what = words(language)[f"notice_{notice.what.value}"]
    said = words(language, controller=info.name, what=what, people=str(notice.people))
    shown = {"page": page, "w": said, "language": language, "languages": LANGUAGES, "token": token, "whose": info.name}
    return _answer(render(request, "public/notice.html", shown))


def _answer(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response[name] = value
    return response
