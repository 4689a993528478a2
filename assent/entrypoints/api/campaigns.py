"""Templates and campaigns: words, whom they go to, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, CampaignInfo, NotNow, TemplateInfo, UnknownCampaign, UnknownTemplate
from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.cursors import Cursor, Limit, Page, newest_first, page_of
from assent.entrypoints.api.faults import pointer
from assent.entrypoints.api.fields import Language, Line, Number, Purpose
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.problems import Problem, at
from assent.foundation.clock import now
from assent.privacy.policy.contracts import Channel
from assent.segments.contracts import UnknownSegment
from assent.tenancy.contracts import Permission

__all__ = ["faults_of", "router", "templates"]

router = Router(tags=["campaigns"])
templates = Router(tags=["campaigns"])

Words = Annotated[dict[Language, Annotated[str, Field(max_length=200_000)]], Field(min_length=1, max_length=20)]
FARTHEST = timedelta(days=731)

# The places that templates and campaigns name, as places of a request.
PLACES = {"sender": "sender_address", "reply to": "sender_address", "languages": "body"}


class TemplateIn(Schema):
    """Words per language. Source of the address, contact and opt-out are added by themselves."""

    name: Line
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

    name: Line
    segment: Number
    purpose: Purpose
    channel: Channel = Channel.EMAIL
    template: Number
    sender_name: Line
    sender_address: str = Field(max_length=254)
    scheduled_at: AwareDatetime | None = None


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


def _template(info: TemplateInfo) -> TemplateOut:
    return TemplateOut(
        id=info.id, name=info.name, version=info.version, languages=list(info.languages), variables=sorted(info.variables)
    )


def _out(info: CampaignInfo) -> CampaignOut:
    return CampaignOut(**{name: getattr(info, name) for name in CampaignOut.model_fields})


def _fault(place: str, cure: str) -> dict[str, str]:
    where, _, line = place.partition(", ")
    words = PLACES.get(where, where).split(" ")
    shown = pointer(words[:1]) + (f"/{words[1]}" if len(words) > 1 else "")
    return {"pointer": shown, "detail": f"{line}: {cure}" if line else cure}


def faults_of(error: BadTemplate) -> Problem:
    """Return a template's faults as a problem, each with its place and cure."""
    errors = [_fault(p.place, p.cure) for p in error.problems]
    return Problem(422, "This can't be sent", "mend what is listed", errors=errors)


@templates.get("", response=Page[TemplateOut], summary="Newest version of each template")
@needs(Permission.CAMPAIGNS_READ)
def template_list(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> Page[TemplateOut]:
    """Return them page by page, the longest unchanged first."""
    found = {info.id: info for info in campaigns.templates(controller=controller(request))}

    def after(last: int, size: int) -> list[int]:
        return sorted(number for number in found if number > last)[:size]

    ids, following = page_of(after, cursor=cursor, limit=limit)
    return Page[TemplateOut](items=[_template(found[number]) for number in ids], next=following)


@templates.post("", response={201: TemplateOut}, summary="Keep words as a template's next version")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_WRITE)
def make_template(request: HttpRequest, body: TemplateIn) -> TemplateOut:
    """The same words again return the version that has them."""
    try:
        info = campaigns.create_template(
            controller=controller(request), name=body.name, subject=body.subject, body=body.body, by=actor(request), at=now()
        )
    except BadTemplate as error:
        raise faults_of(error) from None
    return _template(info)


@router.get("", response=Page[CampaignOut], summary="Campaigns, newest first")
@needs(Permission.CAMPAIGNS_READ)
def listing(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Page[CampaignOut]:
    """Return them page by page."""
    who = controller(request)

    def fetch(before: datetime | None, size: int) -> list[CampaignInfo]:
        return campaigns.campaigns(controller=who, limit=size, before=before)

    found, following = newest_first(fetch, cursor=cursor, limit=limit)
    return Page[CampaignOut](items=[_out(info) for info in found], next=following)


@router.post("", response={201: CampaignOut}, summary="Set a campaign up")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_WRITE)
def make(request: HttpRequest, body: CampaignIn) -> CampaignOut:
    """Nothing is sent before ``send``."""
    moment = now()
    if body.scheduled_at is not None and body.scheduled_at > moment + FARTHEST:
        raise at("/scheduled_at", "is more than two years away")
    fields = {**body.dict(), "channel": body.channel.value}
    try:
        info = campaigns.create(controller=controller(request), **fields, by=actor(request), at=moment)
    except BadTemplate as error:
        raise faults_of(error) from None
    except UnknownTemplate:
        raise at("/template", "this controller has no template with that number") from None
    except UnknownSegment:
        raise at("/segment", "this controller has no segment with that number") from None
    return _out(info)


def _found(request: HttpRequest, campaign: int) -> CampaignInfo:
    try:
        return campaigns.campaign(controller=controller(request), campaign=campaign)
    except UnknownCampaign:
        raise Problem(404, "No such campaign", "this controller has none with that number") from None


@router.get("/{campaign}", response=CampaignOut, summary="One campaign")
@needs(Permission.CAMPAIGNS_READ)
def get(request: HttpRequest, campaign: Number) -> CampaignOut:
    """Return it."""
    return _out(_found(request, campaign))


@router.get("/{campaign}/progress", response=ProgressOut, summary="How far a campaign is")
@needs(Permission.CAMPAIGNS_READ)
def progress(request: HttpRequest, campaign: Number) -> ProgressOut:
    """Return counts; who they are is not in the answer."""
    _found(request, campaign)
    done = campaigns.progress(controller=controller(request), campaign=campaign)
    return ProgressOut(
        state=done.state, matched=done.matched, lost=dict(done.lost), filled=done.filled, messages=dict(done.messages)
    )


def _do(verb: Callable[..., Any], request: HttpRequest, campaign: int) -> CampaignOut:
    _found(request, campaign)
    try:
        verb(controller=controller(request), campaign=campaign, by=actor(request), at=now())
    except NotNow as error:
        raise Problem(409, "Not in this state", str(error)) from None
    return _out(_found(request, campaign))


@router.post("/{campaign}/send", response={202: CampaignOut}, summary="Let it go out, now or when scheduled")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def send(request: HttpRequest, campaign: Number) -> CampaignOut:
    """Each message is asked about once more at the moment of its hand-over."""
    return _do(campaigns.send, request, campaign)


@router.post("/{campaign}/pause", response=CampaignOut, summary="Stop where it is")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def pause(request: HttpRequest, campaign: Number) -> CampaignOut:
    """Messages in the outbox stay there."""
    return _do(campaigns.pause, request, campaign)


@router.post("/{campaign}/resume", response=CampaignOut, summary="Go on")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def resume(request: HttpRequest, campaign: Number) -> CampaignOut:
    """Who was written to is not written to again."""
    return _do(campaigns.resume, request, campaign)


@router.post("/{campaign}/cancel", response=CampaignOut, summary="End it")
@decorate_view(once)
@needs(Permission.CAMPAIGNS_SEND)
def cancel(request: HttpRequest, campaign: Number) -> CampaignOut:
    """What was not handed over yet never is."""
    return _do(campaigns.cancel, request, campaign)
