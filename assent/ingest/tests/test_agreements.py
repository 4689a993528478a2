"""The gate in, while no agreement is in force: nothing is kept, and it is counted why."""

from datetime import timedelta

import pytest

from assent.ingest.tests.cast import NOON, order
from assent.privacy.consent.contracts import Choice
from tests.agreements import agree, part

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])
IDENTIFY = {"type": "identify", "userId": "ada", "traits": {"email": "ada@people.example", "city": "Cluj"}}
NO = {"type": "track", "event": "Consent Withdrawn", "userId": "ada", "properties": {"purpose": "direct_marketing"}}
HOUR = timedelta(hours=1)


def end(house, *solutions, at=NOON):
    for solution in solutions or ("crm", "website", "loyalty", "location", "ecosystem"):
        part(controller=house.controller, solution=solution, at=at)


def test_without_an_agreement_events_are_refused_and_counted_by_that_reason(house):
    end(house)
    house.send(order("ada"), IDENTIFY)
    done = house.run()
    assert (done.admitted, done.refused) == (0, 2)
    assert house.fates() == {"no_processing_agreement": 2}
    assert (house.rows(), house.subject("ada")) == ([], 0)


def test_what_other_solutions_serve_goes_on(house):
    house.ada_says_yes()
    end(house, "crm")
    house.say(house.subject("ada"), "performance", Choice.GIVEN, wording="performance_choice")
    house.later(hours=1)
    house.send(order("ada"))
    house.send({"type": "page", "name": "Home", "userId": "ada", "properties": {"path": "/shoes"}})
    house.run()
    assert [house.purposes(row) for row in house.rows()[1:]] == [{"performance"}]
    assert house.fates()["no_processing_agreement"] == 1


def test_an_end_while_the_event_waited_counts(house):
    house.send(order("ada"))
    house.later(hours=1)
    end(house, "crm", at=house.now)
    house.run()
    assert house.rows() == []
    assert house.fates() == {"no_processing_agreement": 1}


def test_an_agreement_accepted_while_the_event_waited_does_not_reach_back(house):
    end(house, "crm")
    house.later(hours=1)
    house.send(order("ada"), IDENTIFY)
    house.later(hours=1)
    agree(controller=house.controller, at=house.now)
    house.send(order("ben"))
    house.run()
    assert house.subject("ada") == 0
    assert [row["subject"] for row in house.rows()] == [house.subject("ben")]
    assert house.fates() == {"not_when_received": 2, "admitted": 1}


def test_what_arrived_between_two_agreements_is_refused_and_what_came_before_is_kept(house):
    house.send(order("ada"))
    house.later(hours=1)
    end(house, "crm", at=house.now)
    house.send(order("ben"))
    house.later(hours=1)
    agree(controller=house.controller, at=house.now)
    house.run()
    assert [row["subject"] for row in house.rows()] == [house.subject("ada")]
    assert house.subject("ben") == 0


def test_a_no_is_taken_even_without_an_agreement(house):
    ada = house.ada_says_yes()
    end(house)
    house.send(NO)
    house.run()
    agree(controller=house.controller, at=house.now + HOUR)
    house.later(hours=2)
    house.send(order("ada"))
    house.run()
    assert "direct_marketing" not in house.purposes(house.rows()[-1])
    assert house.subject("ada") == ada
