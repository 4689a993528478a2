"""Django application of this room."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """Gives the shared templates and tags their names."""

    name = "assent.pieces"
    label = "pieces"
