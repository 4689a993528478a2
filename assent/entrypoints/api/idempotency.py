"""
The same request twice does its work once (``Idempotency-Key``, draft-ietf-httpapi-idempotency-key-header).

The key is claimed before the work begins. A claim without an answer is work that is going on, or that a crash cut off;
either way the second request must not do it again, so it is told to look.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac

from assent.entrypoints.api import models
from assent.entrypoints.api.access import caller
from assent.entrypoints.api.problems import Problem
from assent.foundation import clock, scope
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ApiKeyInfo

__all__ = ["HEADER", "forget_old", "once"]

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=48)  # longer than any client goes on retrying
LONGEST = 200


def _claim(info: ApiKeyInfo, key: str, digest: str) -> models.Answered | HttpResponse:
    try:
        with transaction.atomic():
            return models.Answered.objects.create(
                controller_id=info.controller, api_key=info.id, key=key, request=digest, created_at=clock.now()
            )
    except IntegrityError:
        row = models.Answered.objects.filter(api_key=info.id, key=key).first()
    if row is not None and row.request != digest:
        raise Problem(422, "Idempotency key reused", "this key came with another request before: use a new one")
    if row is None or row.status is None:
        raise Problem(
            409,
            "Request in progress or cut off",
            "a request with this key was begun and has no answer: read the thing it writes, then use a new key",
            retry_after=1,
        )
    response = HttpResponse(row.body, status=row.status, content_type="application/json; charset=utf-8")
    response["Idempotency-Replayed"] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    said = b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), request.body])
    # Keyed: a plain hash of a short request could be guessed back to the e-mail address in it.
    return salted_hmac("assent.idempotency", said, algorithm="sha256").hexdigest()


def once(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Wrap an operation of ninja (``decorate_view``) so that an ``Idempotency-Key`` is honoured."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER, "")
        info = caller(request) if key else None
        if info is None:
            return view(request, *args, **kwargs)
        if len(key) > LONGEST:
            raise Problem(400, "Idempotency key too long", f"use at most {LONGEST} characters")
        with scope.controller(info.controller):
            claimed = _claim(info, hashlib.sha256(key.encode()).hexdigest(), _digest(request))
            if isinstance(claimed, HttpResponse):
                return claimed
            # What raises leaves its claim behind: nobody knows how much of the work was done.
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponse) and response.status_code < 300:
                claimed.status, claimed.body = response.status_code, response.content.decode()
                claimed.save(update_fields=["status", "body"])
            else:
                # Refused, so nothing was done: the same key may try again when the reason is mended.
                claimed.delete()
            return response

    return wrapped


def forget_old(*, at: datetime) -> bool:
    """Drop answers that nobody will ask for again; true if there may be more."""
    more = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            old = models.Answered.objects.filter(created_at__lt=at - KEPT).order_by("created_at").values_list("id", flat=True)
            ids = list(old[:1000])
            models.Answered.objects.filter(id__in=ids).delete()
            more = more or len(ids) == 1000
    return more
