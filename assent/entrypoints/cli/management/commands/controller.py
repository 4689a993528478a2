"""``assent controller``: make a controller."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import country, slug, time_zone
from assent.foundation.clock import now
from assent.tenancy import api as tenancy


class Command(BaseCommand):
    """Make a brand, or show the ones there are."""

    help = "Make a controller (a brand); without a name, list them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the controller's particulars."""
        parser.add_argument("slug", nargs="?", type=slug, help="short name, as in the policy bundle")
        parser.add_argument("--name", help="name as people read it (default: the short name)")
        parser.add_argument(
            "--country", type=country, default="RO", help="two letters; sets the phone prefix and the working days"
        )
        parser.add_argument("--language", default="ro", choices=["en", "ro"])
        parser.add_argument("--time-zone", type=time_zone, default="Europe/Bucharest")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, or list all."""
        if not options["slug"]:
            for info in tenancy.controllers():
                self.stdout.write(f"{info.slug:20} {info.name}")
            return
        info = tenancy.make_controller(
            slug=options["slug"],
            name=options["name"] or options["slug"],
            country=options["country"],
            language=options["language"],
            time_zone=options["time_zone"],
            by=Actor.system("cli"),
            at=now(),
        )
        self.stdout.write(f"{info.name} ({info.slug}); next: assent policy publish BUNDLE --controller {info.slug}")
