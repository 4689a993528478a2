"""People: put in, found, read, exported, erased. Outside, a person is a UUID that is no one else's and says nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view
from pydantic import AwareDatetime

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.cursors import Cursor, Limit, Page, page_of
from assent.entrypoints.api.fields import Many
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.problems import Problem, at
from assent.foundation.clock import now
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import ErasureReport
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import BadMoment, UnknownSource
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field as Identifier, PersonInput, UnknownSubject, Upserted
from assent.tenancy.contracts import Permission

__all__ = ["erasures", "router", "seen", "subject_of"]

router = Router(tags=["people"])
erasures = Router(tags=["people"])

AT_ONCE = 1_000
IDENTIFIERS = frozenset(field.value for field in Identifier)


class PersonIn(Many):
    """A person as the brand knows them. ``user_id`` is the brand's own id; e-mail and phone are look-ups, not identities."""

    identifiers: dict[Identifier, Annotated[str, Field(max_length=2_000)]] = Field(
        examples=[{"user_id": "customer-17", "email": "ana@mail.example", "first_name": "Ana"}]
    )


class PeopleIn(Many):
    """
    Up to a thousand people in one request, all from one source.

    Where their data came from decides what may be done with them. From the person (``you`` in most policies): the notice
    given at collection told them. From anybody else: the first message says so, or a letter within a month (art. 14 GDPR).
    Left out: whoever is made now is written to by nobody until the source is named.
    """

    people: Annotated[list[PersonIn], Field(min_length=1, max_length=AT_ONCE)]
    source: str = Field("", max_length=63, description="key of a source that the policy declares", examples=["you"])
    obtained_at: AwareDatetime | None = Field(
        None, description="when you got the data, now if left out: the month in which people have to be told runs from it"
    )


class Fault(Many):
    """A place of the request, and what to send there instead."""

    pointer: str
    detail: str


class PersonPut(Many):
    """
    What became of one person of the request, in the request's order.

    ``id`` is null if nobody could be recognised or made. ``refused`` names values that were left out; the others count.
    """

    id: UUID | None
    created: bool
    changed: bool
    refused: list[Fault]


class PeoplePut(Many):
    """What became of all, and how many places were refused."""

    people: list[PersonPut]
    refused: int


class SearchIn(Schema):
    """Whom to find. It stands in the body because addresses of pages end up in logs."""

    text: str = Field(min_length=1, max_length=200, description="a name or its beginning, an e-mail or a phone number")
    cursor: str = Field("", max_length=80)
    limit: int = Field(100, ge=1, le=500)


class PersonOut(Schema):
    """A person with the identifiers held. Reading them is written in the book."""

    id: UUID
    identifiers: dict[str, str]


class StoreOut(Schema):
    """What one store removed, and what it keeps and why."""

    store: str
    removed: int
    kept: int
    kept_because: str


class ErasureOut(Schema):
    """How far an erasure is. ``waiting`` ends by itself, usually within seconds."""

    id: int
    state: str
    requested_at: datetime
    finished_at: datetime | None
    waits_for: str
    stores: list[StoreOut]


def subject_of(request: HttpRequest, person: UUID, *, leaving: bool = False) -> int:
    """
    Return the id inside.

    :param leaving: also of people who are being erased
    :raises Problem: 404 for whoever is unknown, erased, or another controller's
    """
    who = controller(request)
    unknown = Problem(404, "No such person", "nobody of this controller has that id (or they were erased)")
    try:
        subject = subjects.by_public_id(controller=who, public_id=person)
    except UnknownSubject:
        raise unknown from None
    if not leaving and subjects.erasing(controller=who, subjects=[subject]):
        raise unknown
    return subject


def seen(request: HttpRequest, subject: int, what: Did) -> None:
    """Write down that the key that calls was shown something of a person, so that a leak can be traced to them."""
    audit.write(what, controller=controller(request), by=actor(request), at=now(), about=subject)


def _put(place: int, done: Upserted) -> PersonPut:
    whole = f"/people/{place}/identifiers"
    refused = [
        Fault(pointer=f"{whole}/{fault.field}" if fault.field in IDENTIFIERS else whole, detail=f"{fault.why}: {fault.cure}")
        for fault in done.refused
    ]
    return PersonPut(
        id=done.public_id if done.subject else None, created=done.created, changed=bool(done.changed), refused=refused
    )


