"""Whatever a key is shown of people leaves a line from which they can be found again, should the key be stolen."""

from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation.clock import now
from assent.privacy.subjects import api as subjects

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = timedelta(days=1)


def shown(house, word):
    found = audit.concerned(controller=house.bloom, by=(), did=(word,), since=now() - DAY, until=now() + DAY)
    ids = [int(subject) for one in found for subject in one.subjects]
    return {str(public) for public in subjects.public_ids(controller=house.bloom, subjects=ids).values()}


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/people/{}", Did.IDENTIFIERS_READ),
        ("/people/{}/export", Did.PERSON_EXPORTED),
        ("/people/{}/consents", Did.CHOICES_READ),
        ("/people/{}/suppressions", Did.CHOICES_READ),
        ("/people/{}/receipts", Did.CHOICES_READ),
        ("/people/{}/messages", Did.MESSAGES_READ),
    ],
)
def test_each_door_that_shows_somebody_says_whom_it_showed(house, path, word):
    assert shown(house, word) == set()
    assert house.api.get(path.format(house.ada)).status == 200
    assert shown(house, word) == {house.ada}


def test_a_list_and_a_search_say_whom_they_showed(house):
    assert house.api.get("/people").status == 200
    assert shown(house, Did.SUBJECTS_LISTED) == {house.ada, house.ben, house.dan}


def test_a_search_that_finds_nobody_shows_nobody(house):
    assert house.api.post("/people/search", {"text": "nobody@nowhere.example"}).body["items"] == []
    assert shown(house, Did.SUBJECTS_LISTED) == set()


def test_somebody_of_another_brand_is_not_shown_and_not_written_down(house):
    assert house.api.get(f"/people/{house.cleo}/consents").status == 404
    assert shown(house, Did.CHOICES_READ) == set()
