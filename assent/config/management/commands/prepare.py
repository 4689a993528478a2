"""``assent prepare``: data folder, tables and static files, ready to start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Make or update what the house needs on disk."""

    help = "Make the data folder, run migrations in all databases, collect static files. Safe to run again."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's way; there are no tables to check yet

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, quietly."""
        settings.ASSENT_VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
        for alias in settings.DATABASES:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
