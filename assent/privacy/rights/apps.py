"""Django application of this room."""

from django.apps import AppConfig
from django.core import checks


class RoomConfig(AppConfig):
    """Names the room's tables and adds its check."""

    name = "assent.privacy.rights"
    label = "rights"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with a table that does not say what it holds."""
        from assent.privacy.rights.checks import every_table_is_declared

        checks.register(every_table_is_declared)
