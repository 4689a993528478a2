"""The document and its page."""

import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
from django.test import Client

from assent.entrypoints.api.urls import api
from assent.tenancy.contracts import Permission

# The parts of OpenAPI 3.1 that the document uses, as its specification has them.
OPENAPI = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"const": "3.1.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {"type": "array"},
        "paths": {
            "type": "object",
            "propertyNames": {"pattern": "^/"},
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": ["get", "put", "post", "delete", "patch"]},
                "additionalProperties": {"$ref": "#/$defs/operation"},
            },
        },
        "components": {
            "type": "object",
            "properties": {
                "schemas": {"type": "object", "propertyNames": {"pattern": "^[a-zA-Z0-9._-]+$"}},
                "securitySchemes": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "required": ["type", "scheme"]},
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
    "$defs": {
        "operation": {
            "type": "object",
            "required": ["operationId", "summary", "description", "responses", "tags", "security"],
            "properties": {
                "operationId": {"type": "string", "pattern": "^[a-z_]+$"},
                "summary": {"type": "string", "minLength": 5},
                "description": {"type": "string", "minLength": 20},
                "parameters": {"type": "array", "items": {"$ref": "#/$defs/parameter"}},
                "requestBody": {
                    "type": "object",
                    "required": ["content"],
                    "properties": {"content": {"$ref": "#/$defs/content"}, "required": {"type": "boolean"}},
                    "additionalProperties": False,
                },
                "responses": {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": "^[1-5][0-9]{2}$"},
                    "additionalProperties": {
                        "type": "object",
                        "required": ["description"],
                        "properties": {
                            "description": {"type": "string"},
                            "content": {"$ref": "#/$defs/content"},
                            "headers": {"type": "object"},
                        },
                        "additionalProperties": False,
                    },
                },
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "security": {"type": "array", "items": {"type": "object"}, "minItems": 1},
            },
            "patternProperties": {"^x-": {}},
            "additionalProperties": False,
        },
        "parameter": {
            "type": "object",
            "required": ["name", "in", "schema"],
            "properties": {
                "name": {"type": "string"},
                "in": {"enum": ["query", "path", "header"]},
                "required": {"type": "boolean"},
                "description": {"type": "string"},
                "schema": {"type": "object"},
            },
            "if": {"properties": {"in": {"const": "path"}}},
            "then": {"required": ["required"], "properties": {"required": {"const": True}}},
            "additionalProperties": False,
        },
        "content": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "object", "required": ["schema"]},
        },
    },
}


@pytest.fixture(scope="module")
def document():
    return Client().get("/api/v1/openapi.json").json()


def operations(document):
    return [(path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()]


def test_the_document_is_valid(document):
    assert [fault.message for fault in jsonschema.Draft202012Validator(OPENAPI).iter_errors(document)] == []
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for _, _, one in operations(document):
        for parameter in one.get("parameters", ()):
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])


def test_everything_it_points_to_is_there(document):
    pointers = set(re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(document)))
    assert pointers
    for pointer in pointers:
        place = document
        for part in pointer.removeprefix("#/").split("/"):
            place = place[part]


def test_names_of_operations_are_used_once(document):
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(names) == len(set(names)) > 25


def test_every_operation_says_its_verb_its_answers_and_its_problems(document):
    for path, _, one in operations(document):
        assert one["x-verb"] in set(Permission)
        assert f"`{one['x-verb']}`" in one["description"]
        expected = {"400", "401", "403", "409", "422", "429", "503"}
        expected |= {"404"} if "{" in path else set()
        expected |= {"413"} if "requestBody" in one else set()
        problems = {status for status in one["responses"] if status >= "400"}
        assert problems == expected
        for status in problems:
            content = one["responses"][status]["content"]
            assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert any(status < "300" for status in one["responses"])


def test_what_honours_an_idempotency_key_says_so(document):
    for path, method, one in operations(document):
        honours = any(parameter["name"] == "Idempotency-Key" for parameter in one["parameters"])
        assert honours == (method != "get" and path != "/api/v1/people/search"), path


def test_every_view_of_ours_is_described(document):
    described = {one["operationId"] for _, _, one in operations(document)}
    assert described == {api.get_openapi_operation_id(one) for one in api._operations()}


@pytest.mark.django_db(databases="__all__")
def test_answers_are_as_described(document, house):
    schemas = {"$defs": document["components"]["schemas"]}
    template = house.template()
    calls = [
        ("get", "/people", house.api.get("/people")),
        ("get", "/people/{person}", house.api.get(f"/people/{house.ada}")),
        ("get", "/templates", house.api.get("/templates")),
        ("get", "/erasures", house.api.get("/erasures")),
        ("get", "/campaigns", house.api.get("/campaigns")),
        ("get", "/segments", house.api.get("/segments")),
        ("post", "/people", house.api.post("/people", {"people": [{"identifiers": {"user_id": "x", "email": "-"}}]})),
        ("post", "/people/{person}/suppressions", house.api.post(f"/people/{house.ada}/suppressions", {"kind": "restriction"})),
        ("get", "/people/{person}/suppressions", house.api.get(f"/people/{house.ada}/suppressions")),
        ("delete", "/people/{person}", house.api.delete(f"/people/{house.ben}")),
        ("post", "/people", house.api.post("/people", {"people": "x"})),
        ("get", "/campaigns/{campaign}", house.api.get(f"/campaigns/{template}")),
    ]
    for method, path, found in calls:
        answers = document["paths"][f"/api/v1{path}"][method]["responses"]
        (schema,) = [one["schema"] for one in answers[str(found.status)]["content"].values()]
        text = json.dumps(schema | schemas).replace("#/components/schemas/", "#/$defs/")
        faults = jsonschema.Draft202012Validator(json.loads(text)).iter_errors(found.body)
        assert [fault.message for fault in faults] == [], f"{method} {path}"


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.local, self.loaded, self.inline = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            assert found["id"] not in self.ids
            self.ids.add(found["id"])
        if found.get("href", "").startswith("#"):
            self.local.add(found["href"][1:])
        if tag in {"link", "script", "img", "iframe"}:
            self.loaded.append(found.get("href") or found.get("src"))
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        assert tag not in {"script", "style"}


def test_the_page_needs_no_script_and_nothing_from_elsewhere(document):
    found = Client().get("/api/v1/docs")
    assert found.status_code == 200
    assert "script-src 'self'" in found.headers["Content-Security-Policy"]
    page = Page()
    page.feed(found.content.decode())
    assert page.loaded
    assert all(address.startswith("/static/") for address in page.loaded)
    assert page.inline == []
    assert page.local <= page.ids
    assert {one["operationId"] for _, _, one in operations(document)} <= page.ids
