"""Receipts of a person's choices: each the file that the person can keep and anybody can check."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from assent.audit.contracts import Did
from assent.entrypoints.api.access import actor, controller, needs
from assent.entrypoints.api.people import seen, subject_of
from assent.entrypoints.api.problems import Problem
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import NoReceipt
from assent.tenancy.contracts import Permission

__all__ = ["router"]

router = Router(tags=["choices"])


class ReceiptOut(Schema):
    """A choice that has a receipt; ``id`` is the number of both."""

    id: UUID
    choice: str
    purpose: str
    channel: str
    at: datetime


@router.get("/{person}/receipts", response=list[ReceiptOut], summary="Which choices have receipts, oldest first")
@needs(Permission.PEOPLE_READ)
def listing(request: HttpRequest, person: UUID) -> list[ReceiptOut]:
    """Return what each receipt is about."""
    who, subject = controller(request), subject_of(request, person)
    seen(request, subject, Did.CHOICES_READ)
    found = consent.receipted(controller=who, subject=subject, at=now())
    return [
        ReceiptOut(id=one.receipt, choice=one.choice.name.lower(), purpose=one.purpose, channel=one.channel, at=one.at)
        for one in found
        if one.receipt
    ]


LINKED_DATA = {"responses": {200: {"content": {"application/ld+json": {"schema": {"type": "string", "format": "binary"}}}}}}


@router.get("/{person}/receipts/{receipt}", summary="One receipt (ISO/IEC TS 27560)", openapi_extra=LINKED_DATA)
@needs(Permission.PEOPLE_EXPORT)
def one(request: HttpRequest, person: UUID, receipt: UUID) -> HttpResponse:
    """Return the signed file. Hand it on as it is: a verifier notices every byte. It is written in the book."""
    try:
        found = consent.receipt(
            controller=controller(request), subject=subject_of(request, person), id=receipt, by=actor(request), at=now()
        )
    except NoReceipt as error:
        raise Problem(404, "No such receipt", str(error)) from None
    answer = HttpResponse(found.data, content_type="application/ld+json")
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer
