"""What is answered, in the words of the specification."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from assent.connectors.opendsr import house
from assent.connectors.opendsr.wire import VERSION, rfc3339
from assent.entrypoints.webhooks import models
from assent.foundation.canonical import dumps
from assent.tenancy import api as tenancy

__all__ = ["answer", "error", "taken", "told"]

JSON = "application/json"


def answer(body: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return a signed answer: the signature of its bytes stands in the headers."""
    signer, data = house.ours(), json.dumps(body).encode()
    response = HttpResponse(data, status=status, content_type=JSON)
    for name, value in (signer.headers(data) if signer else {}).items():
        response[name] = value
    return _private(response)


def error(status: int, message: str, fields: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """Return an error object (7.6). It names fields, and never what was sent in them."""
    faults = [{"domain": "Validation", "reason": "InvalidField", "message": f"{name} {why}"} for name, why in fields]
    body: dict[str, Any] = {"error": {"code": status, "message": message, **({"errors": faults} if faults else {})}}
    return _private(HttpResponse(json.dumps(body), status=status, content_type=JSON))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def told(row: models.PassedOn, *, status: str) -> dict[str, Any]:
    """Return what a status says (8.3)."""
    slug = tenancy.controller_by_id(id=row.controller_id).slug
    return {
        "controller_id": slug,
        "expected_completion_time": rfc3339(row.expected_at),
        "subject_request_id": str(row.number),
        "request_status": status,
        "api_version": VERSION,
    }


def taken(row: models.PassedOn, *, body: bytes | None = None) -> dict[str, Any]:
    """
    Return what is said when a request was taken (7.3), or its cancellation (9.2).

    ``processor_signature`` signs the canonical form (RFC 8785) of the answer without this field, since no text can hold
    its own signature; the header's is over the bytes.
    """
    slug, signer = tenancy.controller_by_id(id=row.controller_id).slug, house.ours()
    said: dict[str, Any] = {
        "controller_id": slug,
        "received_time": rfc3339(row.received_at),
        "subject_request_id": str(row.number),
        "api_version": VERSION,
    }
    if body is not None:
        said["expected_completion_time"] = rfc3339(row.expected_at)
        said["encoded_request"] = base64.b64encode(body).decode()
    return {**said, "processor_signature": signer.sign(dumps(said)) if signer else ""}
