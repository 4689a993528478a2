"""What a day brings about follows within the minute, found by its day; and what is left over is counted after each run."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from assent.privacy.policy import api as policy
from assent.privacy.retention import api, drawing
from assent.privacy.retention.contracts import HoldReason, Why
from tests.retention.conftest import ADDRESS, BEGAN, BUNDLES, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

YEAR_LATER = datetime(2021, 1, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def draw(at):
    """Let the worker look once, and say whether there was something."""
    return api.draw(at=at)


def here_for_offers(house, name):
    house.meet(name, **ADDRESS)
    house.did(name, "Order Completed", BEGAN, "service")
    house.has(name, BEGAN, language="ro")
    house.says_yes(name, BEGAN, "location_offers", "push", "location_push")


def endings(house, name):
    return [(one.purpose, one.why) for one in api.ended(controller=house.bloom, subject=house.made[name])]


def test_a_consent_that_runs_out_is_followed_at_its_second_and_not_before(house):
    here_for_offers(house, "ada")
    house.did("ada", "Place Entered", YEAR_LATER - timedelta(days=1), "location_offers")
    assert not draw(YEAR_LATER - SECOND)
    assert draw(YEAR_LATER)
    assert endings(house, "ada") == [("location_offers", Why.EXPIRED)]
    assert house.purposes_of_events("ada") == [("service",)]
    assert not draw(YEAR_LATER + SECOND)


def test_many_that_run_out_in_the_same_moment_are_all_followed(house, monkeypatch):
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    names = [f"p{number}" for number in range(5)]
    for name in names:
        here_for_offers(house, name)
    while draw(YEAR_LATER):
        pass
    assert [endings(house, name) for name in names] == [[("location_offers", Why.EXPIRED)]] * 5


def test_whoever_is_killed_in_the_midst_leaves_it_to_the_next(house, monkeypatch):
    here_for_offers(house, "ada")
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "settle_people", lambda **_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            draw(YEAR_LATER)
    assert draw(YEAR_LATER)
    assert endings(house, "ada") == [("location_offers", Why.EXPIRED)]


def test_silence_after_being_asked_again_ends_on_its_day_without_a_run(house):
    house.meet("ada")
    house.did("ada", "Order Completed", BEGAN, "service")
    house.says_yes("ada", BEGAN)
    asked = datetime(2023, 1, 20, 12, tzinfo=UTC)
    house.run(asked)
    # 2023-02-20 is a month, which is what the policy gives ahead of a change.
    assert not draw(asked + timedelta(days=29))
    assert draw(asked + timedelta(days=32))
    assert ("direct_marketing", Why.UNANSWERED) in endings(house, "ada")


def finish(at):
    for minutes in range(400):
        if not api.sweep(at=at + timedelta(seconds=minutes)):
            return
    raise AssertionError("the walks do not come to an end")


def test_a_run_begins_at_once_when_a_hold_has_ended(house):
    house.meet("ada")
    made = api.hold(
        controller=house.bloom, subjects=[house.made["ada"]], reason=HoldReason.CLAIM, reference="C-1", until=date(2024, 1, 1),
        by=OFFICER, at=BEGAN,
    )  # fmt: skip
    at = datetime(2023, 3, 1, 12, tzinfo=UTC)
    finish(at)
    finish(at + timedelta(hours=1))
    assert len(api.runs(controller=house.bloom)) == 1
    api.release(controller=house.bloom, hold=made.id, by=OFFICER, at=at + timedelta(hours=2))
    finish(at + timedelta(hours=2, minutes=1))
    assert [one.erased for one in api.runs(controller=house.bloom)] == [1, 0]


def test_a_run_begins_at_once_when_the_policy_has_become_another(house, tmp_path):
    shutil.copytree(BUNDLES, tmp_path / "policies")
    brand = tmp_path / "policies" / "brand" / "policy.yaml"
    brand.write_text(brand.read_text().replace("duration: P30D", "duration: P60D"))
    house.meet("ada")
    at = BEGAN + timedelta(days=2)
    finish(at)
    policy.publish(controller=house.bloom, bundle=tmp_path / "policies" / "bloom", by=OFFICER, at=at + timedelta(hours=1))
    finish(at + timedelta(hours=1, minutes=1))
    assert len(api.runs(controller=house.bloom)) == 2


def test_what_is_left_over_is_counted_after_the_run_with_the_moment_it_was_looked_at(house):
    assert api.found_left(controller=house.bloom) is None
    house.meet("ada", **ADDRESS)
    house.did("ada", "Order Completed", BEGAN, "service")
    at = BEGAN + timedelta(days=2)
    finish(at)
    finish(at + timedelta(minutes=10))
    seen = api.found_left(controller=house.bloom)
    assert (seen.records, list(seen.remains)) == (0, [])
    assert seen.as_of >= at

    number = api.runs(controller=house.bloom)[0].id
    house.has("ada", at, age_band="30-39")  # nothing but a purpose she never agreed to would hold it
    from assent.foundation import scope
    from assent.privacy.retention import models

    with scope.controller(house.bloom):
        models.Run.objects.filter(pk=number).update(scanned_at=None, scan_part=0, scan_after=0)
    finish(at + timedelta(minutes=30))
    seen = api.found_left(controller=house.bloom)
    assert [(one.store, one.kind, one.records, one.people) for one in seen.remains] == [("profiles", "attribute", 1, 1)]
