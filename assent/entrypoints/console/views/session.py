"""What a session remembers: the brand at work, the language, the theme."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import access

__all__ = ["enter", "look"]

A_YEAR = 365 * 24 * 3600
THEMES = {"", "light", "dark"}


@require_POST
@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """Go to work for another brand."""
    chosen = request.POST.get("controller", "")
    if not (chosen.isdecimal() and access.enter(request, int(chosen))):
        return HttpResponseForbidden(_("You have no role for this brand."))
    return redirect("console:overview")


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Keep a language or a theme in a cookie; needs no account, since the log-in page offers it too."""
    answer = HttpResponseRedirect(_back(request))
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, A_YEAR, samesite="Lax", secure=request.is_secure())
    if theme in THEMES:
        answer.set_cookie("assent_theme", theme, A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


def _back(request: HttpRequest) -> str:
    there = request.POST.get("next", "/")
    return there if url_has_allowed_host_and_scheme(there, {request.get_host()}) else "/"
