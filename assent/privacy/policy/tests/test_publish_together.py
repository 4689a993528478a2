"""Two publishers at the same moment: no version is lost, doubled or changed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from assent.audit.contracts import Actor
from assent.privacy.policy import api
from assent.privacy.policy.contracts import PublishedMeanwhile
from assent.privacy.policy.tests.conftest import BUNDLES
from assent.tenancy import api as tenancy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLES = ("policy_policyversion", "policy_purposecode", "audit_line")


@pytest.fixture
def bloom(transactional_db):
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=Actor.system("test"), at=NOON
    )
    yield info.id
    leave_nothing()


def leave_nothing():
    """Empty the tables that only somebody with the database's own keys can empty."""
    if connection.vendor == "postgresql":
        return  # Django's own cleaning truncates, which triggers for rows don't see
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
        for _, text in triggers:
            cursor.execute(text)


def test_three_publishers_at_once_make_whole_versions_or_are_told(bloom, tmp_path):
    start = Barrier(3)

    def publish(turn):
        house = tmp_path / str(turn)
        shutil.copytree(BUNDLES, house)
        (house / "brand" / "texts" / "en" / "opt_out.md").write_text(f"One click ends them, take {turn}.\n")
        start.wait()
        try:
            return api.publish(controller=bloom, bundle=house / "bloom", by=Actor.system("test"), at=NOON)
        except PublishedMeanwhile:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        done = [found for found in pool.map(publish, range(3)) if found]

    versions = api.versions(controller=bloom)
    assert done, "somebody always gets through"
    assert [version.number for version in versions] == list(range(len(done), 0, -1))
    assert len({version.digest for version in versions}) == len(done)
    assert sorted(api.purpose_codes(controller=bloom).values()) == list(range(len(done[0].policy.purposes)))
