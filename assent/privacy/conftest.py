"""Brands with a published policy, for the tests of the rooms that stand on it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.audit.contracts import Actor

POLICIES = Path(__file__).parents[2] / "policies"


@dataclass(frozen=True, slots=True)
class Cast:
    """Ada said yes, Ben said yes then no, Dan never chose; Cleo belongs to Harbour. By their numbers inside."""

    bloom: int
    harbour: int
    by: Actor
    noon: datetime
    ada: int = 11
    ben: int = 12
    cleo: int = 13
    dan: int = 14


@pytest.fixture
def cast(db: None) -> Cast:
    """Publish the policies of Bloom and Harbour."""
    del db
    from assent.privacy.policy import api as policy
    from assent.tenancy import api as tenancy
    from tests.agreements import agree

    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    by = Actor.system("tests")
    found = {}
    for slug in ("bloom", "harbour"):
        made = tenancy.make_controller(
            slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=noon
        )
        policy.publish(controller=made.id, bundle=POLICIES / slug, by=by, at=noon)
        agree(controller=made.id, at=noon)
        found[slug] = made.id
    return Cast(**found, by=by, noon=noon)
