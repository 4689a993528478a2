"""Addresses of all faces that Django serves."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from assent.entrypoints.api.urls import api


def healthy(request: HttpRequest) -> HttpResponse:
    """Answer that this process serves; what it needs is checked before it starts."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthy),
    path("u/", include("assent.entrypoints.public.urls")),
    path("p/<slug:slug>/me/", include("assent.entrypoints.portal.urls")),
    path("n/", include("assent.entrypoints.public.notice_urls")),
    path("p/<slug:slug>/", include("assent.entrypoints.public.document_urls")),
    path("api/v1/", api.urls),
    path("opendsr/", include("assent.entrypoints.webhooks.urls")),
    path("account/", include("allauth.urls")),
    path("", include("assent.entrypoints.console.urls")),
]
