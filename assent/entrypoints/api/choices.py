"""Choices of a person: consent given and withdrawn, and what stops us."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.audit.contracts import Did
from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.fields import Code, Language, Number, Purpose, TextKey
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import seen, subject_of
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import BadChoice, ConsentRecord, Method
from assent.privacy.policy.contracts import Channel
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import BadSuppression, CannotLift, Kind
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["choices"])


class ConsentIn(Schema):
    """A consent as it was given: for what, in which words, how and where."""

    purpose: Purpose
    channel: Channel | None = Field(None, description="one channel, where the purpose has a choice per channel")
    wording: TextKey = Field(description="key of the text that the person saw, or its digest")
    notice: TextKey | None = Field(None, description="key or digest of the notice shown beside it")
    language: Language
    method: Method
    source: Code = Field("api", description="where it was collected, like `checkout` or `till`")
    explicit: bool = Field(
        False, description="in words or by an act that leaves no doubt (art. 9(2)(a)); overtakes an earlier objection"
    )


class WithdrawalIn(Schema):
    """A consent taken back; on all channels unless one is named."""

    purpose: Purpose
    channel: Channel | None = None
    method: Method
    source: Code = "api"


class ConsentOut(Schema):
    """One record of the person's choices, with the digests of what it was given to, and the number of its receipt."""

    choice: str
    purpose: str
    channel: str
    method: str
    source: str
    explicit: bool
    at: datetime
    expires_at: datetime | None
    policy_digest: str
    purpose_digest: str
    text_digest: str
    receipt: UUID | None


class SuppressionIn(Schema):
    """A stop. It beats every lawful basis."""

    kind: Kind
    purpose: Purpose | None = Field(None, description="one purpose; none for all")
    channel: Channel | None = Field(None, description="one channel; none for all")
    reason: Code | None = Field(None, description="a code, not somebody's words")


class SuppressionOut(Schema):
    """A stop in force."""

    id: int
    kind: str
    purpose: str
    channel: str
    reason: str
    at: datetime


class LiftIn(Schema):
    """Why a stop ends."""

    reason: Code = Field(description="a code, not somebody's words", examples=["address-corrected"])


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
        method=record.method.value,
        source=record.source,
        explicit=record.explicit,
        at=record.at,
        expires_at=record.expires_at,
        policy_digest=record.policy_digest,
        purpose_digest=record.purpose_digest,
        text_digest=record.text_digest,
        receipt=record.receipt,
    )


@router.get("/{person}/consents", response=list[ConsentOut], summary="What a person chose, oldest first")
@needs(Permission.PEOPLE_READ)
def consents(request: HttpRequest, person: UUID) -> list[ConsentOut]:
    """Return every record; nothing is ever overwritten."""
    who, subject = controller(request), subject_of(request, person)
    seen(request, subject, Did.CHOICES_READ)
    return [_record(one) for one in consent.records(controller=who, subject=subject)]


@router.post("/{person}/consents", response={201: ConsentOut}, summary="Record a consent")
@decorate_view(once)
@needs(Permission.CONSENT_WRITE)
def give(request: HttpRequest, person: UUID, body: ConsentIn) -> ConsentOut:
    """Record that a person agreed. The policy in force, the purpose and the words are pinned by digest."""
    try:
        record = consent.give(
            controller=controller(request),
            subject=subject_of(request, person),
            purpose=body.purpose,
            channel=_channel(body.channel),
            wording=body.wording,
            notice=body.notice or "",
            method=body.method,
            source=body.source,
            language=body.language,
            explicit=body.explicit,
            by=actor(request),
            at=now(),
        )
    except BadChoice as error:
        raise Problem(422, "Not a choice this policy knows", str(error)) from None
    return _record(record)


@router.post("/{person}/withdrawals", response=Acknowledged, summary="Take a consent back")
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
    except BadChoice as error:
        raise Problem(422, "Not a choice this policy knows", str(error)) from None
    return Acknowledged(acknowledged=suppression.acknowledge(controller=who, subject=subject, at=now()))


@router.get("/{person}/suppressions", response=list[SuppressionOut], summary="What stops us for a person")
@needs(Permission.PEOPLE_READ)
def stops(request: HttpRequest, person: UUID) -> list[SuppressionOut]:
    """Return the stops in force."""
    who, subject = controller(request), subject_of(request, person)
    seen(request, subject, Did.CHOICES_READ)
    found = suppression.active(controller=who, subject=subject)
    return [SuppressionOut(id=s.id, kind=s.kind, purpose=s.purpose, channel=s.channel, reason=s.reason, at=s.at) for s in found]


@router.post("/{person}/suppressions", response=Acknowledged, summary="Stop: objection, restriction, unsubscribe …")
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
            purpose=body.purpose or "",
            channel=_channel(body.channel),
            reason=body.reason or "",
            by=actor(request),
            at=now(),
        )
    except BadSuppression as error:
        raise Problem(422, "Not a stop this policy knows", str(error)) from None
    return Acknowledged(acknowledged=suppression.acknowledge(controller=who, subject=subject, at=now()))


@router.post("/{person}/suppressions/{stop}/lift", response={204: None}, summary="Lift a stop, with its reason")
@decorate_view(once)
@needs(Permission.CONSENT_WRITE)
def lift(request: HttpRequest, person: UUID, stop: Number, body: LiftIn) -> None:
    """Lift one of the person's stops. Their own no can't be lifted: only their own explicit consent overtakes it."""
    who, subject = controller(request), subject_of(request, person)
    if stop not in {s.id for s in suppression.active(controller=who, subject=subject)}:
        raise Problem(404, "No such stop", "the person has no stop in force with that id")
    try:
        suppression.lift(controller=who, suppression=stop, reason=body.reason, by=actor(request), at=now())
    except CannotLift as error:
        raise Problem(409, "Not ours to lift", str(error)) from None
