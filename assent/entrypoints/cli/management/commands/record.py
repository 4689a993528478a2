"""``assent record``: the record of processing as JSON, a controller's or the platform's over all controllers."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.privacy.documents import api as documents
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.ropa import api as ropa
from assent.privacy.ropa.contracts import NoPlatform
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import UnknownController

REFUSED = (NoPolicy, NoPlatform, UnknownController)


class Command(BaseCommand):
    """What an authority may ask for (GDPR art. 30(4)), from the policies in force."""

    help = "Print the record of processing as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for whose record, and in which language."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--controller", metavar="SLUG", help="the record of this controller, art. 30(1)")
        whose.add_argument("--platform", action="store_true", help="the record of who operates the software, art. 30(2)")
        whose.add_argument("--schema", action="store_true", help="the JSON schema of both")
        parser.add_argument("--language", default="en", choices=documents.LANGUAGES, help="of the policies' own words")

    def handle(self, **options: Any) -> None:
        """Print one record; what cannot be compiled is said in one sentence."""
        if options["schema"]:
            self.stdout.write(json.dumps(ropa.schema(), ensure_ascii=False, indent=2))
            return
        try:
            record = self.platform(options["language"]) if options["platform"] else self.controller(**options)
        except REFUSED as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(record.decode(), ending="")

    def controller(self, *, controller: str, language: str, **_options: Any) -> bytes:
        """Return the record of one controller."""
        edition = documents.edition(controller=tenancy.controller(slug=controller).id)
        return ropa.as_json(ropa.controller_record(edition.policy, language, edition.stamp.published_at))

    def platform(self, language: str) -> bytes:
        """Return the platform's record for every controller it works for; say which it does not work for."""
        served = []
        for one in tenancy.controllers():
            try:
                if documents.edition(controller=one.id).policy.policy.platform:
                    served.append(one.id)
                    continue
            except NoPolicy:
                pass
            self.stderr.write(f"{one.slug}: left out, no policy in force names a platform")
        return ropa.as_json(ropa.of_processor(controllers=served, language=language))
