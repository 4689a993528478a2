"""One message to one person: an order is ready, a password was changed. Asked about like any other."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.audit.contracts import Did
from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, UnknownTemplate
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import MessageInfo, UndeclaredPurpose, UnknownMessage
from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.campaigns import faults_of
from assent.entrypoints.api.cursors import Cursor, Limit, Page, newest_first
from assent.entrypoints.api.fields import Language, Line, Number, Occasion, Purpose
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import seen, subject_of
from assent.entrypoints.api.problems import Problem, at
from assent.foundation.clock import now
from assent.privacy.policy.contracts import Channel
from assent.tenancy.contracts import Permission

__all__ = ["of_people", "router"]

router = Router(tags=["messages"])
of_people = Router(tags=["messages"])

Variable = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Value = bool | int | float | Annotated[str, Field(max_length=2_000)]


class MessageIn(Schema):
    """
    A message for a purpose of the policy.

    ``occasion`` makes it the same message: one person gets it once per channel, however often it is asked for.
    """

    person: UUID
    purpose: Purpose = Field(examples=["service"])
    channel: Channel = Channel.EMAIL
    template: Number
    sender_name: Line
    sender_address: str = Field(max_length=254)
    occasion: Occasion
    language: Language | None = None
    variables: Annotated[dict[Variable, Value], Field(max_length=50)] = Field(
        default_factory=dict, description="what the template's words ask for; sealed under the person's key"
    )


class QueuedOut(Schema):
    """``new`` is false if the person has or had this message already."""

    new: bool


class MessageOut(Schema):
    """One message, explained: on which basis, under which policy, and what became of it."""

    id: int
    occasion: str
    purpose: str
    channel: str
    state: str
    why: str
    basis: str
    policy_digest: str
    made_at: datetime
    done_at: datetime | None


def _out(info: MessageInfo) -> MessageOut:
    return MessageOut(**{name: getattr(info, name) for name in MessageOut.model_fields})


@router.post("", response={202: QueuedOut}, summary="Send one message")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def send(request: HttpRequest, body: MessageIn) -> QueuedOut:
    """Put it into the outbox. Whether it may leave is asked at the moment of hand-over."""
    who, moment = controller(request), now()
    subject = subject_of(request, body.person)
    try:
        edition = campaigns.edition(
            controller=who, template=body.template, sender_name=body.sender_name, sender_address=body.sender_address
        )
        new = dispatch.enqueue(
            controller=who,
            occasion=f"api:{body.occasion}",
            purpose=body.purpose,
            channel=body.channel.value,
            template=edition,
            people=[(subject, {**body.variables, "language": body.language or ""})],
            not_before=moment,
            by=actor(request),
            at=moment,
        )
    except BadTemplate as error:
        raise faults_of(error) from None
    except UnknownTemplate:
        raise at("/template", "this controller has no template with that number") from None
    except UndeclaredPurpose as error:
        raise at("/purpose", str(error)) from None
    return QueuedOut(new=bool(new))


@router.get("/{message}", response=MessageOut, summary="Why could we send this?")
@needs(Permission.CAMPAIGNS_READ)
def get(request: HttpRequest, message: Number) -> MessageOut:
    """Return one message, explained."""
    try:
        found = dispatch.message(controller=controller(request), id=message)
    except UnknownMessage:
        raise Problem(404, "No such message", "this controller has none with that number") from None
    seen(request, found.subject, Did.MESSAGES_READ)
    return _out(found)


@of_people.get("/{person}/messages", response=Page[MessageOut], summary="A person's messages, newest first")
@needs(Permission.CAMPAIGNS_READ)
def of_person(request: HttpRequest, person: UUID, cursor: Cursor = "", limit: Limit = 50) -> Page[MessageOut]:
    """Return them page by page."""
    who, subject = controller(request), subject_of(request, person)
    seen(request, subject, Did.MESSAGES_READ)

    def fetch(before: datetime | None, size: int) -> list[MessageInfo]:
        return dispatch.messages(controller=who, subject=subject, limit=size, before=before)

    found, following = newest_first(fetch, cursor=cursor, limit=limit)
    return Page[MessageOut](items=[_out(info) for info in found], next=following)
