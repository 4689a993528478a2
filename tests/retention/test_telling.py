"""Whoever ends something is told once what is deleted, what stays and on which basis: where they chose, or by letter."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.privacy.retention import api
from assent.privacy.retention.contracts import HoldReason, ToldBy, Why
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from tests.retention.conftest import ADDRESS, BEGAN, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

NO = datetime(2020, 5, 20, 12, tzinfo=UTC)


def letters(house, name):
    found = dispatch.messages(controller=house.bloom, subject=house.made[name])
    return [one for one in found if one.occasion.startswith("ended:")]


def after(minutes):
    """Let the worker look at what changed, and at what is due to be told."""
    at = NO + timedelta(minutes=minutes)
    while api.draw(at=at):
        pass
    while api.tell_what_stays(at=at):
        pass


def buyer(house, name):
    house.meet(name, **ADDRESS)
    house.has(name, BEGAN, age_band="30-39", language="en")
    house.did(name, "Order Completed", BEGAN, "service", "legal_accounts")
    house.says_yes(name, BEGAN)


def follows(house, name, at=NO):
    return api.explain(controller=house.bloom, people=[house.made[name]], since=NO, at=at).get(house.made[name])


def test_it_says_what_ended_what_goes_what_stays_and_until_when(house):
    buyer(house, "ada")
    assert follows(house, "ada") is None
    house.says_no("ada", NO)
    found = follows(house, "ada")
    assert [(one.purpose, one.why) for one in found.over] == [("direct_marketing", Why.WITHDRAWN)]
    assert "age_band" in found.gone
    assert "postal_address" not in found.gone
    stays = {one.purpose: one for one in found.stays}
    assert set(stays) == {"service", "legal_accounts", "privacy_requests"}
    assert stays["legal_accounts"].until == date(2026, 6, 30)
    assert stays["service"].until is None


@pytest.mark.parametrize("language", documents.LANGUAGES)
def test_the_letter_names_each_basis_with_its_article_in_every_language(house, language):
    buyer(house, "ada")
    house.says_no("ada", NO)
    found = policy.current(controller=house.bloom).policy
    text = "\n".join(documents.ended_letter(found, language, follows(house, "ada")).lines)
    for key in ("direct_marketing", "service", "legal_accounts"):
        assert found.purposes[key].title.say(language) in text
    assert found.data["age_band"].title.say(language).lower() in text.lower()
    for article in ("6(1)(b)", "6(1)(c)") if language == "en" else ("6 alin. (1) lit. (b)", "6 alin. (1) lit. (c)"):
        assert article in text
    assert "2026" in text


def test_whoever_withdrew_elsewhere_gets_one_letter_that_no_stop_of_marketing_keeps_back(house):
    buyer(house, "ada")
    house.says_no("ada", NO)
    after(1)
    assert letters(house, "ada") == []
    for minutes in (4, 5, 90):
        after(minutes)
    (letter,) = letters(house, "ada")
    assert letter.purpose == "privacy_requests"
    lines = audit.entries(controller=house.bloom, did=Did.PEOPLE_TOLD_WHAT_STAYS)
    assert [line.detail["how"] for _, line in lines] == ["letter"]


def test_whoever_was_told_on_the_page_gets_no_letter(house):
    buyer(house, "ada")
    house.says_no("ada", NO)
    where = {"controller": house.bloom, "subjects_": [house.made["ada"]], "how": ToldBy.PAGE, "by": Actor.person()}
    api.note_told(**where, at=NO + timedelta(seconds=1))
    after(1)
    after(5)
    assert letters(house, "ada") == []


def test_what_ends_after_somebody_was_told_is_told_too(house):
    buyer(house, "ada")
    suppression.suppress(
        controller=house.bloom, kind=Kind.OBJECTION, subject=house.made["ada"], purpose="similar_products", by=OFFICER, at=NO
    )
    where = {"controller": house.bloom, "subjects_": [house.made["ada"]], "how": ToldBy.PAGE, "by": Actor.person()}
    api.note_told(**where, at=NO + timedelta(seconds=1))
    house.says_no("ada", NO + timedelta(minutes=3))
    after(4)
    after(8)
    assert len(letters(house, "ada")) == 1


def test_a_yes_given_again_at_once_leaves_nothing_to_tell(house):
    buyer(house, "ada")
    house.says_no("ada", NO)
    after(1)
    house.says_yes("ada", NO + timedelta(minutes=1, seconds=30))
    after(5)
    assert letters(house, "ada") == []


def test_what_is_over_for_longer_than_an_answer_takes_is_news_to_nobody(house):
    buyer(house, "ada")
    house.says_no("ada", NO - timedelta(days=60))
    after(1)
    after(5)
    assert letters(house, "ada") == []


def test_without_an_address_nothing_is_sent_and_nothing_waits(house):
    house.meet("ada", email="")
    house.says_yes("ada", BEGAN, "location_offers", "push", "location_push")
    house.says_no("ada", NO, "location_offers")
    after(1)
    after(5)
    assert letters(house, "ada") == []
    assert not api.tell_what_stays(at=NO + timedelta(days=1))


def test_what_a_hold_keeps_is_told_with_its_reason_and_its_day_and_not_its_file(house):
    buyer(house, "ada")
    api.hold(
        controller=house.bloom, subjects=[house.made["ada"]], purpose="direct_marketing", reason=HoldReason.CLAIM,
        reference="C-118", until=date(2021, 3, 1), by=OFFICER, at=BEGAN,
    )  # fmt: skip
    house.says_no("ada", NO)
    found = follows(house, "ada")
    (kept,) = [one for one in found.stays if one.held]
    assert (kept.purpose, kept.held, kept.until) == ("direct_marketing", "claim", date(2021, 3, 1))
    assert found.gone == ()
    text = "\n".join(documents.ended_letter(policy.current(controller=house.bloom).policy, "en", found).lines)
    assert "1 March 2021" in text
    assert "C-118" not in text
