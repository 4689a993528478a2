"""One person: who they are, what they chose, what may be done, what happened."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse

from assent.audit.contracts import Actor
from assent.campaigns import api as campaigns
from assent.dispatch import api as dispatch
from assent.entrypoints.console import may, story, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.faces import called
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field, UnknownSubject
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.records.events import api as events
from assent.records.profiles import api as profiles
from assent.tenancy.contracts import Permission

__all__ = ["find", "person"]

SHOWN = 40
PROVED = 12
HIDDEN_FIELDS = {Field.PHOTO, Field.ANONYMOUS_ID}


@dataclass(frozen=True, slots=True)
class Receipted:
    """A choice with a receipt to hand over."""

    number: UUID
    at: Any
    purpose: Any
    channel: Any
    given: bool


def find(desk: Desk, public_id: UUID) -> int:
    """
    Return the person behind the id in an address.

    :raises Http404: if the brand has no such person, or has erased them
    """
    try:
        return subjects.by_public_id(controller=desk.controller.id, public_id=public_id)
    except UnknownSubject:
        raise Http404 from None


@desk(Permission.PEOPLE_READ)
def person(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Show everything a role may see of one person; reading identifiers and timeline is written in the book."""
    at, now = request.desk, clock.now()
    here, subject = at.controller.id, find(request.desk, public_id)
    known: dict[str, str] = {}
    if Permission.PEOPLE_IDENTIFY in at.permissions:
        fields = [field for field in Field if field not in HIDDEN_FIELDS]
        opened = subjects.reveal(controller=here, subjects=[subject], fields=fields, by=at.actor, at=now, why="console.person")
        known = opened.get(subject, {})
    compiled = _policy(here)
    stops = suppression.active(controller=here, subject=subject)
    return show(
        request,
        "console/person.html",
        {
            "public_id": public_id,
            "name": called(known, public_id),
            "known": [(words.FIELDS.get(field, field), value) for field, value in known.items() if value],
            "identified": bool(known),
            "may": may.groups(lawfulness.explain(controller=here, subject=subject, at=now), compiled) if compiled else [],
            "attributes": _attributes(here, subject, compiled),
            "moments": _moments(here, subject, compiled, by=at.actor, now=now),
            "receipts": _receipts(here, subject, compiled, now=now),
            "stops": [
                (found, words.STOPS[found.kind], words.purpose(compiled, found.purpose) if found.purpose else "")
                for found in stops
            ],
            "restricted": any(found.kind is Kind.RESTRICTION for found in stops),
            "objected": any(found.kind is Kind.OBJECTION for found in stops),
        },
    )


def _policy(controller: int) -> Compiled | None:
    try:
        return policy.current(controller=controller)
    except NoPolicy:
        return None


def _attributes(controller: int, subject: int, compiled: Compiled | None) -> list[tuple[str, str]]:
    if compiled is None:
        return []
    found = profiles.get(controller=controller, subjects=[subject]).get(subject, {})
    types = {info.name: info.type for info in profiles.attributes(controller=controller)}
    told = [
        (words.attribute(compiled, name), words.value(value, types[name]))
        for name, value in sorted(found.items())
        if value is not None and name in types
    ]
    # The same count kept for two purposes is said once.
    return list(dict.fromkeys(told))


def _receipts(controller: int, subject: int, compiled: Compiled | None, *, now: Any) -> list[Receipted]:
    """Return the latest choices that the person can have proved, newest first."""
    found = consent.receipted(controller=controller, subject=subject, at=now)[: -PROVED - 1 : -1]
    return [
        Receipted(
            one.receipt,
            one.at,
            words.purpose(compiled, one.purpose),
            words.CHANNELS[one.channel],
            given=one.choice is Choice.GIVEN,
        )
        for one in found
        if one.receipt
    ]


def _moments(controller: int, subject: int, compiled: Compiled | None, *, by: Actor, now: Any) -> list[story.Moment]:
    happened = events.timeline(controller=controller, subject=subject, purpose=None, limit=SHOWN, by=by, at=now)
    messages = dispatch.messages(controller=controller, subject=subject, limit=SHOWN)
    records = consent.records(controller=controller, subject=subject)
    titles = {f"campaign:{found.id}": found.name for found in campaigns.campaigns(controller=controller, limit=200)}
    return story.told(happened, messages, records[:SHOWN], compiled, titles)[: 2 * SHOWN]
