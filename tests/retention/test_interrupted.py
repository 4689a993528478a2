"""Two runs at once, a clock that goes back, and a process that is killed in the midst."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from assent.privacy.retention import api, models, running
from assent.privacy.retention.contracts import RunState
from tests.retention.conftest import ADDRESS, BEGAN, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
LATER = datetime(2023, 3, 20, 12, tzinfo=UTC)


def crowd(house, many=12):
    for number in range(many):
        name = f"p{number}"
        house.meet(name, **ADDRESS)
        house.says_yes(name, BEGAN)
        house.says_no(name, BEGAN + timedelta(days=30))
        if number % 2:
            house.did(name, "Order Completed", BEGAN, "service", "direct_marketing")


def test_of_two_that_begin_one_run_comes(house):
    house.meet("ada")
    first, second = (api.begin(controller=house.bloom, by=OFFICER, at=LATER) for _ in range(2))
    assert first == second


def test_a_batch_that_is_worked_on_is_left_alone_until_its_lease_is_over(house):
    house.meet("ada")
    number = api.begin(controller=house.bloom, by=OFFICER, at=LATER)
    with running.scope.controller(house.bloom):
        models.Run.objects.filter(pk=number).update(lease_until=LATER + running.LEASE)
    assert not api.step(controller=house.bloom, run=number, at=LATER)
    assert api.step(controller=house.bloom, run=number, at=LATER + running.LEASE + timedelta(seconds=1))


def test_a_clock_that_goes_back_erases_nothing_and_brings_nothing_back(house):
    crowd(house, 2)
    house.run(LATER)
    left = [house.there(f"p{number}") for number in range(2)]
    before = house.run(BEGAN)
    assert (before.erased, before.removed) == (0, {})
    assert [house.there(f"p{number}") for number in range(2)] == left == [False, True]


class Killed(BaseException):
    """The process is gone: nothing it would have done afterwards happens, tidying up included."""


def walk_until_killed(house, number, deadly):
    """Go on with a run, and die at the so-manieth deed; say whether that came to pass before the run was done."""
    count, dead = 0, False

    def counted(original, **_):
        def deed(*args, **kwargs):
            nonlocal count, dead
            count += 1
            if dead or count == deadly:
                dead = True
                raise Killed
            return original(*args, **kwargs)

        return deed

    at = LATER + deadly * (running.LEASE + timedelta(minutes=1))
    with pytest.MonkeyPatch.context() as patch:
        for place, name in (
            (running.audit, "write_bulk"), (running.ports, "erase"), (running, "registered"), (models.Run, "save"),
            (running.holding, "lasting"),
        ):  # fmt: skip
            patch.setattr(place, name, counted(getattr(place, name)))
        with suppress(Killed):
            while api.step(controller=house.bloom, run=number, at=at):
                pass
    return dead


def test_killed_anywhere_it_goes_on_and_ends_as_if_nothing_had_been(house):
    crowd(house)
    number = api.begin(controller=house.bloom, by=OFFICER, at=LATER)
    deaths = next(deadly for deadly in range(1, 60) if not walk_until_killed(house, number, deadly))
    assert deaths > 3
    done = api.runs(controller=house.bloom)[0]
    at = LATER + timedelta(days=2)
    house.run(at)
    assert done.state is RunState.DONE
    assert done.ended == {"direct_marketing:withdrawn": 12, "privacy_requests:period": 12}
    assert done.erased == 6
    assert [house.there(f"p{n}") for n in range(12)] == [bool(n % 2) for n in range(12)]
    assert house.orphans(at) == {}
