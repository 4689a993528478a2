"""Who may open which page, and that nobody reaches another brand's rows."""

import pytest
from django.test import Client
from django.urls import reverse

from assent.audit import api as audit
from assent.entrypoints.console.places import PLACES
from assent.foundation import clock
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

from .conftest import BY, PASSWORD

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


OPEN = {
    Role.MARKETER: {
        "overview",
        "people",
        "segments",
        "campaigns",
        "events",
        "mail",
        "policy",
        "agreements",
        "record",
        "impact",
        "retention",
        "recipients",
    },
    Role.ANALYST: {
        "overview",
        "people",
        "segments",
        "campaigns",
        "events",
        "policy",
        "agreements",
        "record",
        "impact",
        "retention",
        "recipients",
    },
    Role.PRIVACY_OFFICER: {
        "overview",
        "people",
        "segments",
        "campaigns",
        "events",
        "duties",
        "requests",
        "sources",
        "policy",
        "agreements",
        "record",
        "impact",
        "retention",
        "recipients",
        "breaches",
        "measures",
        "backups",
        "audit",
    },
    Role.ADMINISTRATOR: {
        "overview",
        "events",
        "policy",
        "agreements",
        "record",
        "impact",
        "retention",
        "recipients",
        "breaches",
        "measures",
        "backups",
        "audit",
        "settings",
    },
}


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_its_own_pages_and_no_other(house, role):
    browser = house.at_work(role)
    rail = browser.get("/").content.decode()

    for place in PLACES:
        allowed = place.key in OPEN[role]
        assert browser.get(reverse(place.url)).status_code == (200 if allowed else 403), place.key
        assert (f'class="place" href="{reverse(place.url)}"' in rail) == allowed, place.key


def test_a_stranger_is_sent_to_the_log_in(house):
    answer = Client().get("/people/")

    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")


def test_nobody_can_sign_up(house):
    answer = Client().post("/account/signup/", {"email": "eve@elsewhere.example", "password1": PASSWORD})

    assert "/account/login" not in answer.headers.get("Location", "")
    assert not Client().login(email="eve@elsewhere.example", password=PASSWORD)


def test_a_member_without_a_role_sees_that_and_nothing_else(house):
    tenancy.make_staff(email="new@bloom.example", name="New", password=PASSWORD, language="en", by=BY, at=clock.now())
    browser = Client()
    browser.login(email="new@bloom.example", password=PASSWORD)

    answer = browser.get("/people/")

    assert answer.status_code == 403
    assert "No role yet" in answer.content.decode()


def test_a_person_of_another_brand_is_not_there(house):
    assert house.at_work(Role.PRIVACY_OFFICER).get(f"/people/{house.cleo}/").status_code == 404


def test_a_brand_is_entered_only_with_a_role_there(house):
    browser = house.at_work(Role.MARKETER)
    assert browser.post("/enter", {"controller": house.harbour}).status_code == 403

    tenancy.grant(staff=house.staff[Role.MARKETER], controller=house.harbour, role=Role.MARKETER, by=BY, at=clock.now())
    browser.post("/enter", {"controller": house.harbour})

    assert browser.get(f"/people/{house.cleo}/").status_code == 200
    assert browser.get(f"/people/{house.ada}/").status_code == 404


def test_a_role_taken_back_closes_the_page_at_once(house):
    browser = house.at_work(Role.MARKETER)
    assert browser.get("/people/").status_code == 200

    tenancy.revoke(staff=house.staff[Role.MARKETER], controller=house.bloom, role=Role.MARKETER, by=BY, at=clock.now())

    assert browser.get("/people/").status_code == 403


def test_an_analyst_sees_people_without_names(house):
    browser = house.at_work(Role.ANALYST)

    pages = browser.get("/people/").content.decode() + browser.get(f"/people/{house.ada}/").content.decode()

    assert "Ada" not in pages
    assert "customers.example" not in pages
    assert browser.post("/people/search", {"text": "Ada"}).status_code == 403


def test_reading_names_is_written_in_the_book(house):
    house.at_work(Role.MARKETER).get(f"/people/{house.ada}/")

    written = [line.did for _at, line in audit.entries(controller=house.bloom, about=house.subject(house.ada))]
    assert "subjects.identifiers.read" in written
    assert "events.timeline.read" in written


def test_a_search_is_never_an_address(house):
    browser = house.at_work(Role.MARKETER)

    assert browser.get("/people/search?text=Ada").status_code == 405
    assert "Ada Popescu" in browser.post("/people/search", {"text": "ada"}).content.decode()
    assert "Ben Ștefănescu" in browser.post("/people/search", {"text": "stefan"}).content.decode()
    assert "Nobody found" in browser.post("/people/search", {"text": "cleo"}).content.decode()


def test_every_page_admits_only_our_own_files(house):
    for answer in (Client().get("/account/login/"), house.at_work(Role.MARKETER).get("/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "<script>" not in answer.content.decode()
        assert " style=" not in answer.content.decode()


def test_pages_are_kept_by_no_cache(house):
    assert "no-store" in house.at_work(Role.MARKETER).get("/people/").headers["Cache-Control"]


def test_a_look_is_remembered_and_leads_to_no_other_site(house):
    browser = Client()

    answer = browser.post("/look", {"theme": "dark", "language": "ro", "next": "https://elsewhere.example/"})

    assert answer.url == "/"
    assert answer.cookies["assent_theme"].value == "dark"
    page = browser.get("/account/login/").content.decode()
    assert '<html lang="ro" data-theme="dark">' in page
    assert "Autentificare" in page
