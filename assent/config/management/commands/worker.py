"""``assent worker``: what goes on behind the pages."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.config.starting import refuse_unsound
from assent.config.wiring import JOBS
from assent.entrypoints.worker.loop import run
from assent.foundation.processes import die_with_parent


class Command(BaseCommand):
    """Run jobs."""

    help = "Run jobs: ingest events, send what is due, seal the audit log, tidy the lake."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the groups of jobs; none means all."""
        parser.add_argument("groups", nargs="*", help=f"{', '.join(JOBS)}; default: all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then work until told to stop."""
        if unknown := [group for group in options["groups"] if group not in JOBS]:
            message = f"no jobs are called {', '.join(unknown)}: use {', '.join(JOBS)}, or nothing for all"
            raise CommandError(message)
        refuse_unsound()
        die_with_parent()
        run([job for group in options["groups"] or JOBS for job in JOBS[group]()])
