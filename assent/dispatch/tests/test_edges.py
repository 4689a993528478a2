"""Each message that may have named somebody to a recipient is an edge, and nothing else is."""

from datetime import timedelta

import pytest

from assent.dispatch.contracts import Handover, Outcome
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def edges(house, who):
    found = disclosures.of_person(controller=house.bloom, subject=who)
    return sum(one.times for one in found)


@pytest.fixture
def relay(house):
    """Let e-mail go through a processor of the policy."""
    house.sender.recipient = "platform"
    return house.sender


def test_a_message_through_a_processor_is_an_edge(house, relay):
    house.enqueue(house.ada)
    house.hand_over()
    (one,) = disclosures.of_person(controller=house.bloom, subject=house.ada)
    assert (one.recipient, one.purposes, one.items, one.ways, one.times) == (
        "platform", ["direct_marketing"], ["email"], [Way.CONNECTOR], 1,
    )  # fmt: skip


def test_the_controllers_own_mail_server_is_no_recipient(house):
    house.enqueue(house.ada)
    house.hand_over()
    assert house.states() == {"sent": 1}
    assert edges(house, house.ada) == 0


def test_a_refused_message_is_no_edge(house, relay):
    house.enqueue(house.ben)
    house.hand_over()
    assert house.states() == {"refused": 1}
    assert edges(house, house.ben) == 0


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN])
def test_whoever_refuses_a_message_has_read_whom_it_is_for(house, relay, outcome):
    relay.says = {"ada@people.example": outcome}
    house.enqueue(house.ada)
    house.hand_over()
    assert edges(house, house.ada) == 1


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.UNTRIED])
def test_a_server_that_could_not_be_reached_got_nothing(house, relay, outcome):
    class Down:
        channel, recipient = "email", "platform"

        def hand_over(self, messages):
            return [Handover(one.id, outcome, code="connect", named=False) for one in messages]

    house.enqueue(house.ada)
    house.hand_over(sender=Down())
    assert edges(house, house.ada) == 0


def test_each_attempt_counts(house, relay):
    relay.says = {"ada@people.example": Outcome.TEMPORARY}
    house.enqueue(house.ada)
    house.hand_over()
    relay.says = {}
    house.hand_over(later=timedelta(minutes=2))
    assert house.states() == {"sent": 1}
    assert edges(house, house.ada) == 2


def test_one_whose_sender_was_killed_counts_as_left(house, relay):
    class Killed(BaseException):
        pass

    class Dying:
        channel, recipient = "email", "platform"

        def hand_over(self, messages):
            raise Killed

    house.enqueue(house.ada)
    with pytest.raises(Killed):
        house.hand_over(sender=Dying())
    house.hand_over(later=timedelta(minutes=5))
    assert house.states() == {"unknown": 1}
    assert edges(house, house.ada) == 1
