"""The loop that does the jobs: who goes first, and who is asked again."""

import threading

import pytest

from assent.entrypoints.worker.loop import LONGEST_WAIT, Job, pause, run

pytestmark = pytest.mark.django_db(databases="__all__")


def test_what_judges_others_waits_until_they_had_their_turn():
    did, stop = [], threading.Event()

    def judge(_at):
        did.append("judge")
        stop.set()

    run([Job("judge", 1, judge, first=0.3), Job("work", 1, lambda _at: did.append("work"))], stop=stop)
    assert did == ["work", "judge"]


def test_what_waits_for_its_first_turn_ends_with_the_others():
    did, stop = [], threading.Event()
    run([Job("judge", 1, lambda _at: did.append("judge"), first=60), Job("end", 1, lambda _at: stop.set())], stop=stop)
    assert did == []


def test_a_job_waits_for_its_turn_and_a_failing_one_longer_up_to_half_a_minute():
    assert [pause(600, failures) for failures in (0, 5)] == [600, 600], "once in ten minutes is not twice in one"
    assert [pause(0.5, failures) for failures in (0, 1, 3, 20)] == [0.5, 1, 4, LONGEST_WAIT]
