"""``assent measures``: what the policy promises of security, and what the check of each finds now (GDPR art. 32)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.policy.contracts import NoPolicy


class Command(BaseCommand):
    """Run the checks of a controller's measures."""

    help = "Run the check of each security measure in the policy; ends with an error if one does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the controller."""
        parser.add_argument("--controller", required=True, metavar="SLUG", help="whose measures")

    def handle(self, **options: Any) -> None:
        """Check each and print one line per measure."""
        where = controller_named(options["controller"])
        try:
            shown = breaches.check_measures(controller=where.id, by=Actor.system("cli"), at=clock.now())
        except NoPolicy as refused:
            raise CommandError(str(refused)) from None
        for one in shown:
            word = {True: "holds", False: "DOES NOT HOLD", None: "does not apply here"}[one.holds]
            figures = ", ".join(f"{name} {value}" for name, value in one.figures.items())
            self.stdout.write(f"{one.check:22} {word:20} {figures}  ({one.measure})")
        failed = sum(one.holds is False for one in shown)
        if failed:
            message = f"{failed} of {len(shown)} measures do not hold"
            raise CommandError(message)
