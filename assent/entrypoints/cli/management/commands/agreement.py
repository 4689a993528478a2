"""``assent agreement``: draw agreements up, read, accept, end and settle them."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation import clock
from assent.privacy.documents import api as documents
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo, AgreementRefused, ControllerInfo, EndChoice, UnknownAgreement


class Command(BaseCommand):
    """Under what the platform works for a controller, solution by solution."""

    help = "Draw up, read, accept and end the agreements that solutions work under."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the verbs and what each needs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        listed = verbs.add_parser("list", help="list every version and where it stands")
        generate = verbs.add_parser("generate", help="draw an agreement up from the policy in force")
        generate.add_argument("solution", help="a key of the policy's solutions, or `all` that need one")
        show = verbs.add_parser("show", help="print the words of a version as Markdown")
        show.add_argument("--language", default="", help="one of the version's languages; else its first")
        accept = verbs.add_parser("accept", help="accept a version, whose words you have read")
        accept.add_argument("--digest", required=True, help="of the words you read, as `list` and `generate` print it")
        accept.add_argument("--name", required=True, help="your name")
        accept.add_argument("--position", required=True, help="what you are at the controller: Director")
        end = verbs.add_parser("end", help="end the agreement in force; its solution then refuses to work")
        end.add_argument("--data", required=True, choices=[choice.value for choice in EndChoice], help="what becomes of them")
        end.add_argument("--due", required=True, type=date.fromisoformat, help="the last day for that, as 2027-01-31")
        end.add_argument("--until", type=date.fromisoformat, help="end at the beginning of that day instead of now")
        end.add_argument("--reason", required=True, help="in a few words")
        settle = verbs.add_parser("settle", help="write down that the data were returned or deleted, as was chosen")
        for verb in (show, accept, end, settle):
            verb.add_argument("number", type=int, help="the agreement's, as `list` prints it")
        for verb in (listed, generate, show, accept, end, settle):
            verb.add_argument("--controller", required=True, metavar="SLUG", help="whose agreement it is")
        for verb in (accept, end, settle):
            verb.add_argument("--by", required=True, metavar="EMAIL", help="the member of staff who does this")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run one verb; what cannot be done is said in one sentence."""
        where = controller_named(options["controller"])
        try:
            getattr(self, f"run_{verb}")(where, options)
        except (AgreementRefused, UnknownAgreement, NoPolicy, LookupError) as refused:
            raise CommandError(str(refused)) from None

    def run_list(self, where: ControllerInfo, _: dict[str, Any]) -> None:
        """List versions, newest first per solution."""
        for info in tenancy.agreements(controller=where.id):
            self.tell(where, info)

    def run_generate(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Draw up one, or all that are needed; what says the same as before stays as it is."""
        edition = documents.edition(controller=where.id)
        needed = [key for key, said in edition.policy.policy.solutions.items() if said.agreement != "none"]
        for solution in needed if options["solution"] == "all" else [options["solution"]]:
            by = Actor.system("cli")
            self.tell(where, documents.offer_agreement(controller=where.id, solution=solution, by=by, at=clock.now()))

    def run_show(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Print the words."""
        written = documents.agreement_documents(tenancy.agreement_text(controller=where.id, id=options["number"]))
        by_language = {document.language: document for document in written}
        language = options["language"] or written[0].language
        if language not in by_language:
            message = f"it is not written in {language!r}: choose {' or '.join(by_language)}"
            raise CommandError(message)
        self.stdout.write(documents.to_markdown(by_language[language]))

    def run_accept(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Accept, provided the words are still those the policy gives."""
        accepted = documents.accept_agreement(
            controller=where.id,
            agreement=options["number"],
            digest=options["digest"],
            name=options["name"],
            position=options["position"],
            by=self.member(where, options["by"]),
            at=clock.now(),
        )
        self.tell(where, accepted)

    def run_end(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """End it now, or at the beginning of a day."""
        until = options["until"]
        ended = tenancy.end_agreement(
            controller=where.id,
            agreement=options["number"],
            choice=EndChoice(options["data"]),
            due_on=options["due"],
            reason=options["reason"],
            by=self.member(where, options["by"]),
            at=clock.now(),
            until_at=datetime.combine(until, time(), ZoneInfo(where.time_zone)) if until else None,
        )
        self.tell(where, ended)

    def run_settle(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Write it down."""
        by = self.member(where, options["by"])
        self.tell(where, tenancy.settle_agreement(controller=where.id, agreement=options["number"], by=by, at=clock.now()))

    def tell(self, where: ControllerInfo, info: AgreementInfo) -> None:
        """Print one version on a line."""
        at = clock.now()
        state = tenancy.standing(info, at=at, today=at.astimezone(ZoneInfo(where.time_zone)).date())
        self.stdout.write(f"{info.id:>4}  {info.solution:16} v{info.version:<3} {info.kind:10} {state:11} {info.digest}")

    def member(self, where: ControllerInfo, email: str) -> Actor:
        """Return the member of the controller's staff with an e-mail."""
        for member in tenancy.members(controller=where.id):
            if member.email.casefold() == email.casefold():
                return Actor.staff(member.id)
        raise CommandError("nobody with that e-mail works for this controller: grant them a role first")
