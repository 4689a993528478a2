"""Django application of this face."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The person's own pages."""

    name = "assent.entrypoints.portal"
    label = "portal"
