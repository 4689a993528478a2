"""Django application of this face."""

from django.apps import AppConfig


class FaceConfig(AppConfig):
    """Names the face's table."""

    name = "assent.entrypoints.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"
