"""The register: every step written down, nothing skipped, the clock from awareness, and nobody named in it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.privacy.breaches import api, models
from assent.privacy.breaches.contracts import (
    Assessment,
    Circumstance,
    DataContext,
    Deed,
    Ease,
    NamesSomebody,
    Nature,
    NotNow,
    Risk,
    State,
    UnknownBreach,
)
from assent.privacy.breaches.tests.conftest import HOUR, OFFICER, account

pytestmark = pytest.mark.django_db(databases="__all__")

LOW = Assessment(DataContext.SIMPLE, 1, Ease.NEGLIGIBLE)
BAD = Assessment(DataContext.SIMPLE, 3, Ease.MAXIMUM, confidentiality=Circumstance.MOST)


@pytest.fixture
def told(cast):
    """Do something about a breach of Bloom, an hour after noon unless said otherwise."""

    def do(verb, breach, at=cast.noon + HOUR, **more):
        return verb(controller=cast.bloom, breach=breach.id, by=OFFICER, at=at, **more)

    return do


@pytest.fixture
def suspected(cast):
    return api.suspect(
        controller=cast.bloom, title="Key on a public page", found_at=cast.noon, nature=[Nature.CONFIDENTIALITY],
        by=OFFICER, at=cast.noon,
    )  # fmt: skip


def test_a_suspicion_runs_no_clock(cast, suspected):
    assert suspected.state is State.SUSPECTED
    assert api.clock(suspected, at=cast.noon + timedelta(days=9)) == ("waiting", None)


def test_the_clock_runs_seventy_two_hours_from_awareness_weekend_or_not(cast, suspected, told):
    saturday = datetime(2026, 11, 28, 20, tzinfo=UTC)
    found = told(api.confirm, suspected, aware_at=saturday, at=saturday)
    assert found.due_at == saturday + timedelta(hours=72)
    assert api.clock(found, at=saturday + timedelta(hours=71)) == ("running", timedelta(hours=1))
    assert api.clock(found, at=saturday + timedelta(hours=73)) == ("late", timedelta(hours=-1))


def test_the_platform_owes_the_brand_word_within_the_time_their_agreement_says(cast, suspected, told):
    found = told(api.confirm, suspected, aware_at=cast.noon)
    assert found.pass_on_at == cast.noon + timedelta(hours=24)
    assert told(api.pass_on, suspected).passed_on_at == cast.noon + HOUR


@pytest.mark.parametrize("hours", [-1, 2])
def test_nobody_is_aware_before_it_was_found_or_in_the_future(cast, suspected, told, hours):
    with pytest.raises(NotNow, match="can't be"):
        told(api.confirm, suspected, aware_at=cast.noon + timedelta(hours=hours))


def test_a_late_notification_needs_its_reasons_and_a_completion_does_not(cast, suspected, told):
    told(api.confirm, suspected, aware_at=cast.noon)
    late = cast.noon + timedelta(hours=80)
    with pytest.raises(NotNow, match="why it is late"):
        told(api.notified, suspected, sent_at=late, at=late, reference="1")
    told(api.notified, suspected, sent_at=late, at=late, reference="1", why_late="The provider told us late.")
    found = told(api.notified, suspected, sent_at=late + HOUR, at=late + HOUR, reference="1/2")
    assert [(one.phase, one.reference, bool(one.why_late)) for one in found.notified] == [(1, "1", True), (2, "1/2", False)]
    assert api.clock(found, at=late)[0] == "met_late"


def test_in_time_nobody_is_asked_for_reasons(cast, suspected, told):
    told(api.confirm, suspected, aware_at=cast.noon)
    found = told(api.notified, suspected, sent_at=cast.noon + HOUR, reference="17")
    assert api.clock(found, at=cast.noon)[0] == "met"


def test_steps_follow_one_another_and_none_is_skipped(cast, suspected, told):
    for verb in (api.contain, api.close):
        with pytest.raises(NotNow):
            told(verb, suspected, note="x")
    with pytest.raises(NotNow):
        told(api.pass_on, suspected)
    told(api.confirm, suspected, aware_at=cast.noon)
    with pytest.raises(NotNow):
        told(api.dismiss, suspected, reason="it was nothing")


def test_a_breach_closes_only_when_everything_owed_is_done(cast, suspected, told):
    told(api.confirm, suspected, aware_at=cast.noon)
    told(api.contain, suspected, note="The key was ended.")
    with pytest.raises(NotNow, match="measures, assessment, controller"):
        told(api.close, suspected)
    told(api.describe, suspected, accounts={"en": account()})
    told(api.assess, suspected, inputs=BAD)
    with pytest.raises(NotNow, match="authority, people, controller"):
        told(api.close, suspected)
    told(api.notified, suspected, sent_at=cast.noon + HOUR, reference="17")
    told(api.pass_on, suspected)
    told(api.describe, suspected, why_not_told="A public notice was put up instead.")
    assert told(api.close, suspected).state is State.CLOSED


def test_without_a_risk_nobody_need_be_told_and_the_clock_stops(cast, suspected, told):
    told(api.confirm, suspected, aware_at=cast.noon)
    found = told(api.assess, suspected, inputs=LOW)
    assert (found.risk, api.clock(found, at=cast.noon)) == (Risk.UNLIKELY, ("no_duty", None))
    assert api.owing(controller=cast.bloom, at=cast.noon + timedelta(days=9)).overdue == 0


def test_who_judges_otherwise_than_the_formula_says_why(cast, suspected, told):
    with pytest.raises(NotNow, match="why you judge otherwise"):
        told(api.assess, suspected, inputs=BAD, risk=Risk.UNLIKELY)
    found = told(api.assess, suspected, inputs=BAD, risk=Risk.UNLIKELY, reason="Nobody opened the file.")
    assert (found.risk, found.severity.risk) == (Risk.UNLIKELY, Risk.HIGH)


def test_a_dismissed_suspicion_stays_in_the_register_with_its_reason(cast, suspected, told):
    with pytest.raises(NotNow):
        told(api.dismiss, suspected, reason=" ")
    told(api.dismiss, suspected, reason="A test by a colleague.")
    [found] = api.breaches(controller=cast.bloom)
    assert found.state is State.DISMISSED
    steps = api.breach(controller=cast.bloom, breach=found.id).steps
    assert [(one.deed, one.note) for one in steps] == [(Deed.SUSPECTED, ""), (Deed.DISMISSED, "A test by a colleague.")]
    with pytest.raises(NotNow, match="dismissed"):
        told(api.describe, suspected, title="x")


def test_every_step_says_who_and_when_and_stands_in_the_book(cast, suspected, told):
    told(api.confirm, suspected, aware_at=cast.noon, note="Seen in the log of the server.")
    found = api.breach(controller=cast.bloom, breach=suspected.id)
    assert [(one.by, one.at) for one in found.steps] == [("staff:3", cast.noon), ("staff:3", cast.noon + HOUR)]
    lines = [line.did for _, line in audit.entries(controller=cast.bloom, did="breaches.")]
    assert lines == [Did.BREACH_CONFIRMED, Did.BREACH_SUSPECTED]


def test_a_step_and_a_notification_can_be_neither_changed_nor_deleted(cast, suspected):
    with scope.controller(cast.bloom):
        for table in ("breaches_step",):
            for sql in (f"UPDATE {table} SET note = 'x'", f"DELETE FROM {table}"):
                with pytest.raises(Exception, match="append only"), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(sql)
        assert models.Step.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    ["ada@people.example wrote to us", "call +40 722 000 111", "her number 2960101123456", "(0722) 000-111 x"],
)
def test_a_text_that_names_somebody_is_refused(cast, suspected, told, text):
    with pytest.raises(NamesSomebody, match="leave it out"):
        told(api.describe, suspected, accounts={"en": account(what=text)})
    with pytest.raises(NamesSomebody):
        told(api.confirm, suspected, aware_at=cast.noon, note=text)


def test_dates_counts_and_times_are_no_names(cast, suspected, told):
    text = "On 2026-11-23 14:05:10 and 23.11.2026 some 50,000 reads; key 1234567."
    assert told(api.describe, suspected, accounts={"en": account(what=text)}).accounts["en"].what == text


def test_a_language_that_is_not_given_keeps_its_words(suspected, told):
    told(api.describe, suspected, accounts={"en": account(), "ro": account(what="O cheie a fost expusă.")})
    found = told(api.describe, suspected, accounts={"en": account(what="Changed.")})
    assert (found.accounts["en"].what, found.accounts["ro"].what) == ("Changed.", "O cheie a fost expusă.")


def test_saying_the_same_again_is_no_step(suspected, told):
    told(api.describe, suspected, title="Another title")
    before = len(told(api.describe, suspected, title="Another title").steps)
    assert before == 2


def test_harbour_sees_nothing_of_it(cast, suspected):
    assert api.breaches(controller=cast.harbour) == []
    with pytest.raises(UnknownBreach):
        api.breach(controller=cast.harbour, breach=suspected.id)


def test_the_desk_counts_what_is_open_and_late(cast, suspected, told):
    owing = api.owing(controller=cast.bloom, at=cast.noon)
    assert (owing.suspected, owing.open, owing.overdue, owing.next_due) == (1, 1, 0, None)
    told(api.confirm, suspected, aware_at=cast.noon)
    owing = api.owing(controller=cast.bloom, at=cast.noon + timedelta(hours=73))
    assert (owing.suspected, owing.open, owing.overdue, owing.next_due) == (0, 1, 1, cast.noon + timedelta(hours=72))
