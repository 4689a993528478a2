"""A copy of all that is held about a person, with what the law wants said beside it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.personal import Held, Page, registered
from assent.privacy.rights import about, package, rows
from assent.privacy.rights.contracts import NotNow, Outcome, RequestKind, RequestState, StepKind
from assent.privacy.rights.moving import portable_package
from assent.privacy.subjects import api as subjects_api
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy import api as tenancy

__all__ = ["access_package", "export_person", "inventory"]


def inventory(*, controller: int, subject: int) -> list[Held]:
    """Count what every store holds of one person."""
    with scope.controller(controller):
        return [
            held for store in registered() for held in store.inventory(controller=controller, subject=subject) if held.count
        ]


def export_person(*, controller: int, subject: int, by: Actor, at: datetime, language: str = "") -> bytes:
    """
    Return a zip of all that is held about a person (arts. 15, 20): JSON files and a page to read.

    Beside the copy stands why the data are processed, where they come from, who receives them and until when (art. 15(1)).

    :raises UnknownSubject: if there is no such person
    """
    info = tenancy.controller_by_id(id=controller)
    with scope.controller(controller):
        if subject not in subjects_api.public_ids(controller=controller, subjects=[subject]):
            message = "nobody of this controller has that id (or they were erased)"
            raise UnknownSubject(message)
        audit.write(Did.PERSON_EXPORTED, controller=controller, by=by, at=at, about=subject)
        tongue = language or info.language
        told = list(about.pages(controller=controller, subject=subject, language=tongue, at=at))
        pages = _pages(controller, subject)
        return package.build(pages, about=told, controller=info.name, language=tongue, at=at)


def _pages(controller: int, subject: int) -> Iterator[Page]:
    for store in registered():
        yield from store.export(controller=controller, subject=subject)


def access_package(*, controller: int, request: int, by: Actor, at: datetime) -> bytes:
    """
    Return what answers a request for access (the whole copy) or portability (the package to take along), made now.

    That it was handed over is written down. It is made each time it is asked for: a copy that lay about would be one more
    place for the data to leak from.

    :raises NotNow: if the request is for something else, is not answered yet, or was refused
    :raises UnknownRequest: if there is none
    """
    with scope.controller(controller), transaction.atomic():
        row = rows.locked(request)
        if RequestKind(row.kind) not in {RequestKind.ACCESS, RequestKind.PORTABILITY} or row.subject is None:
            raise NotNow("only requests for access or portability have a copy, and only once it is known who asks")
        if row.outcome not in {Outcome.GRANTED, Outcome.PARTLY} or RequestState(row.state) is RequestState.TAKEN_BACK:
            raise NotNow("there is a copy only once the request is granted")
        if RequestKind(row.kind) is RequestKind.PORTABILITY:
            data = portable_package(controller=controller, subject=row.subject, by=by, at=at)
        else:
            data = export_person(controller=controller, subject=row.subject, by=by, at=at, language=row.language)
        rows.step(row, StepKind.COPY_HANDED_OVER, by=by, at=at)
    return data
