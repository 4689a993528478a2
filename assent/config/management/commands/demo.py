"""``assent demo``: the whole house with a demonstration world in it."""

import signal
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.config.demo import post
from assent.config.demo.copies import keep_copies
from assent.config.demo.feed import NotDelivered, feed
from assent.config.demo.world import STAFF, Notes, make
from assent.config.starting import refuse_unsound
from assent.config.supervision import Addresses, house, wait_until_ready
from assent.foundation import keys
from assent.foundation.clock import now
from assent.foundation.processes import Supervisor
from assent.ingest.ports import open_log

WIDTH = 40  # of the progress bar


class Command(BaseCommand):
    """Prepare, start, feed, and say what to open."""

    help = "Run the house with the demonstration world: a mall, three brands, real purchases by invented people."
    requires_system_checks: list[str] = []  # noqa: RUF012 - the tables are made first

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ports, and whether to end once all is told."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--collect-port", type=int, default=8001)
        parser.add_argument("--stop-when-fed", action="store_true", help="end when every event is in the lake")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; Ctrl-C stops everything."""
        self.stdout.write(f"Preparing {settings.ASSENT_VAR} ...")
        call_command("prepare")
        refuse_unsound()
        notes = make(bundles=settings.HOME / "policies", at=now())
        keep_copies()
        supervisor, addresses = house(options["host"], options["port"], options["collect_port"], say=self.stdout.write)
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        supervisor.start()
        watching = threading.Thread(target=supervisor.watch, name="watch")
        watching.start()
        try:
            self._tell(notes, addresses, stop)
            if not options["stop_when_fed"]:
                self._say(notes, addresses)
                stop.wait()
        finally:
            self._end(supervisor, watching)

    def _tell(self, notes: Notes, addresses: Addresses, stop: threading.Event) -> None:
        self.stdout.write("Starting web server, collector and workers ...")
        if not wait_until_ready(addresses):
            message = "the house did not answer within a minute; its messages are above"
            raise CommandError(message)
        log = open_log(var=settings.ASSENT_VAR, master=keys.master())

        def settled() -> None:
            while not stop.is_set() and log.tail() != log.consumed():
                time.sleep(0.2)

        try:
            if feed(notes, collect=addresses.collect, told=self._progress, settled=settled):
                sys.stdout.write("\n")
            settled()
            if not stop.is_set():
                post.deliver(notes, at=now())
        except NotDelivered as error:
            raise CommandError(str(error)) from error
        finally:
            log.close()

    @staticmethod
    def _progress(done: int, total: int) -> None:
        full = WIDTH * done // total
        sys.stdout.write(f"\rTelling the story  {'█' * full}{'░' * (WIDTH - full)}  {done:,} of {total:,} messages")
        sys.stdout.flush()

    def _say(self, notes: Notes, addresses: Addresses) -> None:
        self.stdout.write(f"\nOpen       {addresses.web}\nPassword   {notes.password}   (the same for everyone)\n")
        for email, name, _, role in STAFF:
            self.stdout.write(f"  {email:32} {name:14} {role.value.replace('_', ' ')}")
        port = addresses.web.rpartition(":")[2]
        self.stdout.write(f"\nAnybody may read what Bloom says: http://bloom.localhost:{port}/")
        self.stdout.write(f"Anybody known to Bloom comes in at http://bloom.localhost:{port}/me/; the code arrives under Mail.")
        self.stdout.write("Switch between Bloom, Harbour, Orbit and Process Lab at the top left. Ctrl-C stops everything.")

    def _end(self, supervisor: Supervisor, watching: threading.Thread) -> None:
        self.stdout.write("\nStopping ...")
        supervisor.stop()
        watching.join()
        self.stdout.write("Stopped.")
