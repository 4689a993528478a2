"""People: put in, read, export, erase. Outside, a person is a UUID that is no one else's and says nothing."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from assent.audit.contracts import Actor
from assent.entrypoints.api.access import needs
from assent.entrypoints.api.cursors import Page, page_of
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import ErasureReport
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import BadIdentifier, Field as Identifier, PersonInput, UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["actor", "router", "subject_of"]

router = Router(tags=["people"])

AT_ONCE = 1_000


class PersonIn(Schema):
    """A person as the brand knows them. ``user_id`` is the brand's own id; e-mail and phone are look-ups, not identities."""

    identifiers: dict[Identifier, Annotated[str, Field(max_length=2_000)]] = Field(
        examples=[{"user_id": "customer-17", "email": "ana@mail.example", "first_name": "Ana"}]
    )


class PeopleIn(Schema):
    """Up to a thousand people in one request."""

    people: Annotated[list[PersonIn], Field(min_length=1, max_length=AT_ONCE)]


class PersonPut(Schema):
    """What became of one person of the request, in the request's order."""

    id: UUID
    created: bool
    changed: bool


class PeoplePut(Schema):
    """What became of all."""

    people: list[PersonPut]


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
    waits_for: str
    stores: list[StoreOut]


def actor(request: HttpRequest) -> Actor:
    """Return the key that calls, as the book names it."""
    return Actor.key(request.auth.id)  # type: ignore[attr-defined]


def controller(request: HttpRequest) -> int:
    """Return the controller of the key that calls."""
    return int(request.auth.controller)  # type: ignore[attr-defined]


def subject_of(request: HttpRequest, person: UUID) -> int:
    """Return the id inside, or say 404."""
    try:
        return subjects.by_public_id(controller=controller(request), public_id=person)
    except UnknownSubject:
        raise Problem(404, "No such person", "nobody of this controller has that id (or they were erased)") from None


@router.post("", response={200: PeoplePut}, summary="Put people in, or change them")
@decorate_view(once)
@needs(Permission.PEOPLE_WRITE)
def put(request: HttpRequest, body: PeopleIn) -> PeoplePut:
    """Match by ``user_id``, else ``anonymous_id``, else an e-mail that exactly one person has; make who is not found."""
    people = [PersonInput({str(k): v for k, v in person.identifiers.items()}) for person in body.people]
    try:
        found = subjects.upsert_many(controller=controller(request), people=people, by=actor(request), at=now())
    except BadIdentifier as error:
        raise Problem(422, "Bad identifier", str(error)) from None
    return PeoplePut(people=[PersonPut(id=one.public_id, created=one.created, changed=bool(one.changed)) for one in found])


@router.get("", response=Page[UUID], summary="List people, or find them")
@needs(Permission.PEOPLE_READ)
def listing(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="a name or its beginning, an e-mail or a phone number")] = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Return ids, page by page, in no order that says anything about people."""
    who = controller(request)

    def after(last: int, size: int) -> list[int]:
        if q:
            return subjects.search(controller=who, text=q, limit=size, after=last)
        return subjects.page(controller=who, limit=size, after=last)

    ids, following = page_of(after, cursor=cursor, limit=limit)
    public = subjects.public_ids(controller=who, subjects=ids)
    return {"items": [public[one] for one in ids], "next": following}


@router.get("/{person}", response=PersonOut, summary="Read a person's identifiers")
@needs(Permission.PEOPLE_IDENTIFY)
def get(request: HttpRequest, person: UUID) -> PersonOut:
    """Return what is held of the person's identifiers."""
    subject = subject_of(request, person)
    held = subjects.reveal(
        controller=controller(request), subjects=[subject], fields=list(Identifier), by=actor(request), at=now(), why="api"
    )
    return PersonOut(id=person, identifiers=held.get(subject, {}))


@router.get("/{person}/export", summary="Everything held about a person (arts. 15, 20)")
@needs(Permission.PEOPLE_EXPORT)
def export(request: HttpRequest, person: UUID) -> HttpResponse:
    """Return a zip with JSON files and a page to read."""
    subject = subject_of(request, person)
    data = rights.export_person(controller=controller(request), subject=subject, by=actor(request), at=now())
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{person}.zip"'
    return answer


@router.delete("/{person}", response={202: ErasureOut}, summary="Erase a person (art. 17)")
@decorate_view(once)
@needs(Permission.PEOPLE_ERASE)
def erase(request: HttpRequest, person: UUID) -> tuple[int, ErasureOut]:
    """Erase the person from every store. From the answer on nothing is done with their data."""
    subject = subject_of(request, person)
    return 202, _erasure(rights.erase(controller=controller(request), subjects=[subject], by=actor(request), at=now()))


def _erasure(report: ErasureReport) -> ErasureOut:
    stores = [StoreOut(store=s.store, removed=s.removed, kept=s.kept, kept_because=s.kept_because) for s in report.stores]
    return ErasureOut(id=report.id, state=report.state, waits_for=report.waits_for, stores=stores)
