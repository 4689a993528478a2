"""
What a controller says, where anybody can read it: notice, cookie policy, wording, past versions, contact and authority.

A version's documents stand at its own address for ever, as they were when it was published. The pages are the same for
everybody, set no cookie and run no script, so any cache may keep them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from assent.entrypoints.public.words import LANGUAGES, words
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Document, Kind
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Compiled, NoPolicy, UnknownVersion, VersionInfo
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo, UnknownController

__all__ = ["gpc", "index", "shown", "version", "versions"]

# What anybody may read, by the last part of its address. Records, agreements and assessments are not for the public.
PUBLIC: Mapping[str, Kind] = {
    "privacy": Kind.PRIVACY_NOTICE,
    "cookies": Kind.COOKIE_POLICY,
    "consents": Kind.CONSENT_WORDING,
    "retention": Kind.RETENTION_SCHEDULE,
    "arrangements": Kind.ARRANGEMENT_ESSENCE,
    "changes": Kind.CHANGE_LOG,
}
LISTED = ("privacy", "cookies", "consents", "retention")
MINUTES = "public, max-age=300"  # what is in force may be replaced any day, and a visitor should see it soon
FOR_EVER = "public, max-age=31536000, immutable"
CONTENT = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
FORMATS: Mapping[str, tuple[str, str]] = {"pdf": ("application/pdf", "pdf"), "md": ("text/markdown; charset=utf-8", "md")}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose pages they are, under the policy in force, in which language; ``base`` is the start of their addresses."""

    controller: ControllerInfo
    compiled: Compiled
    language: str
    languages: tuple[str, ...]
    base: str


View = Callable[..., HttpResponseBase]


def _page(view: View) -> View:
    """Find whose page it is and in which language it is wanted; set the headers all of them have."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, slug: str = "", **named: Any) -> HttpResponseBase:
        place = _place(request, slug)
        with translation.override(place.language):
            try:
                response = view(request, place, **named)
            except (LookupError, UnknownVersion):
                response = _show(request, place, "gone", status=404)
        response.headers.setdefault("Cache-Control", MINUTES)
        response.headers["Content-Security-Policy"] = CONTENT
        response.headers["Content-Language"] = place.language
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return answer


def _place(request: HttpRequest, slug: str) -> Place:
    own = getattr(request, "controller_of_host", None)
    try:
        info = tenancy.controller_by_id(id=own) if own else tenancy.controller(slug=slug)
        compiled = policies.current(controller=info.id)
    except (UnknownController, NoPolicy):
        raise Http404 from None
    languages = documents.languages(compiled.policy)
    wishes = (request.GET.get("language", ""), (translation.get_language() or "").split("-", maxsplit=1)[0], *languages)
    language = next(wish for wish in wishes if wish in languages)
    return Place(info, compiled, language, languages, "/" if own else f"/p/{info.slug}/")


def _show(request: HttpRequest, place: Place, page: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    names = {code: name for code, name in LANGUAGES.items() if code in place.languages}
    said = words(place.language, controller=place.compiled.policy.controller.name, number=str(facts.get("number", "")))
    shown = {"place": place, "w": said, "languages": names, "page": page, "listed": LISTED, **facts}
    return render(request, "public/document.html", shown, status=status)


@dataclass(frozen=True, slots=True)
class Address:
    """Which document, for ever the same: of which version, about which solution (or none), in which language."""

    controller: int
    number: int
    kind: Kind
    language: str
    solution: str = ""


@lru_cache(maxsize=512)
def _html(at: Address) -> tuple[Document, str]:
    document = documents.kept(
        controller=at.controller, number=at.number, kind=at.kind, language=at.language, solution=at.solution
    )
    return document, documents.to_html(document)


@lru_cache(maxsize=64)
def _file(at: Address, form: str) -> bytes:
    document, _ = _html(at)
    return documents.to_pdf(document) if form == "pdf" else documents.to_markdown(document).encode()


@_page
def index(request: HttpRequest, place: Place) -> HttpResponse:
    """Show what there is to read, whom to write to, and the authority."""
    policy, essence = place.compiled.policy, documents.KINDS.get(Kind.ARRANGEMENT_ESSENCE)
    solutions = essence.solutions(policy) if essence else ()
    arrangements = [(key, policy.solutions[key].title.say(place.language)) for key in solutions]
    return _show(request, place, "index", policy=policy, arrangements=arrangements)


@_page
def shown(request: HttpRequest, place: Place, *, name: str, number: int | None = None, solution: str = "") -> HttpResponseBase:
    """Show one document: of the version in force, or of the one in its address; with ``?as=pdf`` or ``md`` as a file."""
    found = place.compiled.number if number is None else number
    at = Address(place.controller.id, found, PUBLIC[name], place.language, solution)
    document, html = _html(at)
    form = request.GET.get("as", "")
    etag = quote_etag(f"{document.stamp.digest[:32]}-{name}-{solution}-{place.language}-{found}-{form}")
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None and form in FORMATS:
        kind, end = FORMATS[form]
        response = HttpResponse(_file(at, form), content_type=kind)
        response["Content-Disposition"] = f'inline; filename="{place.controller.slug}-{name}-{found}-{place.language}.{end}"'
    if response is None:
        newest = place.compiled.number
        response = _show(
            request, place, "document", document=document, html=html, name=name, solution=solution, number=found,
            newest=newest, old=found != newest,
        )  # fmt: skip
    response.headers["ETag"] = etag
    if number is not None:
        # A fixed version's page says whether it is still in force, so only its files stand still for ever.
        response.headers["Cache-Control"] = FOR_EVER if form in FORMATS else MINUTES
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@_page
def versions(request: HttpRequest, place: Place) -> HttpResponse:
    """List every version that was ever in force."""
    found: list[VersionInfo] = policies.versions(controller=place.controller.id)
    return _show(request, place, "versions", versions=found)


@_page
def version(request: HttpRequest, place: Place, *, number: int) -> HttpResponse:
    """Show what one version said: its documents, each at its own address."""
    found = next((one for one in policies.versions(controller=place.controller.id) if one.number == number), None)
    if found is None:
        raise LookupError(number)
    return _show(request, place, "version", version=found, number=number, old=number != place.compiled.number)


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """Say that Global Privacy Control is honoured (w3c/gpc, 'GPC Support Resource'), and since which version."""
    place = _place(request, "")
    current = policies.versions(controller=place.controller.id)[0]
    body = f'{{"gpc": true, "lastUpdate": "{current.published_at.date().isoformat()}"}}\n'
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": MINUTES})
