"""``assent collect``: the collector of events."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from assent.config.starting import check_port, refuse_unsound
from assent.entrypoints.collect.serve import serve
from assent.foundation.processes import die_with_parent


class Command(BaseCommand):
    """Take events in."""

    help = "Take events of websites, apps and servers into the arrival log."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an address."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then collect until told to stop."""
        refuse_unsound()
        check_port(options["host"], options["port"])
        die_with_parent()
        serve(options["host"], options["port"], options["workers"], settings.ASSENT_VAR)
