"""Requests of people about their data: registered, followed, answered, within their time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Path, Router, Schema
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.cursors import Cursor, Limit, Page, page_of
from assent.entrypoints.api.fields import Language, Purpose
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import ZIP, subject_of
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Clock,
    Ground,
    Identity,
    NotNow,
    Outcome,
    Refusal,
    RequestInfo,
    RequestKind,
    RequestState,
    Selection,
    UnknownRequest,
    Via,
)
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["requests"])

Words: TypeAlias = Annotated[str, Field(max_length=4_000)]
Quoted: TypeAlias = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{4}-[0-9A-Za-z]{4}$", description="like `K3M7-9QX2`")]


class AskedIn(Schema):
    """What exactly is asked; which of it is needed depends on the kind."""

    fields: dict[Purpose, Annotated[str, Field(max_length=2_000)]] = Field(
        {}, description="rectification: right values by field"
    )
    statement: Words = Field("", description="rectification: words that complete what is held")
    ground: Ground | None = Field(None, description="restriction: which of the four grounds (art. 18(1))")
    purposes: Annotated[list[Purpose], Field(max_length=62)] = Field([], description="objection, withdrawal: none for all")
    decision: Annotated[str, Field(max_length=200)] = Field("", description="human review: which decision")
    words: Words = Field("", description="anything else the person said")


class RequestIn(Schema):
    """
    A request that reached the controller. Who asks is named by ``person``, or by one address, which is looked up and not kept.

    ``vouched``: the system that sends this has made sure who asks.
    """

    kind: RequestKind
    person: UUID | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    vouched: bool = False
    asked: AskedIn | None = None
    language: Language = ""
    received_at: AwareDatetime | None = Field(None, description="if before now: the time is counted from then")


class WordsIn(Schema):
    """What the person is told."""

    words: Words


class IdentityIn(Schema):
    """That it is known who asks; ``person`` where the request named nobody."""

    person: UUID | None = None


class AnswerIn(Schema):
    """How a request is granted, whole or in part."""

    outcome: Outcome = Outcome.GRANTED
    reasons: Annotated[list[Refusal], Field(max_length=10)] = Field([], description="why a part is refused")
    words: Words = ""


class RefusalIn(Schema):
    """Why it is refused."""

    reasons: Annotated[list[Refusal], Field(min_length=1, max_length=10)]
    words: Words = ""


class RequestOut(Schema):
    """A request. ``due_at`` is the last moment for the answer; ``joined`` says that an open one about the same was there."""

    number: str
    kind: RequestKind
    state: RequestState
    clock: Clock
    person: UUID | None
    received_at: datetime
    due_at: datetime
    last_day: date
    extended: bool
    outcome: Outcome | None
    reasons: list[Refusal]
    answered_at: datetime | None
    closed_at: datetime | None
    policy_digest: str
    joined: bool = False


class StepOut(Schema):
    """One thing that happened."""

    step: str
    at: datetime
    by: str
    codes: dict[str, str]
    words: str


class StoryOut(Schema):
    """A request with all that happened, what still waits, and the answer."""

    request: RequestOut
    steps: list[StepOut]
    waits_for: list[str]
    answer: str
    stays: list[str]


def _out(request: HttpRequest, info: RequestInfo, *, joined: bool = False) -> RequestOut:
    known = subjects.public_ids(controller=controller(request), subjects=[info.subject] if info.subject else [])
    return _shown(info, known.get(info.subject or 0), joined=joined)


def _shown(info: RequestInfo, person: UUID | None, *, joined: bool = False) -> RequestOut:
    same = {name: getattr(info, name) for name in RequestOut.model_fields if hasattr(info, name)}
    return RequestOut(**same, person=person, reasons=list(info.refusals), joined=joined)


@contextmanager
def _mended() -> Iterator[None]:
    """Say what is wrong as a problem."""
    try:
        yield
    except BadRequest as error:
        raise Problem(422, "The request is not complete", str(error)) from None
    except NotNow as error:
        raise Problem(409, "Not now", str(error)) from None
    except UnknownRequest:
        raise Problem(404, "No such request", "the controller of this key has no request with that number") from None
    except UnknownSubject:
        raise Problem(404, "No such person", "nobody of this controller has that id (or they were erased)") from None


def _found(request: HttpRequest, number: str) -> RequestInfo:
    with _mended():
        return rights.by_number(controller=controller(request), number=number, at=now())


@router.post("", response={201: RequestOut}, summary="Register a request")
@decorate_view(once)
@needs(Permission.REQUESTS_REGISTER)
def receive(request: HttpRequest, body: RequestIn) -> RequestOut:
    """
    Register what a person asks. The time for the answer is counted by the policy in force.

    The same asked again joins the open request. Nobody known by the address gets the honest answer that nothing is held.
    """
    given = [one for one in (body.person, body.email, body.phone) if one is not None]
    if len(given) != 1:
        raise Problem(422, "The request is not complete", "name who asks by exactly one of `person`, `email`, `phone`")
    address = ("email", body.email) if body.email else ("phone", body.phone) if body.phone else None
    with _mended():
        done = rights.receive(
            controller=controller(request),
            kind=body.kind,
            subject=subject_of(request, body.person) if body.person else None,
            address=address,
            via=Via.API,
            identity=Identity.VOUCHED if body.vouched else Identity.NONE,
            asked=_asked(body.asked),
            language=body.language[:2],
            received_at=body.received_at,
            by=actor(request),
            at=now(),
        )
    return _out(request, done.request, joined=done.joined)


def _asked(body: AskedIn | None) -> Asked:
    return Asked() if body is None else Asked(**{**body.dict(), "purposes": tuple(body.purposes)})


@router.get("", response=Page[RequestOut], summary="List requests")
@needs(Permission.REQUESTS_ANSWER)
def listing(
    request: HttpRequest, which: Selection = Selection.ALL, cursor: Cursor = "", limit: Limit = 100
) -> Page[RequestOut]:
    """Return a selection in the order of registration."""
    who, seen_here = controller(request), {}

    def after(last: int, size: int) -> list[int]:
        found = rights.requests(controller=who, which=which, after=last, limit=size, at=now())
        seen_here.update({one.id: one for one in found})
        return [one.id for one in found]

    ids, following = page_of(after, cursor=cursor, limit=limit)
    infos = [seen_here[one] for one in ids]
    people = subjects.public_ids(controller=who, subjects=[one.subject for one in infos if one.subject])
    return Page[RequestOut](items=[_shown(one, people.get(one.subject or 0)) for one in infos], next=following)


@router.get("/{number}", response=StoryOut, summary="One request with its steps")
@needs(Permission.REQUESTS_ANSWER)
def one(request: HttpRequest, number: Quoted) -> StoryOut:
    """Return all that happened, what waits, and the answer as the person reads it."""
    info = _found(request, number)
    story = rights.story(controller=controller(request), request=info.id, by=actor(request), at=now())
    return StoryOut(
        request=_out(request, info),
        steps=[StepOut(step=s.kind.value, at=s.at, by=s.by, codes=dict(s.codes), words=s.words) for s in story.steps],
        waits_for=[f"{task.kind.value}: {task.waits_for}" for task in story.tasks if not task.done],
        answer="\n\n".join(filter(None, story.answer)),
        stays=[f"{kept.store}: {kept.because}" for kept in story.stays],
    )


@router.get("/{number}/copy", summary="The copy that answers it (arts. 15, 20)", openapi_extra=ZIP)
@needs(Permission.PEOPLE_EXPORT)
def copy(request: HttpRequest, number: Quoted) -> HttpResponse:
    """Return a zip with JSON files and a page to read; made now, kept nowhere."""
    info = _found(request, number)
    with _mended():
        data = rights.access_package(controller=controller(request), request=info.id, by=actor(request), at=now())
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="request-{info.number}.zip"'
    return answer


def _act(request: HttpRequest, number: str, verb: Any, **more: object) -> RequestOut:
    info = _found(request, number)
    with _mended():
        done = verb(controller=controller(request), request=info.id, by=actor(request), at=now(), **more)
    return _out(request, done)


@router.post("/{number}/identity", response=RequestOut, summary="It is known who asks")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def identity(request: HttpRequest, number: Quoted, body: IdentityIn) -> RequestOut:
    """Write down that identity is settled; the request goes on by itself."""
    subject = subject_of(request, body.person) if body.person else None
    return _act(request, number, rights.confirm_identity, subject=subject, identity=Identity.VOUCHED)


@router.post("/{number}/identity-question", response=RequestOut, summary="Ask who asks (art. 12(6))")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def ask_identity(request: HttpRequest, number: Quoted, body: WordsIn) -> RequestOut:
    """Ask the person to show who they are; the clock stands until they do."""
    return _act(request, number, rights.ask_identity, words=body.words)


@router.post("/{number}/question", response=RequestOut, summary="Ask what is meant")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def question(request: HttpRequest, number: Quoted, body: WordsIn) -> RequestOut:
    """Ask the person to say more; the clock stands until they do."""
    return _act(request, number, rights.ask_clarification, words=body.words)


@router.post("/{number}/clarification", response=RequestOut, summary="What the person said when asked")
@decorate_view(once)
@needs(Permission.REQUESTS_REGISTER)
def clarification(request: HttpRequest, number: Quoted, body: WordsIn) -> RequestOut:
    """Write it down; the clock goes on."""
    return _act(request, number, rights.clarified, words=body.words)


@router.post("/{number}/extension", response=RequestOut, summary="Take the two further months (art. 12(3))")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def extension(request: HttpRequest, number: Quoted, body: WordsIn) -> RequestOut:
    """Extend the time, inside the first period; the person is told why."""
    return _act(request, number, rights.extend, words=body.words)


@router.post("/{number}/answer", response=RequestOut, summary="Grant it, whole or in part")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def answer(request: HttpRequest, number: Quoted, body: AnswerIn) -> RequestOut:
    """Grant what had to be looked at; it is carried out and the person told."""
    return _act(request, number, rights.answer, outcome=body.outcome, refusals=body.reasons, words=body.words)


@router.post("/{number}/refusal", response=RequestOut, summary="Refuse it, with reasons")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def refusal(request: HttpRequest, number: Quoted, body: RefusalIn) -> RequestOut:
    """Refuse; the answer names the reasons, the authority and the courts (art. 12(4))."""
    return _act(request, number, rights.refuse, reasons=body.reasons, words=body.words)


@router.post("/{number}/letter", response=RequestOut, summary="A printed message was sent")
@decorate_view(once)
@needs(Permission.REQUESTS_ANSWER)
def letter(request: HttpRequest, number: Quoted) -> RequestOut:
    """Write down that what could go by no channel went on paper."""
    return _act(request, number, rights.letter_sent)


@router.post("/{number}/withdrawal", response=RequestOut, summary="The person no longer asks for it")
@decorate_view(once)
@needs(Permission.REQUESTS_REGISTER)
def withdrawal(request: HttpRequest, number: Quoted) -> RequestOut:
    """End it; what was carried out stays so."""
    return _act(request, number, rights.withdraw_request)
