"""``assent person``: export or erase one person, let them take their data along, or take in what they bring."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.ingest import api as ingest
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import BadPackage
from assent.privacy.sources.contracts import UnknownSource
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy import api as tenancy


class Command(BaseCommand):
    """Access and erasure from the command line."""

    help = "Export all that is held about a person, erase them, or move their data from or to another controller (art. 20)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb, whose person, and which."""
        parser.add_argument("verb", choices=["export", "erase", "package", "import-package"])
        parser.add_argument("--controller", required=True)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--id", type=UUID, help="the person's id, as the console and the API show it")
        which.add_argument("--user-id", help="the brand's own id of the person")
        which.add_argument("--email", help="works if exactly one person has it")
        parser.add_argument("--output", type=Path, default=Path("person.zip"), help="where the export or package goes")
        parser.add_argument("--package", type=Path, help="import-package: the zip that another controller gave")
        parser.add_argument("--source", default="", help="import-package: the policy's source, as `you` where they brought it")
        parser.add_argument("--property", help="import-package: the server of the brand that it counts as coming from")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and report per store."""
        info = controller_named(options["controller"])
        by = Actor.system("cli")
        named = any(options[one] for one in ("id", "user_id", "email"))
        if options["verb"] == "import-package":
            self._take_in(info.id, self._find(info.id, options) if named else None, by, options)
            return
        if not named:
            raise CommandError("say which person: --id, --user-id or --email")
        subject = self._find(info.id, options)
        if options["verb"] in {"export", "package"}:
            make = rights.export_person if options["verb"] == "export" else rights.portable_package
            self._write(options["output"], lambda: make(controller=info.id, subject=subject, by=by, at=now()))
            return
        report = rights.erase_unheld(controller=info.id, subjects=[subject], by=by, at=now())[0]
        for store in report.stores:
            kept = f", kept {store.kept}: {store.kept_because}" if store.kept else ""
            self.stdout.write(f"{store.store:14} removed {store.removed}{kept}")
        if report.waits_for:
            self.stdout.write(f"waiting: {report.waits_for} (the worker goes on by itself)")
        else:
            self.stdout.write("done")

    def _write(self, output: Path, make: Callable[[], bytes]) -> None:
        try:
            # Nobody else on the machine may read it.
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            message = f"{output} can't be made ({error.strerror}): name a new file with --output"
            raise CommandError(message) from None
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        self.stdout.write(f"{output}: {output.stat().st_size:,} bytes")

    def _take_in(self, controller: int, subject: int | None, by: Actor, options: dict[str, Any]) -> None:
        server = next((one.id for one in tenancy.properties(controller=controller) if one.slug == options["property"]), None)
        if server is None:
            raise CommandError("name a server of the brand with --property: `assent property` makes one")
        try:
            data = (options["package"] or Path()).read_bytes()
            done = ingest.import_package(
                controller=controller, property=server, data=data, by=by, at=now(), subject=subject,
                source=options["source"],
            )  # fmt: skip
        except OSError as error:
            message = f"the package can't be read ({error.strerror}): name it with --package"
            raise CommandError(message) from None
        except (BadPackage, UnknownSource) as why:
            raise CommandError(str(why)) from None
        person = subjects.public_ids(controller=controller, subjects=[done.subject])[done.subject]
        self.stdout.write(f"{person}: {'made' if done.created else 'known before'}")
        self.stdout.write(f"{done.sent:,} events wait at the gate, {done.receipts:,} receipts are kept")
        for what in done.left_out:
            self.stdout.write(f"left out: {what}")

    @staticmethod
    def _find(controller: int, options: dict[str, Any]) -> int:
        if options["id"]:
            try:
                return subjects.by_public_id(controller=controller, public_id=options["id"])
            except UnknownSubject:
                raise CommandError("nobody of this controller has that id") from None
        kind = "user_id" if options["user_id"] else "email"
        (found,) = subjects.recognise(controller=controller, kind=kind, values=[options[kind]])
        if not found:
            message = f"no one person of this controller has that {kind.replace('_', ' ')}: name the person by --id"
            raise CommandError(message)
        return found
