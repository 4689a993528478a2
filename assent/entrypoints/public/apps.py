"""Django application of this face: it has templates and no tables."""

from django.apps import AppConfig


class FaceConfig(AppConfig):
    """Lets Django find the templates."""

    name = "assent.entrypoints.public"
    label = "public"
