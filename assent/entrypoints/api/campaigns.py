"""Templates and campaigns: words, whom they go to, when; and one message at a time."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, CampaignInfo, NotNow, TemplateInfo, UnknownCampaign, UnknownTemplate
from assent.entrypoints.api.access import needs
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import actor, controller
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.segments.contracts import UnknownSegment
from assent.tenancy.contracts import Permission

__all__ = ["router", "templates"]

router = Router(tags=["campaigns"])
templates = Router(tags=["campaigns"])

Words = dict[Annotated[str, Field(max_length=12)], Annotated[str, Field(max_length=200_000)]]


class TemplateIn(Schema):
    """Words per language. Source of the address, contact and opt-out are added by themselves."""

    name: str = Field(max_length=120)
    subject: Words = Field(examples=[{"en": "Two new roasts", "ro": "Două cafele noi"}])
    body: Words = Field(description="MJML, or plain words: blank lines part paragraphs")


class TemplateOut(Schema):
    """One version of a template."""

    id: int
    name: str
    version: int
    languages: list[str]
    variables: list[str]


class CampaignIn(Schema):
    """What is said, to whom, when. Nothing is sent before it is told to."""

    name: str = Field(max_length=120)
    segment: int
    purpose: str = Field(max_length=60)
    channel: str = Field("email", max_length=10)
    template: int
    sender_name: str = Field(max_length=120)
    sender_address: str = Field(max_length=254)
    scheduled_at: datetime | None = None


class CampaignOut(Schema):
    """A campaign and where it stands."""

    id: int
    name: str
    segment: int
    purpose: str
    channel: str
    state: str
    scheduled_at: datetime | None
    made_at: datetime


class ProgressOut(Schema):
    """How far a campaign is: who fits, who may not be written to and why, and messages by state."""

    state: str
    matched: int
    lost: dict[str, int]
    filled: bool
    messages: dict[str, int]


def template_out(info: TemplateInfo) -> TemplateOut:
    """Return a template as the API shows it."""
    return TemplateOut(
        id=info.id, name=info.name, version=info.version, languages=list(info.languages), variables=sorted(info.variables)
    )


def _out(info: CampaignInfo) -> CampaignOut:
    return CampaignOut(**{name: getattr(info, name) for name in CampaignOut.model_fields})


def bad(error: BadTemplate) -> Problem:
    """Return a template's faults as a problem, each with its place and cure."""
    errors = [{"pointer": p.place, "detail": f"{p.message}; {p.cure}"} for p in error.problems]
    return Problem(422, "This can't be sent", "mend what is listed", errors=errors)


@templates.get("", response=list[TemplateOut], summary="Newest version of each template")
@needs(Permission.CAMPAIGNS_READ)
def template_list(request: HttpRequest) -> list[TemplateOut]:
    """Return them by name."""
    return [template_out(info) for info in campaigns.templates(controller=controller(request))]


@templates.post("", response={201: TemplateOut}, summary="Keep words as a template's next version")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_WRITE)
def make_template(request: HttpRequest, body: TemplateIn) -> tuple[int, TemplateOut]:
    """The same words again return the version that has them."""
    try:
        info = campaigns.create_template(
            controller=controller(request), name=body.name, subject=body.subject, body=body.body, by=actor(request), at=now()
        )
    except BadTemplate as error:
        raise bad(error) from None
    return 201, template_out(info)


@router.get("", response=list[CampaignOut], summary="Campaigns, newest first")
@needs(Permission.CAMPAIGNS_READ)
def listing(request: HttpRequest, before: datetime | None = None) -> list[CampaignOut]:
    """Return up to fifty; ``before`` is the ``made_at`` of the last one seen."""
    return [_out(info) for info in campaigns.campaigns(controller=controller(request), before=before)]


@router.post("", response={201: CampaignOut}, summary="Set a campaign up")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_WRITE)
def make(request: HttpRequest, body: CampaignIn) -> tuple[int, CampaignOut]:
    """Nothing is sent before ``send``."""
    try:
        info = campaigns.create(controller=controller(request), **body.dict(), by=actor(request), at=now())
    except BadTemplate as error:
        raise bad(error) from None
    except (UnknownTemplate, UnknownSegment) as error:
        raise Problem(422, "Something it names does not exist", str(error)) from None
    return 201, _out(info)


def _found(request: HttpRequest, campaign: int) -> CampaignInfo:
    try:
        return campaigns.campaign(controller=controller(request), campaign=campaign)
    except UnknownCampaign:
        raise Problem(404, "No such campaign", "this controller has none with that number") from None


@router.get("/{campaign}", response=CampaignOut, summary="One campaign")
@needs(Permission.CAMPAIGNS_READ)
def get(request: HttpRequest, campaign: int) -> CampaignOut:
    """Return it."""
    return _out(_found(request, campaign))


@router.get("/{campaign}/progress", response=ProgressOut, summary="How far a campaign is")
@needs(Permission.CAMPAIGNS_READ)
def progress(request: HttpRequest, campaign: int) -> ProgressOut:
    """Return counts; who they are is not in the answer."""
    _found(request, campaign)
    done = campaigns.progress(controller=controller(request), campaign=campaign)
    return ProgressOut(
        state=done.state, matched=done.matched, lost=dict(done.lost), filled=done.filled, messages=dict(done.messages)
    )


def _do(verb: Any, request: HttpRequest, campaign: int) -> CampaignOut:
    _found(request, campaign)
    try:
        verb(controller=controller(request), campaign=campaign, by=actor(request), at=now())
    except NotNow as error:
        raise Problem(409, "Not in this state", str(error)) from None
    return _out(_found(request, campaign))


@router.post("/{campaign}/send", response={202: CampaignOut}, summary="Let it go out, now or when scheduled")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def send(request: HttpRequest, campaign: int) -> tuple[int, CampaignOut]:
    """Each message is asked about once more at the moment of its hand-over."""
    return 202, _do(campaigns.send, request, campaign)


@router.post("/{campaign}/pause", response=CampaignOut, summary="Stop where it is")
@needs(Permission.CAMPAIGNS_SEND)
def pause(request: HttpRequest, campaign: int) -> CampaignOut:
    """Messages in the outbox stay there."""
    return _do(campaigns.pause, request, campaign)


@router.post("/{campaign}/resume", response=CampaignOut, summary="Go on")
@needs(Permission.CAMPAIGNS_SEND)
def resume(request: HttpRequest, campaign: int) -> CampaignOut:
    """Who was written to is not written to again."""
    return _do(campaigns.resume, request, campaign)


@router.post("/{campaign}/cancel", response=CampaignOut, summary="End it")
@needs(Permission.CAMPAIGNS_SEND)
def cancel(request: HttpRequest, campaign: int) -> CampaignOut:
    """What was not handed over yet never is."""
    return _do(campaigns.cancel, request, campaign)
