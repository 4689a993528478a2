"""Bloom and Harbour with their published policies: Harbour must never see what is Bloom's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.audit.contracts import Actor
from assent.privacy.policy import api as policies
from assent.tenancy import api as tenancy
from tests.agreements import agree

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFFICER = Actor.staff(7)
BUNDLES = Path(__file__).resolve().parents[2] / "policies"


def brand(slug):
    """Make a controller and put its bundle in force."""
    made = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=NOON
    )
    policies.publish(controller=made.id, bundle=BUNDLES / slug, by=OFFICER, at=NOON)
    agree(controller=made.id, at=NOON)
    return made.id


@pytest.fixture
def bloom(db):
    """Bloom, fashion."""
    return brand("bloom")


@pytest.fixture
def harbour(db):
    """Harbour, coffee."""
    return brand("harbour")
