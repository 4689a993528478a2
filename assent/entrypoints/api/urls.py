"""The REST API under ``/api/v1/``: OpenAPI, problem details, keys with verbs."""

from django.http import Http404
from ninja.errors import HttpError, ValidationError

from assent.entrypoints.api import campaigns, choices, messages, packages, people, receipts, requests, segments
from assent.entrypoints.api.access import KEY
from assent.entrypoints.api.description import DescribedApi, Reference
from assent.entrypoints.api.parsing import StrictJson
from assent.entrypoints.api.problems import answer_for

__all__ = ["api"]

api = DescribedApi(
    title="Assent",
    version="1",
    description=(
        "Customer engagement that asks first. Keys carry verbs, writes honour `Idempotency-Key`, lists page by cursor, and "
        "errors are problem details (RFC 9457) that say where and how to mend it."
    ),
    auth=KEY,
    parser=StrictJson(),
    docs=Reference(),
    urls_namespace="api",
)
for prefix, router in (
    ("/people", people.router),
    ("/people", choices.router),
    ("/people", receipts.router),
    ("/people", messages.of_people),
    ("/erasures", people.erasures),
    ("/packages", packages.router),
    ("/requests", requests.router),
    ("/segments", segments.router),
    ("/templates", campaigns.templates),
    ("/campaigns", campaigns.router),
    ("/messages", messages.router),
):
    api.add_router(prefix, router)

for error in (Exception, Http404, HttpError, ValidationError):
    api.add_exception_handler(error, answer_for)
