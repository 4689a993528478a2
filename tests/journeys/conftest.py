"""A real browser before a real server. The cast: Mara the marketer, Petru the privacy officer, Ana the administrator."""

import os
import shutil
from dataclasses import dataclass

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium():
    """One browser for all journeys."""
    if CHROMIUM is None:
        pytest.fail("no Chromium found: install the package chromium, or leave out tests/journeys")
    # The library runs its own event loop in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as library:
        browser = library.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser window of their own; errors on the page fail the journey."""

    page: object
    base: str

    def go(self, path):
        """Open a page and return it."""
        answer = self.page.goto(self.base + path)
        assert answer.status < 400, f"{path} answered {answer.status}"
        return self.page

    def log_in(self, email, password):
        """Log in through the form, as people do."""
        self.page.goto(self.base + "/account/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", password)
        self.page.click("main button")
        self.page.wait_for_url(lambda url: "/account/login" not in url)
        return self


@pytest.fixture
def visitor(chromium, live_server):
    """Open windows: ``visitor(phone=True, dark=True, language="ro")``."""
    windows, complaints = [], []

    def opened(*, phone=False, dark=False, language="en", scripts=True):
        window = chromium.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 860},
            color_scheme="dark" if dark else "light",
            locale={"en": "en-GB", "ro": "ro-RO"}[language],
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        return Visitor(page, live_server.url)

    yield opened
    for window in windows:
        window.close()
    assert not complaints, "the browser complained: " + "; ".join(complaints)
