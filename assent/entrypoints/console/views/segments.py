"""Segments: who, always for a purpose; built in rows, counted as one builds, with what consent takes away."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import reasons, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.builder import Row
from assent.entrypoints.console.drafts import Draft, Vocabulary
from assent.foundation import clock
from assent.privacy.lawfulness.contracts import NotAgreed
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.segments import api as segments
from assent.segments.contracts import InvalidDefinition, NameTaken, Problem, SegmentInfo, UnknownSegment
from assent.tenancy.contracts import Permission

__all__ = ["delete", "new", "preview", "segment", "segments_list", "titled"]


def titled(controller: int) -> list[tuple[SegmentInfo, str]]:
    """Return segments with the titles of their purposes."""
    found = segments.listing(controller=controller)
    compiled = policy.current(controller=controller) if found else None
    return [(each, words.purpose(compiled, each.purpose)) for each in found]


@desk(Permission.SEGMENTS_READ)
def segments_list(request: DeskRequest) -> HttpResponse:
    """List segments by name."""
    return show(request, "console/segments.html", {"segments": titled(request.desk.controller.id)})


@desk(Permission.SEGMENTS_WRITE)
def new(request: DeskRequest) -> HttpResponse:
    """Build a segment from nothing."""
    return _build(request, None)


@desk(Permission.SEGMENTS_READ)
def segment(request: DeskRequest, number: int) -> HttpResponse:
    """Show a segment, and change it."""
    try:
        found = segments.get(controller=request.desk.controller.id, segment=number)
    except UnknownSegment:
        raise Http404 from None
    if request.method == "POST" and Permission.SEGMENTS_WRITE not in request.desk.permissions:
        return show(request, "console/not_yours.html", status=403)
    return _build(request, found)


@require_POST
@desk(Permission.SEGMENTS_READ)
def preview(request: DeskRequest) -> HttpResponse:
    """Count who is meant, for the page that is open."""
    at = request.desk
    compiled = _policy(at)
    if compiled is None:
        return show(request, "console/audience.html", {})
    draft = _posted(at, request, compiled)
    return show(request, "console/audience.html", _audience(at, draft, compiled))


@require_POST
@desk(Permission.SEGMENTS_WRITE)
def delete(request: DeskRequest, number: int) -> HttpResponse:
    """Forget a segment; campaigns that were sent to it keep what they did."""
    at = request.desk
    try:
        segments.delete(controller=at.controller.id, segment=number, by=at.actor, at=clock.now())
    except UnknownSegment:
        raise Http404 from None
    messages.success(request, _("The segment is gone. Nobody in it was touched."))
    return redirect("console:segments")


def _policy(at: Desk) -> Compiled | None:
    try:
        return policy.current(controller=at.controller.id)
    except NoPolicy:
        return None


def _purposes(compiled: Compiled) -> list[tuple[str, str]]:
    """Return purposes a segment can be for; those that write to people first."""
    found = sorted(compiled.policy.purposes.items(), key=lambda item: not item[1].direct_marketing)
    return [(key, words.local(purpose.title)) for key, purpose in found]


def _posted(at: Desk, request: DeskRequest, compiled: Compiled) -> Draft:
    purposes = dict(_purposes(compiled))
    purpose = request.POST.get("purpose", "")
    purpose = purpose if purpose in purposes else next(iter(purposes))
    draft = Draft.posted(request.POST, Vocabulary(at.controller.id, purpose, compiled))
    draft.purpose = purpose
    return draft


def _build(request: DeskRequest, found: SegmentInfo | None) -> HttpResponse:
    at, compiled = request.desk, _policy(request.desk)
    if compiled is None:
        return show(request, "console/segment.html", {"no_policy": True})
    if request.method == "POST":
        draft = _posted(at, request, compiled)
        vocabulary = Vocabulary(at.controller.id, draft.purpose, compiled)
        done = _do(request, draft, vocabulary, found)
        if done is not None:
            return done
    else:
        draft = Draft.of(found) if found else Draft(purpose=_purposes(compiled)[0][0])
        vocabulary = Vocabulary(at.controller.id, draft.purpose, compiled)
        if not found:
            draft.rows = [Row(vocabulary.first, vocabulary.ways(vocabulary.first)[0][0], 1)]
    context = _drawn(draft, vocabulary, compiled) | _audience(at, draft, compiled) | {"found": found}
    status = 422 if draft.problems and request.POST.get("do") == "save" else 200
    return show(request, "console/builder.html" if request.htmx else "console/segment.html", context, status=status)


def _do(request: DeskRequest, draft: Draft, vocabulary: Vocabulary, found: SegmentInfo | None) -> HttpResponse | None:
    """Do what the pressed button says; an answer if the page is left."""
    deed = request.POST.get("do", "")
    if deed == "add":
        draft.rows.append(Row(vocabulary.first, vocabulary.ways(vocabulary.first)[0][0], 1))
    elif deed.startswith("remove-") and deed[7:].isdecimal():
        draft.rows = [row for n, row in enumerate(draft.rows) if n != int(deed[7:])]
    elif deed == "json":
        draft.text = draft.written()
    elif deed == "rows" and not draft.to_rows():
        draft.problems = [Problem("", _("Rows can’t say all of this"), _("keep it as JSON"))]
    elif deed == "save":
        return _save(request, draft, found)
    return None


def _save(request: DeskRequest, draft: Draft, found: SegmentInfo | None) -> HttpResponse | None:
    at, now = request.desk, clock.now()
    if not draft.name:
        draft.problems = [Problem("name", _("The segment has no name"), _("say what you call these people"))]
        return None
    here, by, name, purpose = at.controller.id, at.actor, draft.name, draft.purpose
    try:
        tree = draft.definition()
        if found:
            made = segments.update(
                controller=here, segment=found.id, name=name, purpose=purpose, definition=tree, by=by, at=now
            )
        else:
            made = segments.create(controller=here, name=name, purpose=purpose, definition=tree, by=by, at=now)
    except InvalidDefinition as error:
        draft.problems = error.problems
    except NameTaken:
        draft.problems = [Problem("name", _("Another segment has this name"), _("choose another"))]
    except ValueError:
        draft.problems = [Problem("", _("This is not JSON"), _("check commas, quotes and brackets"))]
    else:
        messages.success(request, _("Saved."))
        return redirect("console:segment", made.id)
    return None


def _drawn(draft: Draft, vocabulary: Vocabulary, compiled: Compiled) -> dict[str, Any]:
    drawn = [
        {
            "n": n,
            "row": row,
            "kind": vocabulary.kind(row.what),
            "ways": vocabulary.ways(row.what),
            "summed": [(key, words.PROPERTIES.get(key, key)) for key in vocabulary.summed.get(row.name, ())],
            "value": ", ".join(map(str, row.value)) if isinstance(row.value, list) else row.value,
            "problems": draft.wrong_in(n),
        }
        for n, row in enumerate(draft.rows)
    ]
    return {"draft": draft, "drawn": drawn, "groups": vocabulary.groups, "purposes": _purposes(compiled)}


def _audience(at: Desk, draft: Draft, compiled: Compiled) -> dict[str, Any]:
    here = at.controller.id
    try:
        tree = draft.definition()
        wrong = segments.check(controller=here, purpose=draft.purpose, definition=tree)
    except ValueError:
        return {"unreadable": True}
    if wrong:
        return {"wrong": draft.unfinished(wrong)}
    purpose = compiled.policy.purposes[draft.purpose]
    channel = "email" if "email" in purpose.channels else next(iter(purpose.channels), "any")
    try:
        audience = segments.preview(
            controller=here, purpose=draft.purpose, definition=tree, channel=str(channel), at=clock.now()
        )
    except NotAgreed as error:
        return {"unagreed": reasons.reason(error.why)}
    lost = Counter({str(why): count for why, count in audience.lost.items()})
    return {
        "counted": True,
        "reached": len(audience.subjects),
        "matched": audience.matched,
        "lost": reasons.by_count(lost),
        "lost_total": lost.total(),
        "channel": words.CHANNELS[str(channel)],
    }
