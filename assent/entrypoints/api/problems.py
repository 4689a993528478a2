"""Errors as RFC 9457 problem details: what happened, where, and what to do. Never a value that was sent."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from assent.entrypoints.api.faults import faults
from assent.privacy.lawfulness.contracts import NotAgreed
from assent.privacy.policy.contracts import NoPolicy

__all__ = ["MEDIA_TYPE", "Problem", "answer", "answer_for", "at", "of_status", "problem_of"]

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """
    A request that can't be done.

    :param status: HTTP status
    :param title: what happened, in a few words that are the same each time
    :param detail: what is wrong with this request and how to mend it; never a value that was sent
    :param errors: for each faulty place its ``pointer`` (into the body) or ``parameter``, and ``detail``
    :param retry_after: seconds
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        errors: Sequence[dict[str, Any]] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.retry_after = list(errors), retry_after


def at(pointer: str, detail: str, *, title: str = "The request does not fit", status: int = 422) -> Problem:
    """Return the problem with one place of the body."""
    return Problem(status, title, "mend what is listed", errors=[{"pointer": pointer, "detail": detail}])


# What others say with a status alone: Django for paths and methods, the web server, a middleware.
SAID = {
    400: ("The request can't be read", "send HTTP as RFC 9110 has it, and JSON in UTF-8"),
    403: ("Not allowed", "this may not be called like that"),
    404: ("Nothing here", "see /api/v1/docs for the addresses there are"),
    405: ("Wrong method", "the header Allow names those that this address knows"),
    413: ("Too large", "send at most 2.5 MB at once: fewer people per request"),
    415: ("Not JSON", "send `Content-Type: application/json`"),
    500: ("Our mistake", "it is written down here; ask before sending a write again, since part of it may be done"),
    503: ("Not now", "try again shortly"),
}


def of_status(status: int, *, retry_after: int | None = None) -> Problem:
    """Return the problem that a bare status stands for."""
    try:
        usual = (HTTPStatus(status).phrase, "")
    except ValueError:
        usual = ("Something is wrong", "")
    return Problem(status, *SAID.get(status, usual), retry_after=retry_after)


# The nearest class of an exception decides; what has none here is a mistake of ours.
_KINDS: Mapping[type[BaseException], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    ValidationError: lambda error: Problem(422, "The request does not fit", "mend what is listed", errors=faults(error.errors)),
    AuthenticationError: lambda _: Problem(
        401, "Unknown key", "send `Authorization: Bearer ak_…` with a key that was not revoked"
    ),
    NoPolicy: lambda _: Problem(409, "No policy in force", "publish a policy first: without one nothing may be processed"),
    NotAgreed: lambda error: Problem(
        409, "No agreement in force", f"{error.why.sentence('en')} Accept one in the console, under Agreements."
    ),
    RequestDataTooBig: lambda _: of_status(413),
    UnreadablePostError: lambda _: of_status(400),
    Http404: lambda _: of_status(404),
    HttpError: lambda error: of_status(error.status_code),
    OperationalError: lambda _: of_status(503, retry_after=1),
}


def problem_of(error: BaseException) -> Problem | None:
    """Return the problem an exception stands for, or None if it is a mistake of ours."""
    if isinstance(error, HttpError) and error.__cause__ is not None:
        # ninja wraps whatever happens while it reads a body.
        return problem_of(error.__cause__) or of_status(error.status_code)
    return next((_KINDS[kind](error) for kind in type(error).__mro__ if kind in _KINDS), None)


def answer(problem: Problem) -> HttpResponse:
    """Return the problem as ``application/problem+json``."""
    body: dict[str, Any] = {"type": "about:blank", "title": problem.title, "status": problem.status}
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    response = JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Assent"'
    return response


def answer_for(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """
    Answer an exception.

    :raises Exception: the same, if it is a mistake of ours: Django writes it down and answers 500
    """
    problem = None if isinstance(error, type) else problem_of(error)
    if problem is None:
        raise error
    return answer(problem)
