"""``assent receipt verify FILE``: check a receipt, offline."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assent import receipts


class Command(BaseCommand):
    """Check a receipt. ``assent`` runs this without settings and database; here it is for whoever comes by Django."""

    help = "Check the receipt of a choice: signature, proof and checkpoint. Needs no database and no network."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's way

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file, and the log's key if known."""
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("file")
        parser.add_argument("--key", default="", help="the log's verifier key, or a file that holds it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, say what held, and end with the status."""
        sys.exit(receipts.main([options["file"], *(["--key", options["key"]] if options["key"] else [])]))
