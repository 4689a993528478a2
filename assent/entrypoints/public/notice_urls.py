"""Addresses of what recipients confirm, below ``/n/``."""

from django.urls import path

from assent.entrypoints.public import notices

urlpatterns = [path("<str:token>", notices.confirm, name="public-notice")]
