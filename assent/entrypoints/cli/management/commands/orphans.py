"""``assent orphans``: personal data that no live purpose holds, by store and kind; there should be none."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.retention import api as retention
from assent.tenancy import api as tenancy


class Command(BaseCommand):
    """A full scan; it changes nothing. Ends with an error where something is left, so that a script notices."""

    help = "Scan every store for personal data without a live purpose."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for whose people, everybody's if nobody is named."""
        parser.add_argument("--controller", metavar="SLUG")

    def handle(self, *, controller: str | None, **_options: Any) -> None:
        """Print the counts."""
        left = 0
        for info in [controller_named(controller)] if controller else tenancy.controllers():
            try:
                found = retention.orphans(controller=info.id, at=now())
            except NoPolicy:
                self.stderr.write(f"{info.slug}: left out, no policy is in force")
                continue
            for one in found:
                self.stdout.write(f"{info.slug}: {one.store} {one.kind}: {one.records} of {one.people} people")
            left += sum(one.records for one in found)
        self.stdout.write(f"{left} records without a live purpose")
        if left:
            raise CommandError("`assent retention run` lets them end")
