"""Whose portal it is, who is in it, and what every page of it has: its language, its headers, its foot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie

from assent.entrypoints.portal import sessions
from assent.foundation import clock, peers
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo, UnknownController

__all__ = [
    "ASKED", "COOKIE", "LANGUAGES", "Place", "Visit", "anybody", "forget", "mine", "network", "recall", "remember",
    "show",
]  # fmt: skip

COOKIE, ASKED = "assent_person", "assent_person_asked"
LANGUAGES: Mapping[str, str] = {"en": "English", "ro": "Română"}
HEADERS = {
    # A page of one's own data is in no cache, no frame, no index, and tells the next site nothing of where one was.
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose pages, under the policy in force, in which language; ``base`` is the start of their addresses."""

    controller: ControllerInfo
    compiled: Compiled
    language: str
    languages: Mapping[str, str]
    base: str
    host: str
    """the controller's own host name one came under; empty under the house's"""

    @property
    def public(self) -> str:
        """Where the public pages of the same controller begin."""
        return self.base.removesuffix("me/")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is in."""

    place: Place
    session: sessions.Open

    @property
    def controller(self) -> int:
        """The id of the controller."""
        return self.place.controller.id

    @property
    def subject(self) -> int:
        """Whose data these are."""
        return self.session.subject


Anybody = Callable[..., HttpResponseBase]


def _place(request: HttpRequest, slug: str, session_language: str) -> Place:
    own = getattr(request, "controller_of_host", None)
    try:
        info = tenancy.controller_by_id(id=own) if own else tenancy.controller(slug=slug)
        compiled = policies.current(controller=info.id)
    except (UnknownController, NoPolicy):
        raise Http404 from None
    spoken = {code: LANGUAGES[code] for code in documents.languages(compiled.policy) if code in LANGUAGES} or LANGUAGES
    wishes = (request.GET.get("language", ""), session_language, (translation.get_language() or "")[:2])
    language = next((wish for wish in wishes if wish in spoken), next(iter(spoken)))
    host = request.get_host().rpartition(":")[0] or request.get_host() if own else ""
    return Place(info, compiled, language, spoken, "/me/" if own else f"/p/{info.slug}/me/", host)


def _controller(request: HttpRequest, slug: str) -> int | None:
    own = getattr(request, "controller_of_host", None)
    if own:
        return int(own)
    try:
        return tenancy.controller(slug=slug).id
    except UnknownController:
        return None


def _salt(controller: int) -> str:
    # A cookie of one controller's portal means nothing at another's, even before the database is asked.
    return f"assent.portal:{controller}"


def _session(request: HttpRequest, slug: str) -> sessions.Open | None:
    controller = _controller(request, slug)
    if controller is None:
        return None
    clear = request.get_signed_cookie(COOKIE, default="", salt=_salt(controller))
    return sessions.find(controller=controller, clear=clear, at=clock.now()) if clear else None


def _answered(request: HttpRequest, place: Place, make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    with translation.override(place.language), timezone.override(place.compiled.policy.controller.time_zone):
        response = make()
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Language"] = place.language
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _keep_language(request: HttpRequest, place: Place, session: sessions.Open) -> None:
    """Go on in the language that somebody chose, on whichever page they chose it."""
    if request.GET.get("language", "") in place.languages and place.language != session.language:
        sessions.speak(controller=place.controller.id, session=session.id, language=place.language)


def anybody(view: Callable[..., HttpResponseBase]) -> Anybody:
    """Make a page for whoever comes: the view gets the place and, if somebody is in, the visit."""

    @csrf_protect
    @ensure_csrf_cookie
    @wraps(view)
    def answer(request: HttpRequest, slug: str = "", **named: Any) -> HttpResponseBase:
        session = _session(request, slug)
        place = _place(request, slug, session.language if session else "")
        visit = Visit(place, session) if session else None
        if session:
            _keep_language(request, place, session)
        return _answered(request, place, lambda: view(request, place, visit, **named))

    return answer


def mine(view: Callable[..., HttpResponseBase]) -> Anybody:
    """Make a page for somebody who is in; whoever isn't is led to the door."""

    @csrf_protect
    @wraps(view)
    def answer(request: HttpRequest, slug: str = "", **named: Any) -> HttpResponseBase:
        session = _session(request, slug)
        place = _place(request, slug, session.language if session else "")
        if session is None:
            response = HttpResponseRedirect(place.base)
            forget(response, place, COOKIE)
            return _answered(request, place, lambda: response)
        _keep_language(request, place, session)
        return _answered(request, place, lambda: view(request, Visit(place, session), **named))

    return answer


def remember(response: HttpResponse, place: Place, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that only the server reads, only for this portal, only over what the house is reached by."""
    response.set_signed_cookie(
        name, value, salt=_salt(place.controller.id), max_age=seconds, path=place.base, secure=settings.SESSION_COOKIE_SECURE,
        httponly=True, samesite="Lax",
    )  # fmt: skip


def recall(request: HttpRequest, place: Place, name: str) -> str:
    """Return a cookie's value, empty if there is none or somebody wrote it themselves."""
    return str(request.get_signed_cookie(name, default="", salt=_salt(place.controller.id)))


def forget(response: HttpResponse, place: Place, name: str) -> None:
    """Take a cookie away."""
    response.delete_cookie(name, path=place.base, samesite="Lax")


def network(request: HttpRequest) -> str:
    """Return the network a request came from, through proxies that are trusted."""
    trusted = [peers.Network(one) for one in settings.ASSENT_TRUSTED_PROXIES]
    forwarded = [request.headers.get("X-Forwarded-For", "").encode("latin-1", "replace")]
    return peers.shortened(peers.address(request.META.get("REMOTE_ADDR", ""), forwarded, trusted)) or "unknown"


def show(request: HttpRequest, where: Place | Visit, page: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """Render a page of the portal."""
    visit = where if isinstance(where, Visit) else None
    place = where.place if isinstance(where, Visit) else where
    policy = place.compiled.policy
    foot = {
        "controller": policy.controller,
        "contact": policy.rights.contact,
        "officer": policy.controller.data_protection_officer,
        "authority": policy.controller.authority,
        "authority_name": policy.controller.authority.name.say(place.language),
    }
    shown = {"place": place, "visit": visit, "page": page, "foot": foot, **facts}
    return render(request, f"portal/{page}.html", shown, status=status)
