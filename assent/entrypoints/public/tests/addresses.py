"""This face alone, where it lies outside."""

from django.urls import include, path

urlpatterns = [path("u/", include("assent.entrypoints.public.urls"))]
