"""The cast: Ada, Ben, Cleo; the brands Bloom and Harbour."""

import pytest

from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.subjects import api, ports
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy

US = Actor.system("test")


def brand(slug):
    made = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )
    return made.id


@pytest.fixture
def bloom():
    return brand("bloom")


@pytest.fixture
def harbour():
    return brand("harbour")


@pytest.fixture(autouse=True)
def _no_merge_hooks():
    before = dict(ports._hooks)
    ports.clear_merge_hooks()
    yield
    ports._hooks.update(before)


@pytest.fixture
def take():
    """Take one person in and return what became of them."""

    def one(controller, *, may_change=True, **identifiers):
        return api.upsert_many(
            controller=controller, people=[PersonInput(identifiers)], by=US, at=now(), may_change=may_change
        )[0]

    return one


@pytest.fixture
def who():
    """Return what is known of one person."""

    def all_of(controller, subject):
        fields = ["user_id", "anonymous_id", "email", "phone", "first_name", "last_name", "name", "birth_date", "note"]
        shown = api.reveal(controller=controller, subjects=[subject], fields=fields, by=US, at=now(), why="test")
        return shown.get(subject, {})

    return all_of


@pytest.fixture
def erase():
    """Erase people from beginning to end."""

    def all_steps(controller, subjects):
        api.begin_erasure(controller=controller, subjects=subjects, by=US, at=now())
        return api.finish_erasure(controller=controller, subjects=subjects)

    return all_steps
