"""What people agreed to and what the policy has become: nobody is silently kept, nobody silently dropped."""

import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.lawfulness import api
from assent.privacy.lawfulness.contracts import Operation, Question, Why, verdict_of
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import AskedAgain
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

POLICIES = Path(__file__).parents[4] / "policies"
LATER = timedelta(minutes=5)
NEWS = "direct_marketing"
SHARED = """recipients: [platform]
    retention: {duration: P3Y, counted_from: last_interaction, then: ask_again}
    channels: [email, sms, push]"""


@pytest.fixture
def house(tmp_path):
    return shutil.copytree(POLICIES, tmp_path / "policies")


@pytest.fixture
def cast(cast):
    """Ada, Ben and Dan, known to Bloom."""
    people = [PersonInput({"user_id": name}) for name in ("ada", "ben", "dan")]
    found = subjects.upsert_many(controller=cast.bloom, people=people, by=cast.by, at=cast.noon)
    return replace(cast, **dict(zip(("ada", "ben", "dan"), (one.subject for one in found), strict=True)))


def choose(cast, subject, choice=Choice.GIVEN, *, at=None, channel="email", explicit=False):
    one = ChoiceInput(
        subject, NEWS, choice, Method.WEB_FORM, "checkout", channel, f"marketing_{channel}", "", "ro", None, explicit,
        at or cast.noon,
    )  # fmt: skip
    assert consent.apply_many(controller=cast.bloom, choices=[one], by=cast.by, at=cast.noon) == 1


def ask(cast, subject, *, operation=Operation.USE, channel="email", at=None):
    question = Question(operation, NEWS, subject, at or cast.noon + LATER, channel=channel)
    return api.decide(controller=cast.bloom, question=question)


def change(house, before, after, file="policy.yaml"):
    path = house / "brand" / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))


def share_with_meta(house):
    change(house, SHARED, SHARED.replace("[platform]", "[platform, meta]"))


def publish(cast, house, **more):
    return policy.publish(controller=cast.bloom, bundle=house / "bloom", by=cast.by, at=cast.noon + LATER, **more)


def test_a_new_recipient_is_not_agreed_to_until_people_are_asked_again(cast, house):
    choose(cast, cast.ada)
    assert ask(cast, cast.ada).yes
    share_with_meta(house)
    assert publish(cast, house).outdated == {NEWS: frozenset({1})}

    verdict = ask(cast, cast.ada)
    assert (verdict.why, verdict.clause) == (Why.CONSENT_OUTDATED, "gdpr:7(1)")
    assert ask(cast, cast.ada, operation=Operation.STORE).why is Why.CONSENT_OUTDATED, "storing rests on it, too"
    choose(cast, cast.ada, at=cast.noon + LATER)
    assert ask(cast, cast.ada).yes


def test_the_book_and_a_row_say_who_is_asked_again_and_why(cast, house):
    share_with_meta(house)
    publish(cast, house)
    [line, _] = [line for _, line in audit.entries(controller=cast.bloom, did=Did.POLICY_PUBLISHED)]
    assert line.detail["ask_again"] == NEWS
    assert policy.asked_again(controller=cast.bloom, number=2) == [AskedAgain(NEWS, (1,), ("recipient:meta",))]


def test_a_typo_is_the_officers_to_mark(cast, house):
    choose(cast, cast.ada)
    change(
        house, "We send you news and offers on the channels you choose", "We send news and offers on the channels you choose"
    )
    path = f"purposes.{NEWS}.description"
    assert publish(cast, house, same_meaning=[path]).outdated == {}
    assert ask(cast, cast.ada).yes
    change(house, "We send news and offers", "We sell your data and send offers")
    publish(cast, house)
    assert ask(cast, cast.ada).why is Why.CONSENT_OUTDATED


