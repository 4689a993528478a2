"""``assent apikey``: make a key for the REST API."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission


class Command(BaseCommand):
    """Make an API key and print it, once."""

    help = "Make a key for the REST API with named verbs and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose, what for, and which verbs."""
        parser.add_argument("controller")
        parser.add_argument("--name", required=True, help="which system uses it")
        parser.add_argument("--verbs", required=True, help="comma-separated: " + ", ".join(p.value for p in Permission))

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        info = controller_named(options["controller"])
        wanted = [word.strip() for word in options["verbs"].split(",") if word.strip()]
        known = {permission.value for permission in Permission}
        if unknown := sorted(set(wanted) - known):
            message = f"unknown verbs {', '.join(unknown)}: use {', '.join(sorted(known))}"
            raise CommandError(message)
        if not wanted:
            message = f"name at least one verb of {', '.join(sorted(known))}"
            raise CommandError(message)
        verbs = [Permission(word) for word in wanted]
        self.stdout.write(
            tenancy.make_api_key(controller=info.id, name=options["name"], verbs=verbs, by=Actor.system("cli"), at=now())
        )
