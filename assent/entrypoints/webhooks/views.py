"""OpenDSR 2.0 for each controller: discovery, requests, their status and cancellation, and what recipients report."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from assent.audit.contracts import Actor
from assent.connectors.opendsr import house
from assent.connectors.opendsr.signing import unsaid
from assent.connectors.opendsr.wire import VERSION, BadMessage, Status, read_request
from assent.entrypoints.webhooks import models
from assent.entrypoints.webhooks.callers import NEEDS, Caller, NotAllowed, caller, partner
from assent.entrypoints.webhooks.passing import IDENTITIES, PHONES, TYPES, pass_on, status_of
from assent.entrypoints.webhooks.saying import answer, error, taken, told
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import SettledBefore
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import NotNow, RequestKind
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import UnknownController

__all__ = ["callbacks", "certificate", "discovery", "one", "requests", "result"]

MOST_BYTES = 65_536

View = Callable[..., HttpResponse]


def _face(*methods: str) -> Callable[[View], View]:
    """Find the controller, keep it in scope, and answer every refusal as the specification says."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def found(request: HttpRequest, slug: str, **parts: Any) -> HttpResponse:
            try:
                _possible(request, methods)
                info = tenancy.controller(slug=slug)
                with scope.controller(info.id):
                    return view(request, info.id, **parts)
            except UnknownController:
                return error(404, "no controller has this name here")
            except NotAllowed as why:
                return error(why.status, str(why))
            except BadMessage as why:
                return error(400, "the message is not as OpenDSR describes it", why.fields)
            except NoPolicy:
                return error(400, "this controller has published no policy, so it holds nothing yet")

        return found

    return wrap


def _possible(request: HttpRequest, methods: Sequence[str]) -> None:
    if request.method not in methods:
        raise NotAllowed(405, f"this address knows {' and '.join(methods)}")
    if house.ours() is None:
        raise NotAllowed(404, "OpenDSR is not set up here: ASSENT_OPENDSR_CERTIFICATE names what to sign with")


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise BadMessage(("body", f"is longer than {MOST_BYTES} bytes"))
    return request.body


@_face("GET")
def discovery(request: HttpRequest, controller: int) -> HttpResponse:
    """Say what can be passed on, and where the certificate lies."""
    signer, slug = house.ours(), tenancy.controller_by_id(id=controller).slug
    phones = [{"identity_type": kind, "identity_format": form} for kind, form in PHONES]
    return answer(
        {
            "api_version": VERSION,
            "supported_identities": [{"identity_type": kind, "identity_format": form} for kind, form in IDENTITIES],
            "supported_subject_request_types": list(TYPES),
            "processor_certificate": house.address(slug, "certificate.pem"),
            "extensions": {signer.domain if signer else "": {"identities": phones}},
        }
    )


@_face("GET")
def certificate(request: HttpRequest, controller: int) -> HttpResponse:
    """Hand out the certificate, with those up to its authority."""
    signer = house.ours()
    return HttpResponse(signer.certificate if signer else b"", content_type="application/x-pem-file")


@_face("POST")
def requests(request: HttpRequest, controller: int) -> HttpResponse:
    """Take a request. Who calls is settled before the body is read."""
    body, at, signer = _body(request), now(), house.ours()
    who = caller(request, controller=controller, body=body, at=at)
    read = read_request(body, domain=signer.domain if signer else "")
    if not who.may(read.type):
        raise NotAllowed(403, f"this API key lacks the verb {NEEDS[read.type].value}")
    row = pass_on(controller=controller, request=read, body=body, caller=who, at=at)
    return answer(taken(row, body=body), 201)


@_face("GET", "DELETE")
def one(request: HttpRequest, controller: int, number: UUID) -> HttpResponse:
    """Say how far a request is, or cancel it while it is pending."""
    at = now()
    row, who = _row(request, controller, number, at)
    if row is None:
        return error(404, "no request has this number here")
    info = rights.request(controller=controller, request=row.request, at=at)
    if request.method == "GET":
        said = told(row, status=status_of(info))
        if info.closed_at is not None and info.kind in {RequestKind.ACCESS, RequestKind.PORTABILITY}:
            slug = tenancy.controller_by_id(id=controller).slug
            said["results_url"] = house.address(slug, f"requests/{number}/result")
        return answer(said)
    if status_of(info) != "pending":
        return error(400, "only a pending request can be cancelled")
    try:
        rights.withdraw_request(controller=controller, request=row.request, by=who.by, at=at)
    except NotNow:
        return error(400, "only a pending request can be cancelled")
    return answer(taken(row), 202)


@_face("GET")
def result(request: HttpRequest, controller: int, number: UUID) -> HttpResponse:
    """Hand over the copy that answers an access or portability request: to the controller's own systems only."""
    at = now()
    row, who = _row(request, controller, number, at)
    if row is None:
        return error(404, "no request has this number here")
    if not (who.name == "key" and who.may("access")):
        raise NotAllowed(
            403, f"send an API key with the verb {NEEDS['access'].value}: a signature without a body proves too little"
        )
    try:
        data = rights.access_package(controller=controller, request=row.request, by=who.by, at=at)
    except NotNow:
        return error(404, "there is no copy for this request (yet)")
    response = HttpResponse(data, content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response


def _row(request: HttpRequest, controller: int, number: UUID, at: datetime) -> tuple[models.PassedOn | None, Caller]:
    said = unsaid(request.method or "", f"requests/{number}")
    who = caller(request, controller=controller, body=said, at=at)
    row = models.PassedOn.objects.filter(number=number).first()
    return (row if row is not None and who.sees(row.caller) else None), who


@_face("POST")
def callbacks(request: HttpRequest, controller: int) -> HttpResponse:
    """Hear from a recipient how far it is with what it was told (8.8): its own notices only, and only what it has signed."""
    body, at = _body(request), now()
    way = partner(request, controller=controller, body=body, at=at)
    read = Status.read(body)
    if read.callback != house.address(tenancy.controller_by_id(id=controller).slug, "callbacks"):
        return error(400, "status_callback_url is not this address")
    known = disclosures.notices(
        controller=controller, recipient=way.recipient, named=way.named, reference=str(read.id), limit=1
    )
    if not known:
        return error(404, "this recipient was told nothing under this number")
    if read.status == "completed":
        try:
            disclosures.acknowledge(controller=controller, notice=known[0].id, by=Actor.system("opendsr"), at=at)
        except SettledBefore:
            return answer({"subject_request_id": str(read.id)}, 202)
    return answer({"subject_request_id": str(read.id)}, 202)
