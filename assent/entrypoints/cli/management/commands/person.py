"""``assent person``: export or erase one person."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject


class Command(BaseCommand):
    """Access and erasure from the command line."""

    help = "Export all that is held about a person, or erase them from every store."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb, whose person, and which."""
        parser.add_argument("verb", choices=["export", "erase"])
        parser.add_argument("--controller", required=True)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--id", type=UUID, help="the person's id, as the console and the API show it")
        which.add_argument("--user-id", help="the brand's own id of the person")
        which.add_argument("--email", help="works if exactly one person has it")
        parser.add_argument("--output", type=Path, default=Path("person.zip"), help="where the export goes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and report per store."""
        info = controller_named(options["controller"])
        subject = self._find(info.id, options)
        by = Actor.system("cli")
        if options["verb"] == "export":
            self._export(info.id, subject, by, options["output"])
            return
        report = rights.erase(controller=info.id, subjects=[subject], by=by, at=now())
        for store in report.stores:
            kept = f", kept {store.kept}: {store.kept_because}" if store.kept else ""
            self.stdout.write(f"{store.store:14} removed {store.removed}{kept}")
        if report.waits_for:
            self.stdout.write(f"waiting: {report.waits_for} (the worker goes on by itself)")
        else:
            self.stdout.write("done")

    def _export(self, controller: int, subject: int, by: Actor, output: Path) -> None:
        try:
            # Nobody else on the machine may read it.
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            message = f"{output} can't be made ({error.strerror}): name a new file with --output"
            raise CommandError(message) from None
        with os.fdopen(handle, "wb") as file:
            file.write(rights.export_person(controller=controller, subject=subject, by=by, at=now()))
        self.stdout.write(f"{output}: {output.stat().st_size:,} bytes")

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
