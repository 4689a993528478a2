"""``assent property``: make a website, app or server and its write keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named, slug
from assent.foundation.clock import now
from assent.tenancy import api as tenancy


class Command(BaseCommand):
    """Make a property and print its keys, once."""

    help = "Make a property of a controller and print a secret and a public write key, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose and what."""
        parser.add_argument("controller")
        parser.add_argument("slug", type=slug)
        parser.add_argument("--name", help="as people read it (default: the short name)")
        parser.add_argument("--kind", choices=["website", "app", "server"], default="server")
        parser.add_argument("--rudder", action="store_true", help="its client sends batches of up to 4 MiB")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        by, at, info = Actor.system("cli"), now(), controller_named(options["controller"])
        made = tenancy.make_property(
            controller=info.id,
            slug=options["slug"],
            name=options["name"] or options["slug"],
            kind=options["kind"],
            rudder=options["rudder"],
            by=by,
            at=at,
        )
        self.stdout.write(f"secret (servers only)      {tenancy.make_write_key(property=made.id, secret=True, by=by, at=at)}")
        self.stdout.write(f"public (pages and apps)    {tenancy.make_write_key(property=made.id, secret=False, by=by, at=at)}")
        self.stdout.write("They are shown this once; only their digests are kept.")
