"""Take in what a person brings from another controller (art. 20)."""

import base64
import binascii
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.idempotency import once
from assent.entrypoints.api.people import subject_of
from assent.entrypoints.api.problems import at
from assent.foundation.clock import now
from assent.ingest import api as ingest
from assent.privacy.rights.contracts import BadPackage
from assent.privacy.sources.contracts import UnknownSource
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["people"])


class PackageIn(Schema):
    """A package as another controller gave it. Larger ones go in with ``assent person import-package``."""

    property: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$", description="the server it counts as coming from")]
    package: Annotated[str, Field(min_length=1, max_length=3_400_000, description="the zip, in base64")]
    person: UUID | None = Field(None, description="whose it is; else found by e-mail or phone, or made")
    source: str = Field(
        "", max_length=63, description="key of a source that the policy declares: ``you`` where the person brought it"
    )


class MovedOut(Schema):
    """What became of it. Which events the gate lets in, its counts say; no consent follows from a package."""

    person: UUID
    created: bool
    events: int
    receipts: int
    left_out: list[str]


@router.post("", response={202: MovedOut}, summary="Take in a portability package (art. 20)")
@decorate_view(once)
@needs(Permission.PEOPLE_WRITE)
def take_in(request: HttpRequest, body: PackageIn) -> MovedOut:
    """Take identifiers, attributes and events in by the policy in force, and keep receipts as they are."""
    who = controller(request)
    server = next((one.id for one in tenancy.properties(controller=who) if one.slug == body.property), None)
    if server is None:
        raise at("/property", "name a server of yours: the console's page Sites lists them")
    subject = None if body.person is None else subject_of(request, body.person)
    try:
        data = base64.b64decode(body.package, validate=True)
        done = ingest.import_package(
            controller=who, property=server, data=data, by=actor(request), at=now(), subject=subject, source=body.source,
        )  # fmt: skip
    except binascii.Error:
        raise at("/package", "send the zip in base64") from None
    except UnknownSource as why:
        raise at("/source", str(why)) from None
    except BadPackage as why:
        raise at("/package", str(why)) from None
    person = subjects.public_ids(controller=who, subjects=[done.subject])[done.subject]
    return MovedOut(person=person, created=done.created, events=done.sent, receipts=done.receipts, left_out=list(done.left_out))
