"""``assent policy``: check a bundle, publish it, render its documents, print the schema, list versions."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from assent.audit.contracts import Actor
from assent.foundation import clock
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Edition
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import (
    Finding,
    FourEyes,
    InvalidPolicy,
    NoPolicy,
    PublishedMeanwhile,
    Severity,
    TooManyPurposes,
    UnknownVersion,
    WrongController,
)
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import UnknownController

REFUSED = (FourEyes, WrongController, PublishedMeanwhile, TooManyPurposes, UnknownVersion, UnknownController)


def count(number: int, what: str) -> str:
    """Return a number with its word, as ``1 error`` or ``2 errors``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


class Command(BaseCommand):
    """The policy as files: check, publish, roll back, render, list."""

    help = "Check, publish, roll back, render and list policies."
    requires_system_checks = ()  # a bundle can be checked while the house is being mended

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the verbs and what each needs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        check = verbs.add_parser("check", help="say what is wrong with a bundle, where, and how to mend it")
        check.add_argument("bundle", type=Path, help="a folder with policy.yaml and texts/")
        check.add_argument("--json", action="store_true", help="print the findings as JSON, for editors and builds")
        publish = verbs.add_parser("publish", help="put a bundle in force as a new version")
        publish.add_argument("bundle", type=Path, help="a folder with policy.yaml and texts/")
        publish.add_argument(
            "--wording-only", action="append", default=[], metavar="PATH", dest="same_meaning",
            help="changed words that mean what they meant, as purposes.news.description: nobody is asked again because of them",
        )  # fmt: skip
        rollback = verbs.add_parser("rollback", help="put an earlier version in force again, as a new version")
        rollback.add_argument("--to", type=int, required=True, metavar="NUMBER", help="the version to return to")
        versions = verbs.add_parser("versions", help="list what was published")
        for verb in (publish, rollback, versions):
            verb.add_argument("--controller", required=True, metavar="SLUG", help="whose policy it is")
        for verb in (publish, rollback):
            verb.add_argument("--by", metavar="EMAIL", help="the member of staff who does this")
        render = verbs.add_parser("render", help="write every document of a policy as page, Markdown and PDF")
        render.add_argument(
            "policy", metavar="BUNDLE_OR_CONTROLLER", help="a published controller, or a bundle's folder or name"
        )
        render.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="where to write them; made if it is not there"
        )
        render.add_argument("--version", type=int, metavar="NUMBER", help="of a controller: another version than the newest")
        schema = verbs.add_parser("schema", help="print the JSON Schema editors complete policy.yaml with")
        schema.add_argument("--overlay", action="store_true", help="the one for bundles that extend another")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run one verb; what cannot be done is said in one sentence."""
        try:
            getattr(self, f"run_{verb}")(options)
        except InvalidPolicy as invalid:
            raise CommandError(str(invalid)) from None
        except REFUSED as refused:
            raise CommandError(str(refused)) from None

    def run_check(self, options: dict[str, Any]) -> None:
        """Print what was found, file by file; fail if something is an error."""
        findings = policy.check(options["bundle"], on=clock.now().date())
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        summary = f"{options['bundle']}: {count(errors, 'error')}, {count(len(findings) - errors, 'warning')}"
        if options["json"]:
            said = {"bundle": str(options["bundle"]), "errors": errors, "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(said, indent=1, ensure_ascii=False))
        else:
            self.list_findings(findings)
        if errors:
            raise CommandError(summary)
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS(summary))

    def list_findings(self, findings: list[Finding]) -> None:
        """Print findings under their files, each with its cure below it; places stay in the form terminals jump from."""
        for file, found in groupby(findings, key=lambda finding: finding.file):
            self.stdout.write(self.style.MIGRATE_HEADING(file))
            for each in found:
                style = self.style.ERROR if each.severity is Severity.ERROR else self.style.WARNING
                clause = f" ({each.clause})" if each.clause else ""
                self.stdout.write(f"  {each.file}:{each.line}: {style(each.severity)} {each.code}: {each.place}")
                self.stdout.write(f"      {each.message}{clause}")
                self.stdout.write(f"      → {each.cure}")
            self.stdout.write("")

    def run_publish(self, options: dict[str, Any]) -> None:
        """Publish a bundle and say which version is in force."""
        controller = tenancy.controller(slug=options["controller"])
        who = self.actor(controller.id, options["by"])
        found = policy.publish(
            controller=controller.id,
            bundle=options["bundle"],
            by=who,
            at=clock.now(),
            same_meaning=options["same_meaning"],
        )
        self.stdout.write(self.style.SUCCESS(f"{controller.slug}: version {found.number} is in force, {found.digest}"))
        self.tell_asked_again(controller.id, found.number)

    def run_rollback(self, options: dict[str, Any]) -> None:
        """Return to an earlier version and say which version is in force."""
        controller = tenancy.controller(slug=options["controller"])
        who = self.actor(controller.id, options["by"])
        found = policy.rollback(controller=controller.id, to=options["to"], by=who, at=clock.now())
        self.stdout.write(self.style.SUCCESS(f"{controller.slug}: version {found.number} is in force, {found.digest}"))
        self.tell_asked_again(controller.id, found.number)

    def tell_asked_again(self, controller: int, number: int) -> None:
        """Say whose consents a version asks for again, and why."""
        for one in policy.asked_again(controller=controller, number=number):
            under = ", ".join(map(str, one.versions))
            self.stdout.write(f"asked again: {one.purpose}, agreed to under version {under} ({'; '.join(one.because)})")

    def run_versions(self, options: dict[str, Any]) -> None:
        """List versions, newest first."""
        controller = tenancy.controller(slug=options["controller"])
        for version in policy.versions(controller=controller.id):
            when = version.published_at.isoformat(timespec="seconds")
            self.stdout.write(f"{version.number:>4}  {when}  {version.digest[:12]}  {version.published_by}  {version.origin}")

    def run_render(self, options: dict[str, Any]) -> None:
        """Write every artefact, a line each."""
        edition = self.edition(options["policy"], options["version"])
        found = documents.artefacts(edition=edition)
        for path, content in found.items():
            target = options["out"] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            self.stdout.write(f"{target}  {len(content):,} bytes")
        stamp = edition.stamp
        what = f"version {stamp.number}" if stamp.number else "a draft, not published"
        slug = edition.policy.policy.controller.slug
        self.stdout.write(self.style.SUCCESS(f"{slug}: {len(found)} files of {what}, {stamp.digest}"))

    def edition(self, named: str, number: int | None) -> Edition:
        """
        Return a controller's published policy, else the bundle in this folder or of this name.

        :raises CommandError: if there is neither
        """
        bundle = next((path for path in (Path(named), settings.HOME / "policies" / named) if path.is_dir()), None)
        # A path is a bundle; a name may be both, and what is published says more than what is written.
        if "/" not in named and (controller := self.published(named)) is not None:
            return documents.edition(controller=controller, number=number)
        if bundle is None or number is not None:
            raise CommandError(f"{named!r} is neither a controller with a published policy nor a folder with policy.yaml")
        return documents.edition_of(bundle=bundle)

    def published(self, slug: str) -> int | None:
        """Return the controller of this name if it has published a policy; a house without tables has none."""
        try:
            controller = tenancy.controller(slug=slug).id
            policy.current(controller=controller)
        except (UnknownController, NoPolicy, OperationalError, ProgrammingError):
            return None
        return controller

    def run_schema(self, options: dict[str, Any]) -> None:
        """Print the JSON Schema."""
        self.stdout.write(json.dumps(policy.schema(overlay=options["overlay"]), indent=1, ensure_ascii=False, sort_keys=True))

    def actor(self, controller: int, email: str | None) -> Actor:
        """Return who does this: a member of the controller's staff, or the command line itself."""
        if email is None:
            return Actor.system("cli")
        for member in tenancy.members(controller=controller):
            if member.email.casefold() == email.casefold():
                return Actor.staff(member.id)
        raise CommandError("nobody with that e-mail works for this controller: leave out --by, or grant them a role first")
