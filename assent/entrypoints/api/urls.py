"""The REST API under ``/api/v1/``: OpenAPI, problem details, keys with verbs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from assent.entrypoints.api import campaigns, choices, messages, people, segments
from assent.entrypoints.api.access import ApiKey, PerKey
from assent.entrypoints.api.problems import Problem, answer
from assent.privacy.policy.contracts import NoPolicy

__all__ = ["api"]

api = NinjaAPI(
    title="Assent",
    version="1",
    description="Customer engagement that asks first. Keys carry verbs; writes honour `Idempotency-Key`; errors are RFC 9457.",
    auth=ApiKey(),
    throttle=[PerKey("600/m")],
    urls_namespace="api",
)
for prefix, router in (
    ("/people", people.router),
    ("/people", choices.router),
    ("/segments", segments.router),
    ("/templates", campaigns.templates),
    ("/campaigns", campaigns.router),
    ("/messages", messages.router),
):
    api.add_router(prefix, router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return answer(request, problem)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # Places and kinds only: pydantic's own text repeats the value, which may be somebody's address.
    errors: list[dict[str, Any]] = [
        {"pointer": "/" + "/".join(str(part) for part in one["loc"][2:] or one["loc"]), "detail": one["msg"]}
        for one in error.errors
    ]
    return answer(request, Problem(422, "The request does not fit", "mend what is listed", errors=errors))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(request, Problem(401, "Unknown key", "send `Authorization: Bearer ak_…` with a key that was not revoked"))


@api.exception_handler(Throttled)
def _slower(request: HttpRequest, error: Throttled) -> HttpResponse:
    wait = int(error.wait or 1)
    return answer(request, Problem(429, "Too many requests", f"try again in {wait} s", retry_after=wait))


@api.exception_handler(NoPolicy)
def _no_policy(request: HttpRequest, error: NoPolicy) -> HttpResponse:
    return answer(request, Problem(409, "No policy in force", "publish a policy first: without one nothing may be processed"))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return answer(request, Problem(error.status_code, "The request can't be read", str(error)))
