"""``assent audit``: verify the book, sign its head, or print the key that its signatures are checked with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit import api as audit
from assent.foundation.clock import now


class Command(BaseCommand):
    """Check the audit log."""

    help = "Verify the audit log against its chain, its tree and its signed checkpoints; sign its head; print its public key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb."""
        parser.add_argument("verb", choices=["verify", "checkpoint", "key"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, sign the head now, or print the key."""
        if options["verb"] == "key":
            self.stdout.write(audit.verifier_key())
            return
        audit.seal_pending()
        if options["verb"] == "checkpoint":
            self.stdout.write("signed" if audit.checkpoint(at=now()) else "nothing was added since the last checkpoint")
            return
        for log in audit.ended_logs():
            self.stdout.write(
                f"A restore on {log.at:%Y-%m-%d %H:%M} UTC ended the log {log.origin} at line {log.kept}; "
                f"{log.lost} line(s) signed after that are not in this book (head {log.head[:16] or 'none'}…)."
            )
        problems = audit.verify()
        for problem in problems:
            self.stderr.write(f"line {problem.number}: {problem.what}")
        if problems:
            message = f"the book does not hold together in {len(problems)} place(s)"
            raise CommandError(message)
        self.stdout.write("The book holds: no line was changed, removed, reordered or cut off.")
