"""Segments: who, always for a purpose. Counts are answered here; the people themselves are not handed out."""

import re
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.cursors import Cursor, Limit, Page, page_of
from assent.entrypoints.api.faults import pointer
from assent.entrypoints.api.fields import Line, Number, Purpose
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.policy.contracts import Channel
from assent.segments import api as segments
from assent.segments.contracts import InvalidDefinition, NameTaken, SegmentInfo, UnknownSegment
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["segments"])

# What a definition may say; anything else in a place is the client's own word and is not repeated.
WORDS = (
    "all", "any", "not", "attribute", "event", "count", "sum", "within_days", "where", "property", "is", "in", "over", "under",
    "known", "at_least", "at_most", "exactly",
)  # fmt: skip


class SegmentIn(Schema):
    """Conditions for a purpose; see the guide for what a definition may say."""

    name: Line
    purpose: Purpose
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


def _place(place: str) -> str:
    if place == "purpose":
        return "/purpose"
    parts = [int(part) if part.isdecimal() else part for part in re.findall(r"[^.\[\]]+", place)]
    return pointer(["definition", *parts], known=WORDS)


def _not_fitting(error: InvalidDefinition, *, status: int) -> Problem:
    errors = [{"pointer": _place(p.place), "detail": p.cure} for p in error.problems]
    return Problem(status, "Not a segment for this purpose", "mend what is listed", errors=errors)


@router.get("", response=Page[SegmentOut], summary="All segments")
@needs(Permission.SEGMENTS_READ)
def listing(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> Page[SegmentOut]:
    """Return them page by page, oldest first."""
    found = {info.id: info for info in segments.listing(controller=controller(request))}

    def after(last: int, size: int) -> list[int]:
        return sorted(number for number in found if number > last)[:size]

    ids, following = page_of(after, cursor=cursor, limit=limit)
    return Page[SegmentOut](items=[_out(found[number]) for number in ids], next=following)


@router.post("", response={201: SegmentOut}, summary="Make a segment")
@decorate_view(once)
@needs(Permission.SEGMENTS_WRITE)
def make(request: HttpRequest, body: SegmentIn) -> SegmentOut:
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
    except NameTaken:
        raise Problem(409, "Name taken", "there is a segment of this name already: choose another name") from None
    except InvalidDefinition as error:
        raise _not_fitting(error, status=422) from None
    return _out(info)


def _unknown() -> Problem:
    return Problem(404, "No such segment", "this controller has none with that number")


@router.get("/{segment}", response=SegmentOut, summary="One segment")
@needs(Permission.SEGMENTS_READ)
def get(request: HttpRequest, segment: Number) -> SegmentOut:
    """Return it."""
    try:
        return _out(segments.get(controller=controller(request), segment=segment))
    except UnknownSegment:
        raise _unknown() from None


@router.get("/{segment}/count", response=CountOut, summary="How many people it has on a channel")
@needs(Permission.SEGMENTS_READ)
def count(request: HttpRequest, segment: Number, channel: Channel = Channel.EMAIL) -> CountOut:
    """Count now."""
    try:
        found = segments.members(controller=controller(request), segment=segment, channel=channel.value, at=now())
    except UnknownSegment:
        raise _unknown() from None
    except InvalidDefinition as error:
        # The policy has changed since the segment was made.
        raise _not_fitting(error, status=409) from None
    lost = {str(why): n for why, n in found.lost.items()}
    return CountOut(matched=found.matched, allowed=len(found.subjects), lost=lost)
