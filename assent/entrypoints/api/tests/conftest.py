"""Bloom with Ada, Ben and Dan, Harbour with Cleo, and a client that speaks JSON with Bloom's key."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from assent.audit.contracts import Actor
from assent.entrypoints.api import limits
from assent.foundation.clock import now
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
from tests.agreements import agree

BY = Actor.system("tests")
PROBLEM = "application/problem+json"


@dataclass
class Answer:
    """A response with its JSON read."""

    status: int
    body: Any
    headers: Any
    raw: bytes = field(repr=False)

    @property
    def is_problem(self):
        return self.headers["Content-Type"] == PROBLEM and self.body["status"] == self.status and bool(self.body["title"])


class Caller:
    """Calls the API with one key."""

    def __init__(self, key):
        self.key = key
        self.client = Client(raise_request_exception=False)

    def __call__(self, method, path, body=None, *, key=None, raw=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        used = self.key if key is None else key
        if used:
            headers["Authorization"] = f"Bearer {used}"
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        found = self.client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)
        kind = found.headers.get("Content-Type", "")
        read = json.loads(found.content) if "json" in kind and found.content else None
        return Answer(found.status_code, read, found.headers, found.content)

    def get(self, path, **more):
        return self("GET", path, **more)

    def post(self, path, body=None, **more):
        return self("POST", path, {} if body is None else body, **more)

    def delete(self, path, **more):
        return self("DELETE", path, **more)


@dataclass
class House:
    """The cast by their outside ids, and callers."""

    bloom: int
    harbour: int
    ada: str
    ben: str
    dan: str
    cleo: str
    api: Caller

    def caller(self, *verbs, controller=None):
        return Caller(make_key(controller or self.bloom, *verbs))

    def inside(self, person, controller=None):
        return subjects.by_public_id(controller=controller or self.bloom, public_id=person)

    def template(self, **more):
        body = {
            "name": "Order ready",
            "subject": {"en": "Order {{ order }} is ready"},
            "body": {"en": "Hello, your order {{ order }} is ready."},
            **more,
        }
        return self.api.post("/templates", body).body["id"]


def make_key(controller, *verbs):
    return tenancy.make_api_key(controller=controller, name="tests", verbs=verbs or list(Permission), by=BY, at=now())


def make_brand(slug):
    info = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="en", time_zone="Europe/Bucharest", by=BY, at=now()
    )
    policy.publish(controller=info.id, bundle=settings.HOME / "policies" / slug, by=BY, at=now())
    agree(controller=info.id, at=now())
    return info.id


def make_person(controller, name):
    who = PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name.title()})
    done = subjects.upsert_many(controller=controller, people=[who], by=BY, at=datetime.now(UTC))
    return str(done[0].public_id)


@pytest.fixture(autouse=True)
def _fresh():
    limits.forget()
    apps.get_app_config("house").ready()  # other tests put their own parts behind the ports


@pytest.fixture
def house(db):
    """Return the house; Cleo of Harbour is always there, and never seen."""
    bloom, harbour = make_brand("bloom"), make_brand("harbour")
    return House(
        bloom,
        harbour,
        *(make_person(bloom, name) for name in ("ada", "ben", "dan")),
        make_person(harbour, "cleo"),
        Caller(make_key(bloom)),
    )
