"""From a request of another system to a request of a person, and back from its state to a status."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from assent.connectors.opendsr.wire import BadMessage, Identity, Request
from assent.entrypoints.webhooks import models
from assent.entrypoints.webhooks.callers import Caller
from assent.foundation.crypto import digest
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Ground,
    Identity as Known,
    Outcome,
    RequestInfo,
    RequestKind,
    RequestState,
    Via,
)
from assent.privacy.subjects import api as subjects

__all__ = ["IDENTITIES", "PHONES", "TYPES", "pass_on", "status_of"]

IDENTITIES = (("email", "raw"), ("controller_customer_id", "raw"))
PHONES = (("phone", "raw"),)
TYPES = ("access", "portability", "erasure", "rectification", "restriction", "objection")
FIELDS = {"email": "email", "phone": "phone", "controller_customer_id": "user_id"}
FIRST_LOOK = timedelta(seconds=5)


def pass_on(*, controller: int, request: Request, body: bytes, caller: Caller, at: datetime) -> models.PassedOn:
    """
    Register a request of another system, which has checked who asks. The same twice is once.

    :raises BadMessage: if it names no identity this house can look up, or its number was used for something else
    """
    same = models.PassedOn.objects.filter(number=request.id).first()
    if same is None:
        same = _register(controller, request, body, caller=caller, at=at)
    if same.digest != digest(body) or not caller.sees(same.caller):
        raise BadMessage(("subject_request_id", "was used for another request"))
    return same


def _register(controller: int, request: Request, body: bytes, *, caller: Caller, at: datetime) -> models.PassedOn:
    usable = [one for one in request.identities if (one.type, one.format) in (*IDENTITIES, *PHONES)]
    if not usable:
        raise BadMessage(("subject_identities", "must name a type and format that the discovery lists"))
    whose = _whose(controller, usable)
    address = next(((FIELDS[one.type], one.value) for one in usable if one.type in {"email", "phone"}), None)
    try:
        with transaction.atomic():
            told = rights.receive(
                controller=controller,
                kind=RequestKind(request.type),
                subject=whose,
                via=Via.OPENDSR,
                identity=Known.VOUCHED if whose is not None else Known.NONE,
                address=address if whose is None else None,
                asked=Asked(
                    fields=dict(request.changes),
                    ground=Ground(request.ground) if request.ground else None,
                    purposes=(request.purpose,) if request.purpose else (),
                ),
                by=caller.by,
                at=at,
            )
            return models.PassedOn.objects.create(
                controller_id=controller,
                number=request.id,
                digest=digest(body),
                request=told.request.id,
                caller=caller.name,
                callbacks=list(request.callbacks),
                status=status_of(told.request),
                received_at=at,
                expected_at=told.request.due_at,
                next_at=at + FIRST_LOOK,
            )
    except IntegrityError:
        # The same request arrived twice at this moment; the other one won.
        found: models.PassedOn = models.PassedOn.objects.get(number=request.id)
        return found
    except (BadRequest, ValueError) as error:
        raise BadMessage(("extensions", str(error))) from None


def _whose(controller: int, identities: list[Identity]) -> int | None:
    """Return the one person all known identities belong to; None if nobody, or several: then people find out."""
    found = {
        subject
        for one in identities
        for subject in subjects.recognise(controller=controller, kind=FIELDS[one.type], values=[one.value])
        if subject
    }
    return found.pop() if len(found) == 1 else None


def status_of(info: RequestInfo) -> str:
    """Return a request's status in the words of the specification: completed when recipients have answered, too."""
    if info.state is RequestState.TAKEN_BACK or info.outcome is Outcome.TAKEN_BACK:
        return "cancelled"
    if info.closed_at is not None:
        return "completed"
    return "in_progress" if info.state in {RequestState.IN_PROGRESS, RequestState.ANSWERED, RequestState.REFUSED} else "pending"
