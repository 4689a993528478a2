"""``assent audit``: verify the book, or sign its head."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit import api as audit
from assent.foundation.clock import now


class Command(BaseCommand):
    """Check the audit log."""

    help = "Verify the audit log against its chain and its signed checkpoints."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb."""
        parser.add_argument("verb", choices=["verify", "checkpoint"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, or sign the head of the chain now."""
        audit.seal_pending()
        if options["verb"] == "checkpoint":
            self.stdout.write("signed" if audit.checkpoint(at=now()) else "nothing was added since the last checkpoint")
            return
        problems = audit.verify()
        for problem in problems:
            self.stderr.write(f"line {problem.number}: {problem.what}")
        if problems:
            message = f"the book does not hold together in {len(problems)} place(s)"
            raise CommandError(message)
        self.stdout.write("The book holds: no line was changed, removed, reordered or cut off.")
