"""What can't wait is said on the first page, with what to do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from assent.entrypoints.console.notes import SAFEGUARDS, notes
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import SafeguardKind
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role
from tests.agreements import part

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


def last_day(house):
    return policy.current(controller=house.bloom).policy.recipients["meta_us"].safeguard.valid_until


def on(monkeypatch, day, *, days):
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: at)


def test_a_quiet_day_has_no_notes(house):
    found = notes(policy.current(controller=house.bloom), tenancy.controller_by_id(id=house.bloom), at=clock.now())
    assert found == {"still": [], "late": [], "endings": []}


@pytest.mark.parametrize("role", Role)
def test_everyone_is_told_that_a_solution_stands_still(house, role):
    part(controller=house.bloom, solution="crm", at=clock.now())
    shown = house.at_work(role).get("/").content.decode()
    assert "One solution stands still for want of an agreement" in shown
    assert "Omnichannel CRM" in shown


@pytest.mark.parametrize("path", ["/", "/policy/"])
@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-60, "In 60 days nothing may be handed to Meta Platforms, Inc. any more"),
        (-1, "In 1 day nothing may be handed"),
        (1, "Nothing is handed to Meta Platforms, Inc. any more"),
    ],
)
def test_a_safeguard_that_runs_out_is_told_before_with_what_to_do(house, monkeypatch, path, days, words):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    on(monkeypatch, last_day(house), days=days)
    shown = browser.get(path).content.decode()
    assert words in shown
    assert "Check it again and write the new days into the policy" in shown
    assert "The policy plans for the Commission’s standard clauses" in shown
    assert "Advertising" in shown


def test_two_months_before_nobody_is_bothered_yet(house, monkeypatch):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    on(monkeypatch, last_day(house), days=-61)
    assert "Meta Platforms, Inc." not in browser.get("/").content.decode()


def test_every_safeguard_has_words_in_both_languages():
    for kind in SafeguardKind:
        with override("en"):
            english = str(SAFEGUARDS[kind])
        with override("ro"):
            assert str(SAFEGUARDS[kind]) != english
