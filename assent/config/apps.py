"""Wires the house once Django has loaded its rooms."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """The outermost application."""

    name = "assent.config"
    label = "house"

    def ready(self) -> None:
        """Put every part behind its port."""
        from assent.config import wiring

        wiring.wire()
