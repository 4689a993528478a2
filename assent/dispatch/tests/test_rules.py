from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from assent.dispatch import rules
from assent.dispatch.contracts import Outcome, Progress, State

KEY = b"k" * 32


def test_it_waits_longer_each_time_and_then_gives_up():
    waits = [rules.wait(attempt) for attempt in range(1, rules.ATTEMPTS + 1)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(wait for wait in waits if wait) == rules.LONGEST_WAIT
    assert waits[-1] is None


@pytest.mark.parametrize(
    ("outcome", "attempt", "state"),
    [
        (Outcome.SENT, 1, State.SENT),
        (Outcome.TEMPORARY, 1, State.DUE),
        (Outcome.TEMPORARY, rules.ATTEMPTS, State.FAILED),
        (Outcome.PERMANENT, 1, State.FAILED),
        (Outcome.UNKNOWN, 1, State.UNKNOWN),
        (Outcome.UNTRIED, 99, State.DUE),
    ],
)
def test_each_outcome_ends_in_one_state(outcome, attempt, state):
    assert rules.settle(outcome, attempt)[0] is state


def test_claims_shrink_where_they_run_out_and_grow_again():
    assert rules.batch_size(200, Progress(untried=1)) == 100
    assert rules.batch_size(1, Progress(untried=1)) == 1
    assert rules.batch_size(150, Progress(sent=150)) == rules.BATCH


def test_the_same_idempotency_key_names_the_same_message():
    assert rules.occasion_key("order", "A-1") == rules.occasion_key("order", "A-1")
    assert rules.occasion_key("order", "A-1") != rules.occasion_key("order", "A-2")
    assert "A-1" not in rules.occasion_key("order", "A-1")
    assert rules.occasion_key("campaign:1:1") == "campaign:1:1"


@given(st.integers(1, 2**32 - 1), st.integers(1, 2**63 - 1))
def test_a_token_names_its_controller_and_nothing_else(controller, message):
    token = rules.token(KEY, controller=controller, message=message)
    assert len(token) == 32
    assert rules.token_controller(token) == controller
    assert token == rules.token(KEY, controller=controller, message=message)
    assert token != rules.token(b"x" * 32, controller=controller, message=message)


@pytest.mark.parametrize("clear", ["", "preview", "x" * 31, "x" * 33, "!" * 32, "ă" * 32, "../../../etc/passwd/etc/passwd/xx"])
def test_what_is_no_token_names_nobody(clear):
    assert rules.token_controller(clear) is None
