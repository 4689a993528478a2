"""How the time for an answer runs, stands and ends, and what becomes of tasks that fail."""

from datetime import date, timedelta

import pytest

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.privacy.rights import api, models
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Clock,
    Ground,
    Identity,
    NotNow,
    RequestKind,
    RequestState,
    Selection,
    Told,
    Via,
)
from assent.privacy.suppression import api as suppression
from tests.rights.conftest import NOON, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__")

LETTER = {"via": Via.LETTER, "identity": Identity.NONE, "by": OFFICER}


def test_the_clock_stands_while_the_person_is_asked_who_they_are(house):
    asked = house.ask(RequestKind.ACCESS, **LETTER)
    assert (asked.state, asked.waits_for_staff) == (RequestState.RECEIVED, True)
    house.staff("ask_identity", asked, words="Please tell us your customer number.", at=NOON + timedelta(days=1))
    waiting = api.request(controller=house.bloom, request=asked.id, at=NOON + timedelta(days=60))
    assert waiting.clock is Clock.STANDING

    known = house.staff("confirm_identity", asked, at=NOON + timedelta(days=11))

    assert known.due_at.date() == date(2027, 1, 4)
    assert house.steps(asked)[:4] == ["received", "identity_asked", "done", "identity_confirmed"]  # done: the question is sent


def test_what_is_not_clear_is_asked_and_the_clock_goes_on_with_the_answer(house):
    asked = house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "A"}))
    house.staff("ask_clarification", asked, words="Which name is right?")
    with pytest.raises(NotNow):
        house.staff("ask_clarification", asked, words="Again?")

    said = api.clarified(
        controller=house.bloom,
        request=asked.id,
        words="Adela.",
        asked=Asked(fields={"first_name": "Adela"}),
        by=Actor.person(),
        at=NOON + timedelta(days=2),
    )

    assert said.state is RequestState.IN_PROGRESS
    assert house.story(asked).asked.fields == {"first_name": "Adela"}
    assert "Adela." in [step.words for step in house.story(asked).steps]


def test_more_time_is_taken_only_inside_the_first_month_and_the_person_is_told(house):
    asked = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit"))
    with pytest.raises(BadRequest):
        house.staff("extend", asked, words=" ")
    late = house.ask(RequestKind.HUMAN_REVIEW, house.ben, asked=Asked(decision="credit"))

    longer = house.staff("extend", asked, words="There are many requests.", at=NOON + timedelta(days=20))

    assert (longer.extended, longer.last_day) == (True, date(2027, 2, 25))
    assert "There are many requests." in house.texts()[-1]
    with pytest.raises(NotNow):
        house.staff("extend", asked, words="Again.")
    with pytest.raises(NotNow):
        house.staff("extend", late, words="Too late.", at=NOON + timedelta(days=40))


def test_without_a_way_to_write_somebody_prints_the_answer(house):
    house.answer = Told.NO_WAY
    asked = house.ask(RequestKind.ACCESS, via=Via.LETTER, identity=Identity.CHECKED, by=OFFICER)
    story = house.story(asked)
    assert (story.request.state, story.request.waits_for_staff) == (RequestState.IN_PROGRESS, True)
    assert asked.number in story.letter[0]

    done = house.staff("letter_sent", asked)
    assert (done.state, done.closed_at) == (RequestState.ANSWERED, NOON)


def test_reminders_come_and_what_is_overdue_is_never_silent(house):
    asked = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit"))
    for day in range(1, 40):
        api.sweep_requests(at=NOON + timedelta(days=day))

    assert house.steps(asked).count("reminded") == 3
    assert house.steps(asked).count("overdue") == 1
    later = NOON + timedelta(days=40)
    assert api.request(controller=house.bloom, request=asked.id, at=later).clock is Clock.OVERDUE
    assert api.counts(controller=house.bloom, at=later).overdue == 1
    assert [one.id for one in api.requests(controller=house.bloom, at=later, which=Selection.OVERDUE)] == [asked.id]


def test_a_task_that_fails_is_shown_and_tried_again_by_itself(house, monkeypatch):
    def broken(**_):
        raise OSError("ada@people.example is locked")

    with monkeypatch.context() as patch:
        patch.setattr(suppression, "suppress", broken)
        asked = house.ask(RequestKind.RESTRICTION, asked=Asked(ground=Ground.CLAIMS))
        task = next(task for task in house.story(asked).tasks if not task.done)
        assert (task.kind.value, task.waits_for, task.attempts) == ("restrict", "OSError", 1)
        assert "failed" in house.steps(asked)

    api.sweep_requests(at=NOON + timedelta(minutes=5))
    api.sweep_requests(at=NOON + timedelta(minutes=5))
    assert house.story(asked).request.state is RequestState.ANSWERED


def test_a_killed_workers_lease_runs_out(house):
    house.answer = Told.WAITING
    asked = house.ask(RequestKind.ACCESS)
    with scope.controller(house.bloom):
        models.Task.objects.update(lease_until=NOON + timedelta(minutes=10))
    house.answer = Told.SENT
    api.sweep_requests(at=NOON + timedelta(minutes=9))
    assert house.story(asked).request.state is RequestState.IN_PROGRESS
    api.sweep_requests(at=NOON + timedelta(minutes=11))
    assert house.story(asked).request.state is RequestState.ANSWERED
