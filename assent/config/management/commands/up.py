"""``assent up``: the whole house under one supervisor."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assent.config.starting import refuse_unsound
from assent.config.supervision import house


class Command(BaseCommand):
    """Run web server, collector and workers together."""

    help = "Run web server, collector, ingest and task worker under one supervisor."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an address."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--collect-port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, start all, and end all on Ctrl-C."""
        refuse_unsound()
        supervisor, addresses = house(options["host"], options["port"], options["collect_port"], say=self.stdout.write)
        supervisor.start()
        self.stdout.write(f"Console    {addresses.web}\nCollector  {addresses.collect}\nCtrl-C stops everything.")
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: threading.Thread(target=supervisor.stop).start())
        supervisor.watch()
        supervisor.stop()
