"""The privacy officer at work on the statement, in a real browser; every page is also given to axe-core."""

import pytest

from assent.foundation import clock
from assent.privacy.policy import api as policy
from tests.journeys import world as worlds
from tests.journeys.test_console import MOST_BYTES, barriers, build_segment

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])

NEWS = "/policy/draft/purposes/direct_marketing/"
FIELD = "[name='purposes.direct_marketing.{}']"
PAGES = (
    "/policy/", "/policy/versions/1/", "/policy/compare", "/policy/draft/", NEWS, "/policy/draft/events/order_completed/",
    "/policy/draft/retention/", "/policy/draft/texts/", "/policy/draft/texts/opt_out/", "/policy/draft/file",
    "/policy/draft/publish?effects=1", "/policy/draft/discard",
)  # fmt: skip


@pytest.fixture
def world():
    return worlds.make()


def officer(visitor, **more):
    return visitor(**more).log_in("privacy_officer@bloom.example", worlds.PASSWORD)


def start(world):
    policy.start_draft(controller=world.bloom, by=worlds.BY, at=clock.now())


def test_an_officer_writes_sees_what_follows_and_publishes(world, visitor):
    build_segment(visitor().log_in("marketer@bloom.example", worlds.PASSWORD))
    irina = officer(visitor)
    page = irina.go("/policy/")
    page.locator("text=nothing is wrong").wait_for()
    page.click("text=Start a draft")
    page.click("text=Purposes")
    page.click("text=News and offers")

    page.fill(FIELD.format("retention.duration"), "forever")
    page.locator("#checked li", has_text="nothing is kept without an end").wait_for()
    page.locator("#fields .wrong", has_text="nothing is kept without an end").wait_for()
    assert page.locator(FIELD.format("retention.duration")).get_attribute("aria-invalid") == "true"
    assert "duration: forever" in page.locator("#yaml").input_value(), "the YAML beside follows"
    assert page.locator("#gutter .flawed").count() == 1
    assert barriers(page) == ""

    page.fill(FIELD.format("retention.duration"), "P3Y")
    page.locator("#checked .status.permitted").wait_for()
    page.check(FIELD.format("recipients") + "[value=meta]")
    page.keyboard.press("Control+s")
    page.locator(".toast", has_text="Saved.").wait_for()

    yaml = page.locator("#yaml").input_value()
    page.fill("#yaml", yaml.replace("en: News and offers", "en: News"))
    page.locator(FIELD.format("title.en") + "[value=News]").wait_for()
    page.click("text=Save the YAML")
    page.locator("h1", has_text="News").wait_for()

    page = irina.go("/policy/draft/publish")
    page.locator("text=4 of 4 people’s consents would have to be asked for again").wait_for()
    assert barriers(page) == ""
    page.check("text=The wording only; it means the same")
    page.click("text=Save and count again")
    page.locator("#counted", has_text="a new recipient: Meta Platforms Ireland Limited").wait_for()
    page.click("text=Publish, and ask for 4 consents again")
    page.locator(".toast", has_text="Version 2 is in force.").wait_for()
    page.click("text=Compare two")
    page.locator("text=now also shared with Meta Platforms Ireland Limited").wait_for()
    assert barriers(page) == ""
    assert list(policy.current(controller=world.bloom).outdated) == ["direct_marketing"]


def test_every_page_of_the_editor_works_for_everyone_and_is_light(world, visitor):
    start(world)
    for dark in (False, True):
        irina = officer(visitor, dark=dark)
        for path in PAGES:
            page = irina.go(path)
            page.wait_for_load_state("networkidle")
            assert barriers(page) == ""
            # Uncompressed, as the test's server sends it; scripts and styles are fetched once.
            weight = len(page.content().encode())
            assert weight < MOST_BYTES, f"{path} weighs {weight:,} bytes"


def test_the_editor_fits_a_phone_in_romanian(world, visitor):
    start(world)
    irina = visitor(phone=True, language="ro")
    irina.go("/account/login/").click("text=Română")
    irina.log_in("privacy_officer@bloom.example", worlds.PASSWORD)
    for path in PAGES:
        page = irina.go(path)
        assert barriers(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the phone"
    assert page.locator("html").get_attribute("lang") == "ro"


def test_the_editor_works_without_scripts(world, visitor):
    irina = officer(visitor, scripts=False)
    irina.go("/policy/").click("text=Start a draft")
    page = irina.go(NEWS)
    page.fill(FIELD.format("retention.duration"), "forever")
    page.click("text=Save the form")
    assert "nothing is kept without an end" in page.locator("#fields").inner_text()
    page.fill(FIELD.format("retention.duration"), "P4Y")
    page.click("text=Save the form")
    page = irina.go("/policy/draft/publish")
    page.click("text=Count now")
    assert "4 of 4 people’s consents" in page.locator("#counted").inner_text()
    page.click("text=Publish, and ask for 4 consents again")
    assert "Version 2 is in force." in page.locator(".toast").inner_text()