@router.post("", response=PeoplePut, summary="Put people in, or change them")
@decorate_view(once)
@needs(Permission.PEOPLE_WRITE)
def put(request: HttpRequest, body: PeopleIn) -> HttpResponse:
    """
    Match by ``user_id``, else ``anonymous_id``, else an e-mail or phone that exactly one person has; make who is not found.

    A value that can't be is left out and listed; it does not hold up the others.
    """
    lawfulness.require_agreement(controller=controller(request), at=now())
    people = [PersonInput({field.value: value for field, value in person.identifiers.items()}) for person in body.people]
    moment = now()
    try:
        found = sources.import_people(
            controller=controller(request), people=people, source=body.source, obtained_at=body.obtained_at or moment,
            by=actor(request), at=moment,
        )  # fmt: skip
    except UnknownSource as why:
        raise at("/source", str(why)) from None
    except BadMoment as why:
        raise at("/obtained_at", str(why)) from None
    made = [_put(place, done) for place, done in enumerate(found)]
    answer = PeoplePut(people=made, refused=sum(len(one.refused) for one in made))
    # Written here, since ninja would check again what was just made, and a thousand people take their time.
    return HttpResponse(answer.model_dump_json(), content_type="application/json; charset=utf-8")


def _page(request: HttpRequest, ids: tuple[Sequence[int], str], *, why: str) -> Page[UUID]:
    who = controller(request)
    public = subjects.public_ids(controller=who, subjects=ids[0])
    subjects.listed(controller=who, subjects=list(public), by=actor(request), at=now(), why=why)
    return Page[UUID](items=[public[one] for one in ids[0] if one in public], next=ids[1])


@router.get("", response=Page[UUID], summary="List people")
@needs(Permission.PEOPLE_READ)
def listing(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> Page[UUID]:
    """Return ids, page by page, in no order that says anything about people."""
    who = controller(request)

    def after(last: int, size: int) -> list[int]:
        return subjects.page(controller=who, limit=size, after=last)

    return _page(request, page_of(after, cursor=cursor, limit=limit), why="api.list")


@router.post("/search", response=Page[UUID], summary="Find people")
@needs(Permission.PEOPLE_READ)
def search(request: HttpRequest, body: SearchIn) -> Page[UUID]:
    """Find by a whole id, e-mail or phone number, or by names or their beginnings of three letters or more."""
    who = controller(request)

    def after(last: int, size: int) -> list[int]:
        return subjects.search(controller=who, text=body.text, limit=size, after=last)

    return _page(request, page_of(after, cursor=body.cursor, limit=body.limit), why="api.search")


@router.get("/{person}", response=PersonOut, summary="Read a person's identifiers")
@needs(Permission.PEOPLE_IDENTIFY)
def get(request: HttpRequest, person: UUID) -> PersonOut:
    """Return what is held of the person's identifiers."""
    subject = subject_of(request, person)
    held = subjects.reveal(
        controller=controller(request), subjects=[subject], fields=list(Identifier), by=actor(request), at=now(), why="api"
    )
    return PersonOut(id=person, identifiers=held.get(subject, {}))


ZIP = {"responses": {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}}


@router.get("/{person}/export", summary="Everything held about a person (arts. 15, 20)", openapi_extra=ZIP)
@needs(Permission.PEOPLE_EXPORT)
def export(request: HttpRequest, person: UUID) -> HttpResponse:
    """Return a zip with JSON files and a page to read."""
    subject = subject_of(request, person)
    data = rights.export_person(controller=controller(request), subject=subject, by=actor(request), at=now())
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{person}.zip"'
    return answer


@router.get("/{person}/package", summary="What a person takes along (art. 20)", openapi_extra=ZIP)
@needs(Permission.PEOPLE_EXPORT)
def portable(request: HttpRequest, person: UUID) -> HttpResponse:
    """Return a zip with JSON, CSV and receipts, as docs/portability.schema.json describes it."""
    subject = subject_of(request, person)
    data = rights.portable_package(controller=controller(request), subject=subject, by=actor(request), at=now())
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="package-{person}.zip"'
    return answer


@router.delete("/{person}", response={202: ErasureOut}, summary="Erase a person (art. 17)")
@decorate_view(once)
@needs(Permission.PEOPLE_ERASE)
def erase(request: HttpRequest, person: UUID) -> ErasureOut:
    """
    Erase the person from every store. From the answer on nothing is done with their data.

    What a legal hold or a law keeps back stays, unused, and goes by itself later: the state is ``held`` until then.
    """
    subject = subject_of(request, person, leaving=True)
    made = rights.erase_unheld(controller=controller(request), subjects=[subject], by=actor(request), at=now())
    return _erasure(made[0])


@erasures.get("", response=list[ErasureOut], summary="The latest erasures, newest first")
@needs(Permission.PEOPLE_ERASE)
def erasure_list(request: HttpRequest, limit: Limit = 50) -> list[ErasureOut]:
    """Return how far each is. Who it was is not in the answer."""
    return [_erasure(report) for report in rights.erasures(controller=controller(request), limit=limit)]


def _erasure(report: ErasureReport) -> ErasureOut:
    stores = [StoreOut(store=s.store, removed=s.removed, kept=s.kept, kept_because=s.kept_because) for s in report.stores]
    return ErasureOut(
        id=report.id,
        state=report.state,
        requested_at=report.requested_at,
        finished_at=report.finished_at,
        waits_for=report.waits_for,
        stores=stores,
    )
