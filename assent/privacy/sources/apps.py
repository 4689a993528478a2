"""Django application of this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """Names the room's tables."""

    name = "assent.privacy.sources"
    label = "sources"
    default_auto_field = "django.db.models.BigAutoField"
