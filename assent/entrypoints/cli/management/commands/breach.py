"""``assent breach``: the register, its alarms and its drafts, from the command line."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import (
    AlarmState,
    BreachInfo,
    NamesSomebody,
    Nature,
    NotNow,
    Reach,
    Reading,
    UnknownBreach,
)
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Kind
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo

KINDS = {"authority": Kind.BREACH_TO_AUTHORITY, "controller": Kind.BREACH_TO_CONTROLLER, "people": Kind.BREACH_TO_PEOPLE}


class Command(BaseCommand):
    """Breaches of personal data: written down, weighed, told in time (GDPR arts. 33, 34)."""

    help = "Write breaches down, find whom they affect, print the drafts, settle alarms."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the verbs and what each needs."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        listed = verbs.add_parser("list", help="list the register and how each clock stands")
        alarms = verbs.add_parser("alarms", help="list alarms that are open")
        suspect = verbs.add_parser("suspect", help="write a suspicion down; the clock does not run yet")
        suspect.add_argument("title", help="what it is about, without names of people")
        suspect.add_argument(
            "--nature", action="append", default=[], choices=[one.value for one in Nature], help="what was lost"
        )
        suspect.add_argument("--alarm", type=int, help="the alarm it comes from, as `alarms` prints it")
        affected = verbs.add_parser("affected", help="find whom a key or a colleague touched, exactly")
        affected.add_argument(
            "--doer", action="append", default=[], metavar="KIND:ID", help="as key:7 or staff:3; else everyone"
        )
        affected.add_argument("--since", required=True, type=moment, help="as 2026-11-25T14:00, in the controller's zone")
        affected.add_argument("--until", type=moment, help="the same; now, if left out")
        affected.add_argument("--reading", action="append", default=[], choices=[one.value for one in Reading], help="else all")
        confirm = verbs.add_parser("confirm", help="say that it is a breach: the clock starts")
        confirm.add_argument("--aware", type=moment, help="when somebody was certain; now, if left out")
        contain = verbs.add_parser("contain", help="say by what it was stopped")
        dismiss = verbs.add_parser("dismiss", help="say why it is no breach")
        for verb in (contain, dismiss):
            verb.add_argument("--note", required=True, help="in a few words, without names of people")
        close = verbs.add_parser("close", help="close it, once everything owed is done")
        draft = verbs.add_parser("draft", help="print a draft as Markdown")
        draft.add_argument("--to", default="authority", choices=list(KINDS), help="for whom")
        draft.add_argument("--language", default="", help="one of the policy's; else its first")
        settle = verbs.add_parser("dismiss-alarm", help="dismiss an alarm with a reason")
        settle.add_argument("alarm", type=int)
        settle.add_argument("--note", required=True, help="why it means nothing")
        for verb in (affected, confirm, contain, dismiss, close, draft):
            verb.add_argument("number", type=int, help="the breach's, as `list` prints it")
        every = (listed, alarms, suspect, affected, confirm, contain, dismiss, close, draft, settle)
        for verb in every:
            verb.add_argument("--controller", required=True, metavar="SLUG", help="whose breach it is")
        for verb in (suspect, affected, confirm, contain, dismiss, close, settle):
            verb.add_argument("--by", required=True, metavar="EMAIL", help="the member of staff who does this")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run one verb; what cannot be done is said in one sentence."""
        where = controller_named(options["controller"])
        try:
            getattr(self, f"run_{verb.replace('-', '_')}")(where, options)
        except (NotNow, NamesSomebody, UnknownBreach, NoPolicy, LookupError) as refused:
            raise CommandError(str(refused)) from None

    def run_list(self, where: ControllerInfo, _: dict[str, Any]) -> None:
        """List breaches, newest first."""
        for info in breaches.breaches(controller=where.id):
            self.tell(info)

    def run_alarms(self, where: ControllerInfo, _: dict[str, Any]) -> None:
        """List open alarms, newest first."""
        for one in breaches.alarms(controller=where.id, states=[AlarmState.OPEN]):
            self.stdout.write(
                f"{one.id:>4}  {one.rule:8} {one.doer:16} {one.seen:>8,} seen, {one.limit:,} ordinary  {one.since}"
            )

    def run_suspect(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Write it down."""
        self.tell(
            breaches.suspect(
                controller=where.id,
                title=options["title"],
                found_at=clock.now(),
                from_alarm=options["alarm"],
                nature=[Nature(one) for one in options["nature"]],
                **self.who(where, options),
            )
        )

    def run_affected(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Find them, and say how many by what was read."""
        zone = ZoneInfo(where.time_zone)
        until = options["until"].replace(tzinfo=zone) if options["until"] else clock.now() + timedelta(seconds=1)
        readings = tuple(Reading(one) for one in options["reading"]) or tuple(Reading)
        reach = Reach(tuple(options["doer"]), options["since"].replace(tzinfo=zone), until, readings)
        found = breaches.find_affected(controller=where.id, breach=options["number"], reach=reach, **self.who(where, options))
        for name, (records, people) in found.readings.items():
            self.stdout.write(f"      {name:12} {records:>10,} times  {people:>10,} people")
        self.tell(found)

    def run_confirm(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Start the clock."""
        how = self.who(where, options)
        aware = options["aware"].replace(tzinfo=ZoneInfo(where.time_zone)) if options["aware"] else how["at"]
        self.tell(breaches.confirm(controller=where.id, breach=options["number"], aware_at=aware.astimezone(UTC), **how))

    def run_contain(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Say how it was stopped."""
        how = self.who(where, options)
        self.tell(breaches.contain(controller=where.id, breach=options["number"], note=options["note"], **how))

    def run_dismiss(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Say why it is none."""
        how = self.who(where, options)
        self.tell(breaches.dismiss(controller=where.id, breach=options["number"], reason=options["note"], **how))

    def run_close(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Close it."""
        self.tell(breaches.close(controller=where.id, breach=options["number"], **self.who(where, options)))

    def run_draft(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Print a draft."""
        edition = documents.edition(controller=where.id)
        language = options["language"] or documents.languages(edition.policy.policy)[0]
        info = breaches.breach(controller=where.id, breach=options["number"])
        document = documents.breach_document(
            edition=edition, kind=KINDS[options["to"]], language=language, breach=info, at=clock.now()
        )
        self.stdout.write(documents.to_markdown(document))

    def run_dismiss_alarm(self, where: ControllerInfo, options: dict[str, Any]) -> None:
        """Settle an alarm."""
        how = self.who(where, options)
        done = breaches.dismiss_alarm(controller=where.id, alarm=options["alarm"], reason=options["note"], **how)
        self.stdout.write(f"alarm {done.id}: {done.state}")

    def tell(self, info: BreachInfo) -> None:
        """Print one breach on a line."""
        state, left = breaches.clock(info, at=clock.now())
        hours = "" if left is None else f" {left.total_seconds() / 3600:+.0f} h"
        self.stdout.write(f"{info.id:>4}  {info.state:10} clock {state}{hours}  {info.people:,} people  {info.title}")

    def who(self, where: ControllerInfo, options: dict[str, Any]) -> dict[str, Any]:
        """Return who does it, and now."""
        for member in tenancy.members(controller=where.id):
            if member.email.casefold() == options["by"].casefold():
                return {"by": Actor.staff(member.id), "at": clock.now()}
        message = "nobody with that e-mail works for this controller: grant them a role first"
        raise CommandError(message)


def moment(text: str) -> datetime:
    """Return a moment without a zone, which the controller's is put to."""
    return datetime.fromisoformat(text).replace(tzinfo=None)
