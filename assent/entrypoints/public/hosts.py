"""
Which face answers under which host name.

Under a controller's own name only the public pages of that controller answer; console and API have the house's names
(``ASSENT_HOSTS``). A name that is neither gets no answer at all: what a client writes into ``Host`` is a stranger's word.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host

from assent.tenancy import api as tenancy

__all__ = ["ByHost"]

OWN_PAGES = "assent.entrypoints.public.host_urls"


class ByHost:
    """Chooses the addresses by the host name, before anything else reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under names we have, and refuse others."""
        name, _ = split_domain_port(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))
        if not (name and validate_host(name, settings.ASSENT_HOSTS)):
            controller = tenancy.controller_of_host(name=name) if name else None
            if controller is None:
                return HttpResponse("No site of this house has that name.\n", status=400, content_type="text/plain")
            request.urlconf = OWN_PAGES  # type: ignore[attr-defined] # Django's own way to choose addresses per request
            request.controller_of_host = controller  # type: ignore[attr-defined]
        return self.get_response(request)
