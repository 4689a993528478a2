"""What lay in Bloom's post when the house opened: two requests that wait for an answer, and a claim that holds data."""

import csv
from datetime import datetime, timedelta

from assent.audit.contracts import Actor
from assent.config.demo.feed import EXCERPT
from assent.config.demo.people import invent
from assent.config.demo.world import BRANDS, Notes
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import HoldReason
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, RequestKind, Via
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy

__all__ = ["deliver"]

DEMO = Actor.system("demo")
DONE = "post"


def deliver(notes: Notes, *, at: datetime) -> None:
    """Register what people asked by letter and by phone, and a hold, and let a run look what will end. Once."""
    if DONE in notes.fed:
        return
    bloom = next(one.id for one in tenancy.controllers() if one.slug == BRANDS[0][0])
    first, second, third = _known(bloom)[:3]
    rights.receive(
        controller=bloom, kind=RequestKind.RECTIFICATION, subject=first, via=Via.LETTER, received_at=at - timedelta(days=24),
        asked=Asked(fields={"last_name": "Dobrogeanu"}, words="I married in spring. Please write my new name."), by=DEMO, at=at,
    )  # fmt: skip
    rights.receive(
        controller=bloom, kind=RequestKind.ACCESS, subject=second, via=Via.PHONE, received_at=at - timedelta(days=3),
        by=DEMO, at=at,
    )  # fmt: skip
    retention.hold(
        controller=bloom, subjects=[third], reason=HoldReason.CLAIM, reference=f"C-118/{at.year}",
        until=(at + timedelta(days=200)).date(), by=DEMO, at=at,
    )  # fmt: skip
    # The worker goes on with it: what will end is counted today and not tomorrow.
    retention.begin(controller=bloom, by=DEMO, at=at)
    notes.fed.append(DONE)
    notes.save()


def _known(controller: int) -> list[int]:
    """Return the brand's people who agreed to its news."""
    with EXCERPT.open(encoding="utf-8", newline="") as file:
        people = [invent(customer) for customer in sorted({row["CustomerID"] for row in csv.DictReader(file)})]
    ours = [one.user_id for one in people if one.brand == 0 and one.choices.marketing == "given"]
    return [subject for subject in subjects.recognise(controller=controller, kind="user_id", values=ours) if subject]
