"""Retention at the desk: what will end, what the runs did, and holds made and released."""

from datetime import date, timedelta

import pytest

from assent.audit.contracts import Actor
from assent.foundation import clock
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import HoldReason
from assent.tenancy.contracts import Role

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])
UNTIL = (date.today() + timedelta(days=90)).isoformat()  # noqa: DTZ011 - the page counts days, too


@pytest.fixture
def officer(house):
    return house.at_work(Role.PRIVACY_OFFICER)


def given(**more):
    return {"reason": "claim", "reference": "C-118/2026", "until": UNTIL, "purpose": "", "person": "", **more}


def test_a_hold_on_a_person_is_made_and_released(house, officer):
    ada = house.subject(house.ada)
    assert officer.post("/retention/hold", given(person=str(house.ada)), follow=True).status_code == 200
    (made,) = retention.holds_on(controller=house.bloom, subject=ada, at=clock.now())
    page = officer.get("/retention/").content.decode()
    assert "C-118/2026" in page
    assert "1 person" in page
    officer.post(f"/retention/holds/{made.id}/release")
    assert retention.holds_on(controller=house.bloom, subject=ada, at=clock.now()) == []


def test_what_can_not_be_held_is_said_and_nothing_typed_is_lost(house, officer):
    for wrong in ({"reference": "<Ada>"}, {"person": str(house.cleo)}, {"until": "2020-01-01"}, {"reason": "whim"}):
        answer = officer.post("/retention/hold", given(**wrong))
        assert answer.status_code == 422
        assert UNTIL in answer.content.decode() or "until" in wrong
        assert 'role="alert"' in answer.content.decode() or "_wrong" in answer.content.decode()
    assert retention.holds(controller=house.bloom, at=clock.now()) == []


def test_another_brands_hold_can_not_be_released(house, officer):
    theirs = retention.hold(
        controller=house.harbour, reason=HoldReason.CLAIM, reference="H-1", until=date.fromisoformat(UNTIL),
        by=Actor.staff(1), at=clock.now(),
    )  # fmt: skip
    officer.post(f"/retention/holds/{theirs.id}/release")
    assert retention.holds(controller=house.harbour, at=clock.now(), lasting_only=True) != []


def test_who_may_not_erase_may_not_hold(house):
    reader = house.at_work(Role.MARKETER)
    assert reader.post("/retention/hold", given()).status_code == 403
    assert retention.holds(controller=house.bloom, at=clock.now()) == []


@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_page_tells_what_a_run_did_and_what_comes(house, language):
    at = clock.now()
    number = retention.begin(controller=house.bloom, by=Actor.system("test"), at=at)
    while retention.step(controller=house.bloom, run=number, at=at):
        pass
    page = house.at_work(Role.PRIVACY_OFFICER, language=language).get(f"/retention/?by={UNTIL}").content.decode()
    assert UNTIL in page
    assert ("Erased whole" if language == "en" else "Șterse cu totul") in page
