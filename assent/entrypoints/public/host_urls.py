"""Addresses under a controller's own host name: its public pages, people's own, the links in its messages, and no more."""

from django.urls import include, path

from assent.entrypoints.public import documents

urlpatterns = [
    path("", include("assent.entrypoints.public.document_urls")),
    path(".well-known/gpc.json", documents.gpc),
    path("me/", include("assent.entrypoints.portal.urls")),
    path("n/", include("assent.entrypoints.public.notice_urls")),
    path("u/", include("assent.entrypoints.public.urls")),
]
