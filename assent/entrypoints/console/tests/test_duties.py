"""The privacy officer sees what ends first, and every figure leads to its list."""

import re
from datetime import timedelta

import pytest
from django.apps import apps

from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, Identity, RequestKind, Via
from assent.tenancy.contracts import Role
from tests.rights.conftest import OFFICER

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _wired():
    apps.get_app_config("house").ready()  # other tests put their own parts behind the ports


def asked(house, *, days_ago=0):
    then = clock.now() - timedelta(days=days_ago)
    return rights.receive(
        controller=house.bloom, kind=RequestKind.RECTIFICATION, subject=house.subject(house.ada), via=Via.LETTER,
        identity=Identity.CHECKED, asked=Asked(fields={"first_name": "Adela"}), received_at=then, by=OFFICER, at=clock.now(),
    ).request  # fmt: skip


def confirmed(house, *, hours_ago):
    then = clock.now() - timedelta(hours=hours_ago)
    found = breaches.suspect(controller=house.bloom, title="A lost laptop", found_at=then, by=OFFICER, at=clock.now())
    return breaches.confirm(controller=house.bloom, breach=found.id, aware_at=then, by=OFFICER, at=clock.now())


def shown(house, language="en"):
    return house.at_work(Role.PRIVACY_OFFICER, language=language).get("/duties/").content.decode()


def test_nothing_owed_is_said_so(house):
    assert "Nothing is owed today" in shown(house)


@pytest.mark.parametrize("language", ["en", "ro"])
def test_what_ends_first_stands_first(house, language):
    request, breach = asked(house), confirmed(house, hours_ago=1)
    page = shown(house, language)
    assert page.index(f"/breaches/{breach.id}/") < page.index(f"/requests/{request.number}/")


def test_what_is_late_is_said_to_be_late(house):
    asked(house, days_ago=60)
    confirmed(house, hours_ago=80)
    page = shown(house)
    assert "1 overdue" in page
    assert re.search(r"\d+ days late", page)
    assert re.search(r"[78] hours late", page)
    assert page.count("card figure late") == 2


def test_each_figure_leads_to_a_list_that_opens(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    links = re.findall(r'class="card figure[^"]*" href="([^"]+)"', browser.get("/duties/").content.decode())
    assert len(links) >= 3
    for link in links:
        assert browser.get(link).status_code == 200, link


def test_only_who_answers_people_sees_it(house):
    for role in (Role.MARKETER, Role.ANALYST, Role.ADMINISTRATOR):
        assert house.at_work(role).get("/duties/").status_code == 403
