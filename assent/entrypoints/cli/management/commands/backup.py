"""``assent backup``: make, list, check, prune and try copies of the house; make a key; say when nothing erased can return."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.audit.contracts import Actor
from assent.backups import api as backups
from assent.backups.contracts import Drill, Refused
from assent.foundation.clock import now

BY = Actor.system("cli")


class Command(BaseCommand):
    """Copies of the house."""

    help = "Make, list, verify, prune and try backups; make a key for them; say the erasure horizon."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb and what it needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("make", help="copy everything now, encrypted: an archive of the data and one of the keys")
        verbs.add_parser("list", help="what there is and until when")
        verbs.add_parser("prune", help="delete what the policy says must end")
        verbs.add_parser("horizon", help="from when on nothing erased now can come back from any copy")
        check = verbs.add_parser("verify", help="check copies: their bytes, and with a private key all they hold")
        check.add_argument("id", nargs="?", help="which; all if none is named")
        _key_arguments(check, required=False)
        trial = verbs.add_parser("drill", help="restore the latest copy into a scratch place and compare")
        _key_arguments(trial, required=True)
        trial.add_argument("--id", help="which copy of the data; the latest if none is named")
        trial.add_argument(
            "--database", default="", help="on PostgreSQL: an empty database to restore into; else the role needs CREATEDB"
        )
        key = verbs.add_parser("key", help="make a private key (best on another machine) and print the public one")
        key.add_argument("file", type=Path, help="where to put the private key")
        key.add_argument("--passphrase-file", type=Path, help="a file whose first line protects the private key")

    def handle(self, **options: Any) -> None:
        """Do it; what can't be done is said in a sentence."""
        try:
            getattr(self, options["verb"])(**options)
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def make(self, **_: Any) -> None:
        """Copy now."""
        for one in backups.make(by=BY, at=now()):
            self.stdout.write(f"{one.file}  {one.size} bytes")

    def list(self, **_: Any) -> None:
        """List copies, newest first."""
        found = backups.backups()
        kept = backups.periods(at=now())
        for one in found:
            self.stdout.write(
                f"{one.id}  {one.kind}  {one.made_at:%Y-%m-%d %H:%M} UTC  {one.size} bytes  kept {kept.of(one.kind) or '?'}"
            )
        if not found:
            self.stdout.write("There is no backup.")

    def prune(self, **_: Any) -> None:
        """Delete what is over."""
        for one in backups.prune(by=BY, at=now()):
            self.stdout.write(f"deleted {one.id}")

    def horizon(self, **_: Any) -> None:
        """Say when nothing erased now can come back."""
        found = backups.horizon(at=now())
        if found.overdue:
            self.stdout.write(f"{found.overdue} backup(s) are past their time: `assent backup prune` deletes them.")
        if found.promised is None:
            message = "no policy in force says how long backups are kept"
            raise Refused(message)
        self.stdout.write(
            f"Promised: what is erased now can't come back from any copy after {found.promised:%Y-%m-%d %H:%M} UTC."
        )
        if found.at is not None:
            self.stdout.write(f"With the copies there are: after {found.at:%Y-%m-%d %H:%M} UTC.")

    def verify(self, *, id: str | None, identity: Path | None, passphrase_file: Path | None, **_: Any) -> None:  # noqa: A002
        """Check one copy or all."""
        opening = backups.identities(identity, _passphrase(passphrase_file)) if identity else None
        bad = 0
        for one in [backups.find(id)] if id else backups.backups():
            try:
                whole = backups.verify(one, opening=opening)
            except Refused as refused:
                bad += 1
                self.stderr.write(str(refused))
            else:
                self.stdout.write(
                    f"{one.id}: {'whole' if whole else 'its bytes are those written; with --identity all is read'}"
                )
        if bad:
            message = f"{bad} backup(s) can't be relied on"
            raise CommandError(message)

    def drill(self, *, identity: Path, passphrase_file: Path | None, id: str | None, database: str, **_: Any) -> None:  # noqa: A002
        """Try the way back."""
        done = backups.drill(
            identity=identity.absolute(), passphrase_file=passphrase_file and passphrase_file.absolute(), database=database,
            backup=backups.find(id) if id else None, by=BY, at=now(),
        )  # fmt: skip
        self.tell(done)

    def tell(self, done: Drill) -> None:
        """Say how a drill went."""
        if not done.passed:
            raise CommandError("\n".join([f"{done.backup} did not come back whole", *done.differences, done.problem]).strip())
        self.stdout.write(
            f"{done.backup} came back in {done.seconds:g} s: {done.rows} rows in {done.tables} tables as they were copied, "
            f"{done.people} people."
        )
        if done.replayed:
            self.stdout.write("Done again from the journal: " + ", ".join(f"{k} {v}" for k, v in done.replayed.items()))

    def key(self, *, file: Path, passphrase_file: Path | None, **_: Any) -> None:
        """Make a key."""
        self.stdout.write(backups.new_key(file, passphrase=_passphrase(passphrase_file)))


def _key_arguments(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--identity", type=Path, required=required, help="file of the private key")
    parser.add_argument("--passphrase-file", type=Path, help="a file whose first line opens the private key")


def _passphrase(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text().partition("\n")[0]
    except OSError as error:
        message = f"{file}: can't be read ({error.strerror})"
        raise Refused(message) from None
