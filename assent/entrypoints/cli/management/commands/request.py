"""``assent request``: register, list, show and move requests of people."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Ground,
    Identity,
    NotNow,
    Outcome,
    Refusal,
    RequestInfo,
    RequestKind,
    Selection,
    UnknownRequest,
    Via,
)
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import ControllerInfo

BY = Actor.system("cli")
# Deeds that take words, and those that take none.
WORDED = {"ask-identity": rights.ask_identity, "ask": rights.ask_clarification, "clarified": rights.clarified,
          "extend": rights.extend, "release": rights.release_restriction}  # fmt: skip
PLAIN = {"identity": rights.confirm_identity, "letter": rights.letter_sent, "withdraw": rights.withdraw_request}


class Command(BaseCommand):
    """Requests from the command line."""

    help = "Register what people ask, see by when it is due, and answer it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb, whose request, and what it needs."""
        parser.add_argument("verb", choices=["new", "list", "show", "answer", "refuse", *WORDED, *PLAIN])
        parser.add_argument("number", nargs="?", default="", help="the number people quote, like K3M7-9QX2")
        parser.add_argument("--controller", required=True)
        parser.add_argument("--show", choices=[one.value for one in Selection], default=Selection.OPEN.value, help="of a list")
        parser.add_argument("--kind", choices=[kind.value for kind in RequestKind], help="of a new one")
        parser.add_argument("--email", help="who asks; looked up and not kept")
        parser.add_argument("--phone", help="who asks; looked up and not kept")
        parser.add_argument("--via", choices=[via.value for via in Via], default=Via.LETTER.value)
        parser.add_argument("--received", help="the day it reached you, like 2026-11-30; else now")
        parser.add_argument("--checked", action="store_true", help="you have made sure who asks")
        parser.add_argument("--field", action="append", default=[], help="of a correction: first_name=Ana; once for each")
        parser.add_argument("--statement", default="", help="of a correction: what completes the data")
        parser.add_argument("--ground", choices=[ground.value for ground in Ground], help="of a restriction")
        parser.add_argument("--purpose", action="append", default=[], help="of an objection or withdrawal; none for all")
        parser.add_argument("--decision", default="", help="of a review by a person")
        parser.add_argument("--reason", action="append", default=[], choices=[one.value for one in Refusal])
        parser.add_argument("--words", default="", help="what the person said, or is told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what became of it."""
        info = controller_named(options["controller"])
        try:
            if options["verb"] == "list":
                self._list(info, Selection(options["show"]))
            elif options["verb"] == "new":
                self._said(self._new(info, options))
            else:
                self._act(info, options)
        except (BadRequest, NotNow, UnknownRequest, UnknownSubject) as error:
            raise CommandError(str(error)) from None

    def _list(self, info: ControllerInfo, which: Selection) -> None:
        found = rights.requests(controller=info.id, which=which, limit=500, at=now())
        for one in found:
            self._said(one)
        if not found:
            self.stdout.write(f"no request here ({which.value.replace('_', ' ')})")

    def _said(self, one: RequestInfo) -> None:
        waits = "  waits for staff" if one.waits_for_staff else ""
        self.stdout.write(f"{one.number}  {one.kind:14} {one.state:14} {one.clock:9} until {one.last_day}{waits}")

    def _new(self, info: ControllerInfo, options: dict[str, Any]) -> RequestInfo:
        if not options["kind"] or bool(options["email"]) == bool(options["phone"]):
            raise CommandError("a new request takes --kind, and --email or --phone of who asks")
        at = now()
        received = at
        if options["received"]:
            try:
                noon = datetime.fromisoformat(f"{options['received']}T12:00").replace(tzinfo=ZoneInfo(info.time_zone))
            except ValueError:
                raise CommandError("--received is a day like 2026-11-30") from None
            received = min(noon, at) if noon.date() == at.astimezone(noon.tzinfo).date() else noon
        pairs = [pair.partition("=") for pair in options["field"]]
        asked = Asked(
            fields={name: value for name, _, value in pairs},
            statement=options["statement"],
            ground=Ground(options["ground"]) if options["ground"] else None,
            purposes=tuple(options["purpose"]),
            decision=options["decision"],
            words=options["words"],
        )
        done = rights.receive(
            controller=info.id,
            kind=RequestKind(options["kind"]),
            subject=None,
            address=("email", options["email"]) if options["email"] else ("phone", options["phone"]),
            via=Via(options["via"]),
            identity=Identity.CHECKED if options["checked"] else Identity.NONE,
            asked=asked,
            received_at=received,
            by=BY,
            at=at,
        )
        if done.joined:
            self.stdout.write("joined the open request about the same")
        return done.request

    def _act(self, info: ControllerInfo, options: dict[str, Any]) -> None:
        verb, at = options["verb"], now()
        if not options["number"]:
            raise CommandError(f"`assent request {verb}` takes the number of a request")
        found = rights.by_number(controller=info.id, number=options["number"], at=at)
        which: dict[str, Any] = {"controller": info.id, "request": found.id, "by": BY, "at": at}
        reasons, words = [Refusal(one) for one in options["reason"]], options["words"]
        if verb == "show":
            self._show(info, found, at)
        elif verb == "answer":
            outcome = Outcome.PARTLY if reasons else Outcome.GRANTED
            self._said(rights.answer(**which, outcome=outcome, refusals=reasons, words=words))
        elif verb == "refuse":
            self._said(rights.refuse(**which, reasons=reasons, words=words))
        elif verb in WORDED:
            self._said(WORDED[verb](**which, words=words))
        else:
            self._said(PLAIN[verb](**which))

    def _show(self, info: ControllerInfo, found: RequestInfo, at: datetime) -> None:
        """Show the course of a request: codes, and nothing a person said, since a terminal keeps what it shows."""
        self._said(found)
        story = rights.story(controller=info.id, request=found.id, by=BY, at=at)
        for step in story.steps:
            codes = " ".join(f"{name}={value}" for name, value in step.codes.items())
            self.stdout.write(f"  {step.at:%Y-%m-%d %H:%M} {step.kind:22} {step.by}  {codes}".rstrip())
        for task in story.tasks:
            if not task.done:
                self.stdout.write(f"  waits: {task.kind} ({task.waits_for or 'its turn'}, {task.attempts} attempts)")
        for kept in story.stays:
            self.stdout.write(f"  stays: {kept.store}: {kept.because}")
