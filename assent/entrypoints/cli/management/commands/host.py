"""``assent host``: under which names on the web a controller's public pages answer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import BadHost


class Command(BaseCommand):
    """Add, remove or list host names."""

    help = "Let a controller's public pages answer under a host name; without one, list those it has."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose and which."""
        parser.add_argument("controller")
        parser.add_argument("name", nargs="?", help="like privacy.bloom.example")
        parser.add_argument("--remove", action="store_true", help="let it no longer answer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        info, name, by, at = controller_named(options["controller"]), options["name"], Actor.system("cli"), now()
        try:
            if name and options["remove"]:
                if not tenancy.remove_host(controller=info.id, name=name, by=by, at=at):
                    raise CommandError(f"{info.slug} has no host name {name}: `assent host {info.slug}` lists them")
            elif name:
                tenancy.add_host(controller=info.id, name=name, by=by, at=at)
        except BadHost as error:
            raise CommandError(str(error)) from None
        for host in tenancy.hosts(controller=info.id):
            self.stdout.write(host)
