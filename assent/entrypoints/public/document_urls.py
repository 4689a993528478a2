"""Addresses of what a controller says: at the root of its own host name, or below ``/p/<slug>/``."""

from django.urls import path

from assent.entrypoints.public import documents

urlpatterns = [
    path("", documents.index, name="public-index"),
    path("privacy", documents.shown, {"name": "privacy"}, name="public-privacy"),
    path("cookies", documents.shown, {"name": "cookies"}, name="public-cookies"),
    path("consents", documents.shown, {"name": "consents"}, name="public-consents"),
    path("retention", documents.shown, {"name": "retention"}, name="public-retention"),
    path("arrangements/<slug:solution>", documents.shown, {"name": "arrangements"}, name="public-arrangement"),
    path("versions", documents.versions, name="public-versions"),
    path("versions/<int:number>", documents.version, name="public-version"),
    path("versions/<int:number>/changes", documents.shown, {"name": "changes"}, name="public-changes"),
    path("versions/<int:number>/<slug:name>", documents.shown, name="public-kept"),
    path("versions/<int:number>/<slug:name>/<slug:solution>", documents.shown, name="public-kept-about"),
]
