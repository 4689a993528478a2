"""Addresses for other systems, below ``/opendsr/<controller>/``: today's names, and those the specification had before."""

from django.urls import path

from assent.entrypoints.webhooks import views

NAMES = (("v2", "requests"), ("v1", "requests"), ("v1", "opendsr_requests"), ("v1", "opencompliance_requests"),
         ("v1", "opengdpr_requests"))  # fmt: skip

urlpatterns = [
    *(
        path(f"<slug:slug>/{version}/{name}", view)
        for version in ("v2", "v1")
        for name, view in (
            ("discovery", views.discovery),
            ("certificate.pem", views.certificate),
            ("callbacks", views.callbacks),
        )
    ),
    *(path(f"<slug:slug>/{version}/{name}", views.requests) for version, name in NAMES),
    *(path(f"<slug:slug>/{version}/{name}/<uuid:number>", views.one) for version, name in NAMES),
    path("<slug:slug>/v2/requests/<uuid:number>/result", views.result),
]
