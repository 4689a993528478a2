"""``assent restore``: put a backup back, and let happen again what it must not undo, before anybody is served."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.backups import api as backups
from assent.backups.contracts import Refused, Restored
from assent.foundation.clock import now


class Command(BaseCommand):
    """The way back."""

    help = "Restore a backup into an empty place or over a stopped house, then replay the journal since."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's way; a half-restored house is what this mends

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the archives, the key and the journal."""
        parser.add_argument("data", nargs="?", type=Path, help="the archive of the data")
        parser.add_argument("--keys", type=Path, help="the newest archive of keys, where the keys in place are lost")
        parser.add_argument("--identity", type=Path, help="file of the private key")
        parser.add_argument("--passphrase-file", type=Path, help="a file whose first line opens the private key")
        parser.add_argument("--journal", type=Path, help="the journal's copy, where the journal in place is lost")
        parser.add_argument("--without-journal", action="store_true", help="the journal is lost for good: go on without it")
        parser.add_argument("--over", action="store_true", help="replace the house that is in this place")
        parser.add_argument("--resume", action="store_true", help="go on with a restore that was cut off")
        parser.add_argument("--report", type=Path, help="write how it went into a file, as JSON")

    def handle(self, **options: Any) -> None:
        """Restore or go on; what can't be done is said in a sentence."""
        try:
            done = backups.resume(at=now(), say=self.say) if options["resume"] else self.restore(**options)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        if options["report"]:
            options["report"].write_text(json.dumps({**asdict(done), "cut_at": done.cut_at.isoformat()}))
        self.tell(done)

    def restore(self, **given: Any) -> Restored:
        """Put it back."""
        if given["data"] is None or given["identity"] is None:
            message = "name the archive of the data, and the private key with --identity"
            raise Refused(message)
        file = given["passphrase_file"]
        opening = backups.identities(given["identity"], file.read_text().partition("\n")[0] if file else "")
        wanted = backups.Wanted(
            data=given["data"], keys=given["keys"], opening=opening, journal=given["journal"],
            without_journal=given["without_journal"], over=given["over"],
        )  # fmt: skip
        return backups.restore(wanted, at=now(), say=self.say)

    def say(self, words: str) -> None:
        """Say what is being done."""
        self.stdout.write(words)

    def tell(self, done: Restored) -> None:
        """Say how it went."""
        again = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in asdict(done.replayed).items() if count)
        self.stdout.write(
            f"Restored {done.backup}, as of {done.cut_at:%Y-%m-%d %H:%M:%S} UTC. Done again: {again or 'nothing'}."
        )
        if done.lost_lines:
            self.stdout.write(
                f"{done.lost_lines} line(s) of the book were signed after that; `assent audit verify` tells of it."
            )
        if done.keyless:
            self.stdout.write(f"{done.keyless} people have no key here: who they are can't be read.")
        for difference in done.differences:
            self.stderr.write(difference)
