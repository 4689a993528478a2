"""``assent migrate``: Django's, but a database apart gets the migrations of its own apps, not those of all."""

from typing import Any

from django.core.management.commands import migrate

from assent.config.routers import apps_of


class Command(migrate.Command):
    """Every migration costs time in each database, also where the router lets it make nothing."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run what is wanted, else what the database needs."""
        own = None if options["app_label"] else apps_of(options["database"])
        if own is None:
            super().handle(*args, **options)
            return
        for app in own:
            super().handle(*args, **{**options, "app_label": app, "run_syncdb": False})
