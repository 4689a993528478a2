"""``assent retention``: what will end, let it end now, what the last runs did; and the holds that keep it."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import BadHold, HoldReason, RetentionRun, UnknownHold
from assent.tenancy.contracts import ControllerInfo

BY = Actor.system("cli")


class Command(BaseCommand):
    """Retention by hand; the worker does the same once a day."""

    help = "Preview, run and report what ends; put data on legal hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask what to do, and for which controller."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        preview = verbs.add_parser("preview", help="what will have ended by a day, as the last run counted it")
        preview.add_argument("--by", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        verbs.add_parser("run", help="let end now what is over, and go on with a run that was cut off")
        verbs.add_parser("report", help="what the last runs did")
        verbs.add_parser("holds", help="the legal holds")
        hold = verbs.add_parser("hold", help="let nothing end of everyone, or of a purpose, for a claim")
        hold.add_argument("--reason", choices=[one.value for one in HoldReason], required=True)
        hold.add_argument("--reference", required=True, help="number of the file it belongs to")
        hold.add_argument("--until", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="the last day")
        hold.add_argument("--purpose", default="", help="only what is kept for this purpose")
        release = verbs.add_parser("release", help="end a hold before its day")
        release.add_argument("number", type=int)
        for verb in verbs.choices.values():
            verb.add_argument("--controller", metavar="SLUG", required=True)

    def handle(self, *, verb: str, controller: str, **options: Any) -> None:
        """Do it; what can't be done is said in one sentence."""
        info = controller_named(controller)
        try:
            getattr(self, verb)(info, **options)
        except (BadHold, UnknownHold, NoPolicy) as refused:
            raise CommandError(str(refused)) from None

    def preview(self, info: ControllerInfo, *, by: date, **_options: Any) -> None:
        """Say how many people and purposes will have ended."""
        found = retention.preview(controller=info.id, by=by)
        if found is None:
            raise CommandError("nothing is counted yet: `assent retention run` does it, and the worker once a day")
        self.stdout.write(f"by {by.isoformat()}, counted {found.as_of:%Y-%m-%d %H:%M}: {found.people} people go whole")
        for purpose, people in found.purposes.items():
            self.stdout.write(f"  {purpose}: ends for {people}")

    def run(self, info: ControllerInfo, **_options: Any) -> None:
        """Walk over everybody, and report."""
        number = retention.begin(controller=info.id, by=BY, at=now())
        while retention.step(controller=info.id, run=number, at=now()):
            pass
        found = next(one for one in retention.runs(controller=info.id) if one.id == number)
        if found.finished_at is None:
            raise CommandError("another process is at this run; `assent retention report` says how far it is")
        self.tell(found)

    def report(self, info: ControllerInfo, **_options: Any) -> None:
        """Tell what the last runs did."""
        for one in retention.runs(controller=info.id):
            self.tell(one)

    def holds(self, info: ControllerInfo, **_options: Any) -> None:
        """List the holds that last."""
        for one in retention.holds(controller=info.id, at=now(), lasting_only=True):
            whom = "everyone" if one.people is None else f"{one.people} people"
            self.stdout.write(f"{one.id} {one.reason.value} {one.reference} until {one.until}: {whom} {one.purpose}".rstrip())

    def hold(self, info: ControllerInfo, *, reason: str, reference: str, until: date, purpose: str, **_options: Any) -> None:
        """Put everyone's data on hold."""
        made = retention.hold(
            controller=info.id, reason=HoldReason(reason), reference=reference, until=until, purpose=purpose, by=BY, at=now()
        )
        self.stdout.write(f"hold {made.id} lasts until {made.until}")

    def release(self, info: ControllerInfo, *, number: int, **_options: Any) -> None:
        """Release a hold."""
        retention.release(controller=info.id, hold=number, by=BY, at=now())
        self.stdout.write(f"hold {number} is released; what is past its end goes with the next run")

    def tell(self, run: RetentionRun) -> None:
        """Print one run."""
        self.stdout.write(
            f"run {run.id}, {run.started_at:%Y-%m-%d %H:%M}, {run.state.value}: "
            f"{run.people} people looked at, {run.erased} erased whole"
        )
        for title, counted in (("ended", run.ended), ("asked again", run.asked), ("kept", run.kept), ("removed", run.removed)):
            for name, count in sorted(counted.items()):
                self.stdout.write(f"  {title} {name}: {count}")
