"""What a browser may load on our pages: our own files and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

__all__ = ["PAGE", "STRANGER", "StrictContent"]

OWN_PAGES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # data: for the code a phone's authenticator reads
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
PAGE = "; ".join(OWN_PAGES)
"""For every page that doesn't say otherwise."""

STRANGERS = (
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "sandbox allow-popups allow-popups-to-escape-sandbox",
)
STRANGER = "; ".join(STRANGERS)
"""For a message shown in a frame: its own looks, no scripts, nothing fetched, so that reading it here tells nobody."""


class StrictContent:
    """Sets the content security policy, unless the view has set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the policy in place."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", PAGE)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response
