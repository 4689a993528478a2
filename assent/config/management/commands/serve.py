"""``assent serve``: the web server (console, API, public pages)."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from assent.config.starting import check_port, refuse_unsound
from assent.foundation.processes import die_with_parent

WORKERS = min(os.cpu_count() or 1, 4)  # one computes while another waits for the disk; each takes some 150 MB


class Command(BaseCommand):
    """Serve the pages through WSGI."""

    help = "Serve console, API and public pages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an address."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=WORKERS, help="processes (default: one a core, 4 at most)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then serve until told to stop."""
        refuse_unsound()
        check_port(options["host"], options["port"])
        die_with_parent()
        Granian(
            "assent.config.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=8,
            log_level=LogLevels.warning,
            backpressure=64,
            respawn_failed_workers=True,
        ).serve()
