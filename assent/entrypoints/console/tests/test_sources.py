"""The privacy officer sees who has still to be told where their data came from, names sources, and decides with a reason."""

from datetime import timedelta

import pytest
from django.apps import apps

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import clock
from assent.privacy.sources import api as sources
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy.contracts import Role

from .conftest import BY

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _wired():
    apps.get_app_config("house").ready()  # other tests put their own parts behind the ports


def brought(house, *names, days_ago=0, controller=None):
    at = clock.now()
    done = sources.import_people(
        controller=controller or house.bloom, people=[PersonInput({"user_id": name}) for name in names], source="",
        obtained_at=at - timedelta(days=days_ago), by=BY, at=at,
    )  # fmt: skip
    return [one.public_id for one in done]


def group(house):
    (found,) = sources.groups(controller=house.bloom)
    return found


def test_everybody_told_is_said_so(house):
    assert "Everybody has been told" in house.at_work(Role.PRIVACY_OFFICER).get("/sources/").content.decode()
    assert 'figure" href="/sources/"' not in house.at_work(Role.PRIVACY_OFFICER).get("/duties/").content.decode()


@pytest.mark.parametrize(("language", "late"), [("en", "1 overdue"), ("ro", "1 cu termenul depășit")])
def test_what_is_late_stands_on_the_desk_and_leads_to_its_list(house, language, late):
    brought(house, "eve", days_ago=60)
    desk = house.at_work(Role.PRIVACY_OFFICER, language=language).get("/duties/").content.decode()
    assert 'card figure late" href="/sources/"' in desk
    assert f"/sources/{group(house).number}?source=" in desk
    assert late in desk


def test_a_group_shows_its_people_by_their_ids_and_that_is_written_down(house):
    (eve,) = brought(house, "eve")
    page = house.at_work(Role.PRIVACY_OFFICER).get(f"/sources/{group(house).number}?source=").content.decode()
    assert f"/people/{eve}/" in page
    assert audit.entries(controller=house.bloom, did=Did.SUBJECTS_LISTED)[0][1].detail["why"] == "console.sources"


def test_staff_name_the_source(house):
    brought(house, "eve", "mia")
    browser = house.at_work(Role.PRIVACY_OFFICER)
    answer = browser.post(f"/sources/{group(house).number}/name", {"named": "you"}, follow=True)
    assert "Named for 2 people." in answer.content.decode()
    assert sources.groups(controller=house.bloom) == []


def test_a_source_nobody_declared_is_refused_with_the_cure(house):
    brought(house, "eve")
    browser = house.at_work(Role.PRIVACY_OFFICER)
    answer = browser.post(f"/sources/{group(house).number}/name", {"named": "lottery"}, follow=True)
    assert "the policy has no source" in answer.content.decode()
    assert group(house).people == 1


def test_a_decision_needs_its_reason_and_stays_on_the_page(house):
    brought(house, "eve")
    number = group(house).number
    browser = house.at_work(Role.PRIVACY_OFFICER)
    empty = browser.post(f"/sources/{number}/exempt", {"source": "", "ground": "impossible", "reason": " "})
    assert empty.status_code == 422
    assert group(house).people == 1

    said = {"source": "", "ground": "impossible", "reason": "<b>No address</b> is known."}
    answer = browser.post(f"/sources/{number}/exempt", said, follow=True).content.decode()

    assert "Written down for 1 person." in answer
    assert "&lt;b&gt;No address&lt;/b&gt; is known." in answer
    assert sources.groups(controller=house.bloom) == []
    assert "Nobody of this group" in browser.post(f"/sources/{number}/exempt", said, follow=True).content.decode()


def test_another_brands_group_is_not_there(house):
    brought(house, "cleo2", controller=house.harbour)
    (theirs,) = sources.groups(controller=house.harbour)
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert browser.get(f"/sources/{theirs.number}?source=").status_code == 404
    browser.post(f"/sources/{theirs.number}/exempt", {"source": "", "ground": "law", "reason": "None of ours."})
    assert len(sources.groups(controller=house.harbour)) == 1


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST, Role.ADMINISTRATOR])
def test_nobody_else_decides(house, role):
    brought(house, "eve")
    number = group(house).number
    browser = house.at_work(role)
    assert browser.get(f"/sources/{number}?source=").status_code == 403
    assert browser.post(f"/sources/{number}/exempt", {"source": "", "ground": "law", "reason": "x"}).status_code == 403
    assert browser.post(f"/sources/{number}/name", {"named": "you"}).status_code == 403
    assert group(house).people == 1
