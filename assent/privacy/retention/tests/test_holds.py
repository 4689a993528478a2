"""Legal holds: on whom, why, until when, and that they end."""

from datetime import date, timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.privacy.retention import api
from assent.privacy.retention.contracts import BadHold, HoldReason, UnknownHold
from assent.privacy.retention.store import RetentionStore, on_merge

UNTIL = date(2027, 3, 1)


def held(cast, **given):
    """Put Ada on hold, or what is given."""
    asked = {"subjects": [cast.ada], "reason": HoldReason.CLAIM, "reference": "C-118/2026", "until": UNTIL, **given}
    return api.hold(controller=cast.bloom, by=cast.by, at=cast.noon, **asked)


def on(cast, subject, at=None):
    return [one.reference for one in api.holds_on(controller=cast.bloom, subject=subject, at=at or cast.noon)]


def test_a_hold_is_on_those_it_names_and_nobody_else(cast):
    held(cast)
    assert on(cast, cast.ada) == ["C-118/2026"]
    assert on(cast, cast.ben) == []
    assert api.holds_on(controller=cast.harbour, subject=cast.ada, at=cast.noon) == []


def test_a_hold_on_everyone_is_on_each(cast):
    held(cast, subjects=None, purpose="direct_marketing")
    assert on(cast, cast.ada) == on(cast, cast.dan) == ["C-118/2026"]


def test_it_ends_after_its_last_day_by_itself(cast):
    held(cast)
    assert on(cast, cast.ada, cast.noon.replace(year=2027, month=3, day=1)) == ["C-118/2026"]
    assert on(cast, cast.ada, cast.noon.replace(year=2027, month=3, day=2)) == []


def test_it_is_released_once(cast):
    made = held(cast)
    api.release(controller=cast.bloom, hold=made.id, by=cast.by, at=cast.noon)
    assert on(cast, cast.ada) == []
    with pytest.raises(UnknownHold):
        api.release(controller=cast.bloom, hold=made.id, by=cast.by, at=cast.noon)
    with pytest.raises(UnknownHold):
        api.release(controller=cast.harbour, hold=held(cast).id, by=cast.by, at=cast.noon)


@pytest.mark.parametrize(
    "given",
    [
        {"reference": "the matter of <Ada>"},
        {"reference": ""},
        {"until": date(2026, 11, 22)},
        {"subjects": []},
        {"purpose": "whatever"},
    ],
)
def test_it_refuses_what_is_not_said_completely(cast, given):
    with pytest.raises(BadHold):
        held(cast, **given)
    assert api.holds(controller=cast.bloom, at=cast.noon) == []


def test_lists_begin_with_what_lasts_and_ends_soonest(cast):
    late, soon, gone = held(cast), held(cast, until=date(2026, 12, 1)), held(cast)
    api.release(controller=cast.bloom, hold=gone.id, by=cast.by, at=cast.noon)
    assert [one.id for one in api.holds(controller=cast.bloom, at=cast.noon)] == [soon.id, late.id, gone.id]
    assert [one.id for one in api.holds(controller=cast.bloom, at=cast.noon, lasting_only=True)] == [soon.id, late.id]
    assert late.people == 1


def test_the_book_says_who_made_it_and_who_released_it(cast):
    made = held(cast)
    api.release(controller=cast.bloom, hold=made.id, by=cast.by, at=cast.noon + timedelta(hours=1))
    lines = [one.did for _, one in audit.entries(controller=cast.bloom, limit=2)]
    assert lines == [Did.HOLD_RELEASED, Did.HOLD_MADE]


def test_of_two_people_who_are_one_the_holds_stay(cast):
    held(cast, subjects=[cast.ben])
    both = held(cast, subjects=[cast.ada, cast.ben])
    for _ in range(2):
        on_merge(controller=cast.bloom, into=cast.ada, other=cast.ben, by=cast.by, at=cast.noon)
    assert len(on(cast, cast.ada)) == 2
    assert on(cast, cast.ben) == []
    assert both.people == 2


def test_an_erased_person_is_on_no_hold(cast):
    held(cast)
    store = RetentionStore()
    assert [page.rows[0]["reference"] for page in store.export(controller=cast.bloom, subject=cast.ada)] == ["C-118/2026"]
    assert store.erase(controller=cast.bloom, subjects=[cast.ada], by=cast.by, at=cast.noon).removed == 1
    assert on(cast, cast.ada) == []
