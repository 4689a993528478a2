"""Errors as RFC 9457 problem details: what happened, where, and what to do."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse

__all__ = ["Problem", "answer"]


class Problem(Exception):
    """
    A request that can't be done.

    :param status: HTTP status
    :param title: what happened, in a few words that are the same each time
    :param detail: what is wrong with this request and how to mend it; never a value that was sent
    :param errors: for each faulty place its ``pointer`` and ``detail``
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


def answer(_request: HttpRequest, problem: Problem) -> JsonResponse:
    """Return the problem as ``application/problem+json``."""
    body: dict[str, Any] = {"type": "about:blank", "title": problem.title, "status": problem.status}
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    response = JsonResponse(body, status=problem.status, content_type="application/problem+json")
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Assent"'
    return response
