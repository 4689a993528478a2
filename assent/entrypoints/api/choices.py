"""Choices of a person: consent given and withdrawn, and what stops us."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.entrypoints.api.access import needs
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import actor, controller, subject_of
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import ConsentRecord, Method
from assent.privacy.policy.contracts import Channel
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["choices"])


class ConsentIn(Schema):
    """A consent as it was given: for what, in which words, how and where."""

    purpose: str = Field(max_length=60, examples=["direct_marketing"])
    channel: Channel | None = Field(None, description="one channel, where the purpose has a choice per channel")
    wording: str = Field(max_length=80, description="key of the text that the person saw", examples=["marketing_email"])
    language: str = Field(max_length=12, examples=["ro"])
    method: Method
    source: str = Field("api", max_length=80, description="where it was collected, like `checkout` or `till`")
    explicit: bool = Field(False, description="in words or by an act that leaves no doubt (art. 9(2)(a))")


class WithdrawalIn(Schema):
    """A consent taken back."""

    purpose: str = Field(max_length=60)
    channel: Channel | None = None
    method: Method
    source: str = Field("api", max_length=80)


class ConsentOut(Schema):
    """One record of the person's choices, with the digests of what it was given to."""

    choice: str
    purpose: str
    channel: str
    at: datetime
    policy_digest: str
    purpose_digest: str
    text_digest: str


class SuppressionIn(Schema):
    """A stop. It beats every lawful basis."""

    kind: Kind
    purpose: str = Field("", max_length=60, description="one purpose; empty for all")
    channel: Channel | None = None
    reason: str = Field("", max_length=200, description="a code, not somebody's words")


class SuppressionOut(Schema):
    """A stop in force."""

    id: int
    kind: str
    purpose: str
    channel: str
    at: datetime


class Acknowledged(Schema):
    """``acknowledged``: from now on nothing of this kind is handed over. False: a hand-over was still open; ask again."""

    acknowledged: bool


def _channel(channel: Channel | None) -> str:
    return "any" if channel is None else channel.value


def _record(record: ConsentRecord) -> ConsentOut:
    return ConsentOut(
        choice=record.choice.name.lower(),
        purpose=record.purpose,
        channel=record.channel,
        at=record.at,
        policy_digest=record.policy_digest,
        purpose_digest=record.purpose_digest,
        text_digest=record.text_digest,
    )


@router.get("/{person}/consents", response=list[ConsentOut], summary="What a person chose, oldest first")
@needs(Permission.PEOPLE_READ)
def records(request: HttpRequest, person: UUID) -> list[ConsentOut]:
    """Return every record; nothing is ever overwritten."""
    found = consent.records(controller=controller(request), subject=subject_of(request, person))
    return [_record(one) for one in found]


@router.post("/{person}/consents", response={201: ConsentOut}, summary="Record a consent")
@decorate_view(once)
@needs(Permission.CONSENT_WRITE)
def give(request: HttpRequest, person: UUID, body: ConsentIn) -> tuple[int, ConsentOut]:
    """Record that a person agreed. The policy in force, the purpose and the words are pinned by digest."""
    try:
        record = consent.give(
            controller=controller(request),
            subject=subject_of(request, person),
            purpose=body.purpose,
            channel=_channel(body.channel),
            wording=body.wording,
            method=body.method,
            source=body.source,
            language=body.language,
            explicit=body.explicit,
            by=actor(request),
            at=now(),
        )
    except (LookupError, ValueError) as error:
        raise Problem(422, "Not a choice this policy knows", str(error)) from None
    return 201, _record(record)


@router.post("/{person}/withdrawals", response={200: Acknowledged}, summary="Take a consent back")
@decorate_view(once)
@needs(Permission.CONSENT_WRITE)
def withdraw(request: HttpRequest, person: UUID, body: WithdrawalIn) -> Acknowledged:
    """Withdraw, then answer when no hand-over to this person is open any more (at most the send time-out later)."""
    who, subject = controller(request), subject_of(request, person)
    try:
        consent.withdraw(
            controller=who,
            subject=subject,
            purpose=body.purpose,
            channel=_channel(body.channel),
            method=body.method,
            source=body.source,
            by=actor(request),
            at=now(),
        )
    except (LookupError, ValueError) as error:
        raise Problem(422, "Not a choice this policy knows", str(error)) from None
    return Acknowledged(acknowledged=suppression.acknowledge(controller=who, subject=subject, at=now()))


@router.get("/{person}/suppressions", response=list[SuppressionOut], summary="What stops us for a person")
@needs(Permission.PEOPLE_READ)
def active(request: HttpRequest, person: UUID) -> list[SuppressionOut]:
    """Return the stops in force."""
    found = suppression.active(controller=controller(request), subject=subject_of(request, person))
    return [SuppressionOut(id=s.id, kind=s.kind, purpose=s.purpose, channel=s.channel, at=s.at) for s in found]


@router.post("/{person}/suppressions", response={200: Acknowledged}, summary="Stop: objection, restriction, unsubscribe …")
@decorate_view(once)
@needs(Permission.CONSENT_WRITE)
def suppress(request: HttpRequest, person: UUID, body: SuppressionIn) -> Acknowledged:
    """Record a stop, then answer when no hand-over to this person is open any more."""
    who, subject = controller(request), subject_of(request, person)
    try:
        suppression.suppress(
            controller=who,
            kind=body.kind,
            subject=subject,
            purpose=body.purpose,
            channel=_channel(body.channel),
            reason=body.reason,
            by=actor(request),
            at=now(),
        )
    except (LookupError, ValueError) as error:
        raise Problem(422, "Not a stop this policy knows", str(error)) from None
    return Acknowledged(acknowledged=suppression.acknowledge(controller=who, subject=subject, at=now()))


@router.delete("/{person}/suppressions/{stop}", response={204: None}, summary="Lift a stop, with its reason")
@needs(Permission.CONSENT_WRITE)
def lift(request: HttpRequest, person: UUID, stop: int, reason: str) -> tuple[int, None]:
    """Lift one of the person's stops."""
    who, subject = controller(request), subject_of(request, person)
    if stop not in {s.id for s in suppression.active(controller=who, subject=subject)}:
        raise Problem(404, "No such stop", "the person has no stop in force with that id")
    suppression.lift(controller=who, suppression=stop, reason=reason, by=actor(request), at=now())
    return 204, None
