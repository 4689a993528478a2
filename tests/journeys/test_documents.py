"""Anybody reads what Bloom says: light, dark, on a phone, without scripts; every page is also given to axe-core."""

import pytest

from tests.journeys import world as worlds
from tests.journeys.test_console import barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

PAGES = (
    "",
    "privacy",
    "cookies",
    "consents",
    "retention",
    "versions",
    "versions/1",
    "versions/1/changes",
    "arrangements/ecosystem",
)


@pytest.fixture
def world():
    return worlds.make()


@pytest.mark.parametrize(("dark", "phone", "language"), [(False, False, "en"), (True, False, "ro"), (False, True, "ro")])
def test_every_public_page_works_for_everyone(world, visitor, dark, phone, language):
    reader = visitor(dark=dark, phone=phone, language=language)
    for path in PAGES:
        page = reader.go(f"/p/bloom/{path}")
        assert barriers(page) == ""
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the window"


def test_a_reader_finds_a_purpose_and_comes_to_the_same_place_in_the_other_language(world, visitor):
    reader = visitor(scripts=False)
    page = reader.go("/p/bloom/")
    page.click("text=Privacy notice >> nth=0")
    page.click("article table a >> nth=0")
    place = page.url.partition("#")[2]
    assert page.locator(f"section#{place}").is_visible()

    page.click("nav.tongues >> text=Română")

    assert page.locator(f"section#{place}").count() == 1
    assert page.locator("html").get_attribute("lang") == "ro"
