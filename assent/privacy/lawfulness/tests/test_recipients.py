"""The question about handing data to somebody: only what the instructions leave open, and only while a safeguard is valid."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness import api, rules
from assent.privacy.lawfulness.contracts import Answer, Operation, Question, Why, verdict_of
from assent.privacy.lawfulness.tests.policies import brand
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import FEATURES, SafeguardKind
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def ada(cast):
    """Ada, who agreed to advertising on other sites."""
    (made,) = subjects.upsert_many(controller=cast.bloom, people=[PersonInput({"user_id": "ada"})], by=cast.by, at=cast.noon)
    consent.give(
        controller=cast.bloom, subject=made.subject, purpose="advertising", channel="onsite", wording="advertising_choice",
        method=Method.WEB_FORM, source="banner", language="ro", by=cast.by, at=cast.noon,
    )  # fmt: skip
    return made.subject


def ask(cast, subject, recipient, *, operation=Operation.DISCLOSE, at=None, **more):
    question = Question(
        operation=operation, purpose="advertising", subject=subject, at=at or cast.noon + timedelta(minutes=1),
        recipient=recipient, **more,
    )  # fmt: skip
    return api.decide(controller=cast.bloom, question=question)


def test_a_feature_that_is_excluded_is_refused_to_whoever_agreed_too(cast, ada):
    assert ask(cast, ada, "meta", feature="conversions_api").yes
    for feature in ("custom_audiences", "custom_conversions"):
        verdict = ask(cast, ada, "meta", feature=feature)
        assert (verdict.answer, verdict.why, verdict.clause) == (Answer.NO, Why.EXCLUDED_FEATURE, "gdpr:28(3)(a)")


@pytest.mark.parametrize("feature", FEATURES)
def test_each_known_feature_is_refused_exactly_where_the_instructions_exclude_it(cast, ada, feature):
    excluded = policy.current(controller=cast.bloom).policy.recipients["meta"].instructions.excluded_features
    assert (ask(cast, ada, "meta", feature=feature).why is Why.EXCLUDED_FEATURE) == (feature in excluded)


def test_a_list_of_people_is_refused_for_all_of_them(cast, ada):
    codes = api.ask_many(
        controller=cast.bloom, subjects=np.array([ada, 0]), purposes=["advertising"], channel="onsite",
        operation=Operation.DISCLOSE, at=cast.noon + timedelta(minutes=1), recipient="meta", feature="custom_audiences",
    )  # fmt: skip
    assert {verdict_of(code).why for code in codes[0]} == {Why.EXCLUDED_FEATURE}


def test_nothing_is_handed_to_somebody_the_purpose_does_not_name(cast, ada):
    assert ask(cast, ada, "courier").why is Why.UNDECLARED_RECIPIENT
    assert ask(cast, ada, "").why is Why.UNDECLARED_RECIPIENT


@pytest.mark.parametrize("operation", [Operation.TRANSFER, Operation.DISCLOSE])
def test_a_transfer_stops_at_midnight_of_the_brand_when_its_safeguard_lapses(cast, ada, operation):
    found = policy.current(controller=cast.bloom).policy
    last = found.recipients["meta_us"].safeguard.valid_until
    zone = ZoneInfo(found.controller.time_zone)
    midnight = datetime(last.year, last.month, last.day, tzinfo=zone).astimezone(UTC) + timedelta(days=1)
    before, after = (ask(cast, ada, "meta_us", operation=operation, at=midnight + timedelta(seconds=by)).why for by in (-1, 0))
    assert after is Why.TRANSFER_WITHOUT_SAFEGUARD
    assert before is not Why.TRANSFER_WITHOUT_SAFEGUARD
    assert ask(cast, ada, "meta", at=midnight).why is not Why.TRANSFER_WITHOUT_SAFEGUARD


def test_staff_are_warned_two_months_before_a_safeguard_ends(cast):
    last = policy.current(controller=cast.bloom).policy.recipients["meta_us"].safeguard.valid_until
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)

    def warned(days):
        found = api.ending_safeguards(controller=cast.bloom, at=noon - timedelta(days=days))
        return [(one.recipient, one.last_day, one.days, one.lapsed, one.purposes) for one in found]

    assert warned(61) == []
    assert warned(60) == [("meta_us", last, 60, False, ("advertising",))]
    assert warned(0) == [("meta_us", last, 0, False, ("advertising",))]
    assert warned(-1) == [("meta_us", last, -1, True, ("advertising",))]
    assert api.ending_safeguards(controller=cast.harbour, at=noon) == []


@pytest.mark.parametrize("safeguard", [None, SafeguardKind.PRIVACY_SHIELD])
def test_a_recipient_without_any_valid_safeguard_has_lapsed_already(safeguard):
    whole = brand()
    who = whole.recipients["meta_us"]
    void = who.safeguard.model_copy(update={"kind": safeguard}) if safeguard else None
    changed = whole.model_copy(update={"recipients": {"meta_us": who.model_copy(update={"safeguard": void})}})
    (found,) = rules.ending_safeguards(changed, today=date(2026, 11, 23), within=0)
    assert (found.last_day, found.lapsed) == (None, True)
