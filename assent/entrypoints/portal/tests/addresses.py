"""The addresses these tests need: the portal below a slug."""

from django.urls import include, path

urlpatterns = [path("p/<slug:slug>/me/", include("assent.entrypoints.portal.urls"))]
