"""Addresses of all faces that Django serves."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/", include("assent.entrypoints.public.urls")),
    path("account/", include("allauth.urls")),
    path("", include("assent.entrypoints.console.urls")),
]
