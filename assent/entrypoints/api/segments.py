"""Segments: who, always for a purpose. Counts are answered here; the people themselves are not handed out."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.entrypoints.api.access import needs
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import actor, controller
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.segments import api as segments
from assent.segments.contracts import InvalidDefinition, NameTaken, SegmentInfo, UnknownSegment
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["segments"])


class SegmentIn(Schema):
    """Conditions for a purpose; see the guide for what a definition may say."""

    name: str = Field(max_length=120)
    purpose: str = Field(max_length=60)
    definition: dict[str, Any] = Field(
        examples=[{"event": "Order Completed", "sum": {"property": "total", "over": 200}, "within_days": 30}]
    )


class SegmentOut(Schema):
    """A segment."""

    id: int
    name: str
    purpose: str
    definition: dict[str, Any]


class CountOut(Schema):
    """How many people fit, how many may be approached, and why the others may not."""

    matched: int
    allowed: int
    lost: dict[str, int]


def _out(info: SegmentInfo) -> SegmentOut:
    return SegmentOut(id=info.id, name=info.name, purpose=info.purpose, definition=dict(info.definition))


@router.get("", response=list[SegmentOut], summary="All segments")
@needs(Permission.SEGMENTS_READ)
def listing(request: HttpRequest) -> list[SegmentOut]:
    """Return them by name."""
    return [_out(info) for info in segments.listing(controller=controller(request))]


@router.post("", response={201: SegmentOut}, summary="Make a segment")
@decorate_view(once)
@needs(Permission.SEGMENTS_WRITE)
def make(request: HttpRequest, body: SegmentIn) -> tuple[int, SegmentOut]:
    """Only attributes, events and properties that the policy declares for the purpose may be used."""
    try:
        info = segments.create(
            controller=controller(request),
            name=body.name,
            purpose=body.purpose,
            definition=body.definition,
            by=actor(request),
            at=now(),
        )
    except NameTaken as error:
        raise Problem(409, "Name taken", str(error)) from None
    except InvalidDefinition as error:
        errors = [{"pointer": p.place, "detail": f"{p.message}; {p.cure}"} for p in error.problems]
        raise Problem(422, "Not a segment for this purpose", "mend what is listed", errors=errors) from None
    return 201, _out(info)


@router.get("/{segment}/count", response=CountOut, summary="How many people it has on a channel")
@needs(Permission.SEGMENTS_READ)
def count(request: HttpRequest, segment: int, channel: str = "email") -> CountOut:
    """Count now."""
    try:
        found = segments.members(controller=controller(request), segment=segment, channel=channel, at=now())
    except UnknownSegment:
        raise Problem(404, "No such segment", "this controller has none with that number") from None
    lost = {str(why): n for why, n in found.lost.items()}
    return CountOut(matched=found.matched, allowed=len(found.subjects), lost=lost)
