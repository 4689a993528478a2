"""Django application of this room. It keeps no tables: what it knows must outlive the databases."""

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """Names the room and registers what must be so before anything starts."""

    name = "assent.backups"
    label = "backups"

    def ready(self) -> None:
        """Register the checks."""
        from assent.backups import checks  # noqa: F401