def test_a_change_elsewhere_asks_nobody(cast, house):
    choose(cast, cast.ada)
    change(house, "We take your order", "We take your order gladly")
    (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
    found = publish(cast, house)
    assert (found.number, found.outdated) == (2, {})
    assert found.purpose_digests[NEWS] != policy.at_number(controller=cast.bloom, number=1).purpose_digests[NEWS]
    assert ask(cast, cast.ada).yes


def test_who_agreed_to_more_or_to_the_very_same_counts_after_a_rollback(cast, house):
    choose(cast, cast.ada)
    share_with_meta(house)
    publish(cast, house)
    choose(cast, cast.ben, at=cast.noon + LATER)
    assert (ask(cast, cast.ada).why, ask(cast, cast.ben).yes) == (Why.CONSENT_OUTDATED, True)

    found = policy.rollback(controller=cast.bloom, to=1, by=cast.by, at=cast.noon + LATER)
    assert (found.number, found.outdated) == (3, {})
    assert ask(cast, cast.ada).yes
    assert ask(cast, cast.ben).yes


def test_a_withdrawal_and_an_end_hold_as_before(cast, house):
    for subject in (cast.ada, cast.ben):
        choose(cast, subject)
    choose(cast, cast.ben, Choice.WITHDRAWN, channel="any", at=cast.noon + LATER)
    share_with_meta(house)
    publish(cast, house)
    assert ask(cast, cast.ben).why is Why.WITHDRAWN
    assert ask(cast, cast.dan).why is Why.NO_CONSENT
    choose(cast, cast.ada, Choice.WITHDRAWN, channel="any", at=cast.noon + LATER)
    assert ask(cast, cast.ada).why is Why.WITHDRAWN


def test_an_outgrown_consent_overtakes_no_objection(cast, house):
    suppression.suppress(controller=cast.bloom, kind=Kind.OBJECTION, subject=cast.ada, by=cast.by, at=cast.noon)
    choose(cast, cast.ada, at=cast.noon + LATER, explicit=True)
    assert ask(cast, cast.ada, at=cast.noon + 2 * LATER).yes
    share_with_meta(house)
    publish(cast, house)
    assert ask(cast, cast.ada, at=cast.noon + 2 * LATER).why is Why.OBJECTED


def test_one_some_and_everyone_are_told_the_same_about_outgrown_consents(cast, house):
    choose(cast, cast.ada)
    choose(cast, cast.ben, channel="sms", explicit=True)
    choose(cast, cast.ben, channel="email")
    share_with_meta(house)
    publish(cast, house)
    choose(cast, cast.ben, channel="email", at=cast.noon + LATER)
    choose(cast, cast.dan, channel="push", at=cast.noon + LATER)
    everybody, at, seen = np.array([cast.dan, cast.ada, cast.ben]), cast.noon + 2 * LATER, set()
    for operation, channel in product((Operation.STORE, Operation.USE), ("any", "email", "sms", "push")):
        some = api.ask_many(
            controller=cast.bloom, subjects=everybody, purposes=[NEWS], channel=channel, operation=operation, at=at
        )
        whole = api.allowed(controller=cast.bloom, purpose=NEWS, channel=channel, operation=operation, at=at)
        one = [ask(cast, int(subject), operation=operation, channel=channel, at=at) for subject in everybody]
        assert [verdict_of(code) for code in some[0]] == one
        assert [verdict_of(code) for code in whole.of(everybody)] == one
        seen |= {(channel, verdict.why) for verdict in one}
    assert ("sms", Why.CONSENT_OUTDATED) in seen
    assert ask(cast, cast.ben, channel="any", at=at).yes, "a yes that still stands on one channel is a yes to the purpose"


def test_a_merge_carries_over_which_terms_were_agreed_to(cast, house):
    choose(cast, cast.ada)
    consent.on_merge(controller=cast.bloom, into=cast.dan, other=cast.ada, by=cast.by, at=cast.noon)
    assert ask(cast, cast.dan).yes
    share_with_meta(house)
    publish(cast, house)
    assert ask(cast, cast.dan).why is Why.CONSENT_OUTDATED


def test_a_yes_whose_terms_nobody_knows_is_not_guessed_at(cast, house):
    choose(cast, cast.ada)
    with scope.controller(cast.bloom), connection.cursor() as cursor:
        cursor.execute("UPDATE consent_standing SET version = 0")
    assert ask(cast, cast.ada).yes, "nothing was outgrown yet"
    share_with_meta(house)
    publish(cast, house)
    assert ask(cast, cast.ada).why is Why.CONSENT_OUTDATED


def test_an_explanation_says_ask_again(cast, house):
    choose(cast, cast.ada)
    share_with_meta(house)
    publish(cast, house)
    rows = {(row.purpose, row.channel): row for row in api.explain(controller=cast.bloom, subject=cast.ada, at=cast.noon)}
    assert rows[NEWS, "email"].choice == "outdated"
    assert rows[NEWS, "email"].use.why is Why.CONSENT_OUTDATED
