"""One message to one person: an order is ready, a password was changed. Asked about like any other."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, UnknownTemplate
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import MessageInfo, UndeclaredPurpose, UnknownMessage
from assent.entrypoints.api.access import needs
from assent.entrypoints.api.campaigns import bad
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import actor, controller, subject_of
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["messages"])


class MessageIn(Schema):
    """
    A message for a purpose of the policy.

    ``occasion`` makes it the same message: one person gets it once per channel, however often it is asked for.
    """

    person: UUID
    purpose: str = Field(max_length=60, examples=["service"])
    channel: str = Field("email", max_length=10)
    template: int
    sender_name: str = Field(max_length=120)
    sender_address: str = Field(max_length=254)
    occasion: str = Field(max_length=80, examples=["order-ready:A-17"])
    language: str = Field("", max_length=12)
    variables: dict[str, str | int | float] = Field(default_factory=dict)


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
def send(request: HttpRequest, body: MessageIn) -> tuple[int, QueuedOut]:
    """Put it into the outbox. Whether it may leave is asked at the moment of hand-over."""
    who, at = controller(request), now()
    subject = subject_of(request, body.person)
    try:
        edition = campaigns.edition(
            controller=who, template=body.template, sender_name=body.sender_name, sender_address=body.sender_address
        )
        new = dispatch.enqueue(
            controller=who,
            occasion=f"api:{body.occasion}",
            purpose=body.purpose,
            channel=body.channel,
            template=edition,
            people=[(subject, {**body.variables, "language": body.language})],
            not_before=at,
            by=actor(request),
            at=at,
        )
    except BadTemplate as error:
        raise bad(error) from None
    except (UnknownTemplate, UndeclaredPurpose) as error:
        raise Problem(422, "Something it names does not exist", str(error)) from None
    return 202, QueuedOut(new=bool(new))


@router.get("/of/{person}", response=list[MessageOut], summary="A person's messages, newest first")
@needs(Permission.CAMPAIGNS_READ)
def of_person(request: HttpRequest, person: UUID, before: datetime | None = None) -> list[MessageOut]:
    """Return up to fifty; ``before`` is the ``made_at`` of the last one seen."""
    found = dispatch.messages(controller=controller(request), subject=subject_of(request, person), before=before)
    return [_out(info) for info in found]


@router.get("/{message}", response=MessageOut, summary="Why could we send this?")
@needs(Permission.CAMPAIGNS_READ)
def get(request: HttpRequest, message: int) -> MessageOut:
    """Return one message, explained."""
    try:
        return _out(dispatch.message(controller=controller(request), id=message))
    except UnknownMessage:
        raise Problem(404, "No such message", "this controller has none with that number") from None
