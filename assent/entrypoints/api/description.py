"""The API described: the OpenAPI document, and a page that shows it without a script or anything from elsewhere."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.operation import Operation

from assent.entrypoints.api.idempotency import HEADER, LONGEST, once
from assent.entrypoints.api.problems import MEDIA_TYPE

__all__ = ["DescribedApi", "Reference"]

PROBLEM = {
    "title": "Problem",
    "description": "What happened, where, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "what happened; the same words each time"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong with this request and how to mend it"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "a place in the body (RFC 6901)"},
                    "parameter": {"type": "string", "description": "a part of the address"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

# What can go wrong anywhere, and what only with a body or with an id in the address.
ALWAYS = {
    "400": "The request can't be read.",
    "401": "There is no key, or an unknown or revoked one.",
    "403": "The key lacks the verb.",
    "409": "It can't be done now: in this state, without a policy, or while the same request is going on.",
    "422": "Something in the request does not fit; `errors` lists what.",
    "429": "The key has called too often; `Retry-After` says when to go on.",
    "503": "The house is busy or its disk is full; `Retry-After` says when to try again.",
}
WITH_ID = {"404": "The controller of this key has nothing with that id."}
WITH_BODY = {"413": "The body is too large."}
REPLAY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "The same request with the same key is carried out once; for 48 hours its answer is given again, with "
        "`Idempotency-Replayed: true`."
    ),
    "schema": {"type": "string", "maxLength": LONGEST},
}


CODE = re.compile(r"`+([^`]+)`+")


def _is_once(operation: Operation) -> bool:
    return once in getattr(operation, "_run_decorators", ())


class DescribedApi(NinjaAPI):
    """Ninja's API with an OpenAPI document that also says what goes wrong, which verb a key needs, and what may be repeated."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return room and verb, like ``people_put``."""
        view = operation.view_func
        return f"{view.__module__.rpartition('.')[2]}_{view.__name__}"

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the document."""
        schema = super().get_openapi_schema(**options)
        operations = {self.get_openapi_operation_id(one): one for one in self._operations()}
        schema["components"]["schemas"]["Problem"] = PROBLEM
        for path, methods in schema["paths"].items():
            for described in methods.values():
                self._complete(described, operations[described["operationId"]], has_id="{" in path)
        return schema

    def _operations(self) -> Iterator[Operation]:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                yield from view.operations

    @staticmethod
    def _complete(described: dict[str, Any], operation: Operation, *, has_id: bool) -> None:
        verb: str = getattr(operation.view_func, "verb")  # noqa: B009 - set by access.needs on the function
        described["description"] = f"{described.get('description', '').strip()}\n\nNeeds the verb `{verb}`.".strip()
        described["x-verb"] = verb
        if _is_once(operation):
            described["parameters"] = [*described.get("parameters", []), REPLAY]
        problems = ALWAYS | (WITH_ID if has_id else {}) | (WITH_BODY if "requestBody" in described else {})
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers = {str(status): response for status, response in described["responses"].items()}
        for status, words in sorted(problems.items()):
            answers[status] = {"description": words, "content": content}
            if status in {"429", "503"}:
                answers[status]["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
        described["responses"] = answers


class Reference(DocsBase):
    """The page under ``/api/v1/docs``, rendered here."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        document = api.get_openapi_schema()
        context = {
            "words": _marked(document["info"]["description"]),
            "address": self.get_openapi_url(api, kwargs),
            "groups": _groups(document),
            "schemas": [_shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())],
        }
        return render(request, "api/reference.html", context)


def _groups(document: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            shown = {
                **described,
                "description": _marked(described["description"]),
                "parameters": [
                    {**one, "description": _marked(one.get("description", ""))} for one in described.get("parameters", ())
                ],
                "method": method.upper(),
                "path": path,
                "body": _ref(body) if body else "",
                "answers": [
                    (status, _marked(answer["description"]), _ref(_content(answer)))
                    for status, answer in described["responses"].items()
                ],
            }
            groups.setdefault(described["tags"][0], []).append(shown)
    return list(groups.items())


def _marked(words: str) -> SafeString:
    """Return our own words as HTML, with what stands between backticks as code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(words)))  # noqa: S308 - escaped here


def _content(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Mapping[str, Any]] = answer.get("content", {})
    return next((one.get("schema", {}) for one in content.values()), {})


def _ref(schema: Mapping[str, Any]) -> str:
    """Return the name of the shape a schema points to, also through a list; empty if it has none."""
    found = str(schema.get("$ref") or schema.get("items", {}).get("$ref") or "")
    return found.rpartition("/")[2]


def _kind(schema: Mapping[str, Any]) -> str:
    """Return a type in a word or two."""
    if "$ref" in schema:
        return _ref(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _limits(schema: Mapping[str, Any]) -> str:
    names = {"maxLength": "at most {} characters", "maxItems": "at most {}", "minimum": "from {}", "maximum": "to {}"}
    return ", ".join(words.format(schema[name]) for name, words in names.items() if name in schema)


def _shape(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    fields = [
        {
            "name": field,
            "kind": _kind(one),
            "required": field in required,
            "words": _marked(one.get("description", "")),
            "limits": _limits(one),
            "example": json.dumps(one["examples"][0], ensure_ascii=False) if one.get("examples") else "",
        }
        for field, one in schema.get("properties", {}).items()
    ]
    return {"name": name, "words": _marked(schema.get("description", "")), "fields": fields, "values": schema.get("enum", ())}
