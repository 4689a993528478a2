"""Addresses of a person's own pages: below ``/p/<slug>/me/``, or ``/me/`` under a controller's own host name."""

from django.urls import path

from assent.entrypoints.portal.views import door, own, requests

urlpatterns = [
    path("", door.home, name="portal"),
    path("code", door.code, name="portal-code"),
    path("link/<str:token>", door.link, name="portal-link"),
    path("out", door.out, name="portal-out"),
    path("gone", door.gone, name="portal-gone"),
    path("held", own.held, name="portal-held"),
    path("events", own.events, name="portal-events"),
    path("choices", own.choices, name="portal-choices"),
    path("choices/no-marketing", own.no_marketing, name="portal-no-marketing"),
    path("receipts", own.receipts, name="portal-receipts"),
    path("receipts/<uuid:number>", own.receipt, name="portal-receipt"),
    path("requests", requests.requests, name="portal-requests"),
    path("ask/<slug:kind>", requests.ask, name="portal-ask"),
    path("requests/<slug:number>", requests.request, name="portal-request"),
    path("requests/<slug:number>/take-back", requests.take_back, name="portal-take-back"),
    path("requests/<slug:number>/more", requests.clarify, name="portal-clarify"),
    path("requests/<slug:number>/copy", requests.copy, name="portal-copy"),
    path("proof", requests.proof, name="portal-proof"),
    path("recipients", requests.recipients, name="portal-recipients"),
]
