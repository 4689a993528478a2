"""The question asked of committed rows: one person, some, and everyone are told the same."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.lawfulness import api
from assent.privacy.lawfulness.contracts import Answer, Operation, Question, Why, verdict_of
from assent.privacy.policy.contracts import Basis
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

LATER = timedelta(minutes=5)


@pytest.fixture
def cast(cast):
    """The same people, known to Bloom; Cleo to Harbour."""
    made = {}
    for brand, names in ((cast.bloom, ("ada", "ben", "dan")), (cast.harbour, ("cleo",))):
        people = [PersonInput({"user_id": name, "email": f"{name}@bloom.example"}) for name in names]
        found = subjects.upsert_many(controller=brand, people=people, by=cast.by, at=cast.noon)
        made |= {name: one.subject for name, one in zip(names, found, strict=True)}
    return replace(cast, **made)


def choose(cast, subject, choice=Choice.GIVEN, *, at=None, channel="email", explicit=False, purpose="direct_marketing"):
    one = ChoiceInput(
        subject, purpose, choice, Method.WEB_FORM, "checkout", channel, f"marketing_{channel}", "", "ro", None, explicit, at
    )
    assert consent.apply_many(controller=cast.bloom, choices=[one], by=cast.by, at=cast.noon) == 1


def stop(cast, subject, kind, *, at=None, **more):
    return suppression.suppress(controller=cast.bloom, kind=kind, subject=subject, by=cast.by, at=at or cast.noon, **more)


def ask(cast, subject, *, controller=None, operation=Operation.USE, purpose="direct_marketing", channel="email", **more):
    question = Question(operation, purpose, subject, more.pop("at", cast.noon + LATER), channel=channel, **more)
    return api.decide(controller=controller or cast.bloom, question=question)


def test_ada_may_be_written_to_and_ben_and_dan_may_not(cast):
    choose(cast, cast.ada)
    choose(cast, cast.ben)
    choose(cast, cast.ben, Choice.WITHDRAWN, channel="any")
    verdict = ask(cast, cast.ada)
    assert (verdict.answer, verdict.basis, verdict.clause) == (Answer.YES, Basis.CONSENT, "gdpr:6(1)(a)")
    assert ask(cast, cast.ben).why is Why.WITHDRAWN
    assert ask(cast, cast.dan).why is Why.NO_CONSENT


def test_a_withdrawal_is_known_the_moment_it_is_committed(cast):
    choose(cast, cast.ada)
    assert ask(cast, cast.ada).yes
    consent.withdraw(
        controller=cast.bloom, subject=cast.ada, purpose="direct_marketing", method=Method.ONE_CLICK, source="message:1",
        by=cast.by, at=cast.noon,
    )  # fmt: skip
    assert ask(cast, cast.ada).why is Why.WITHDRAWN


def test_nobody_of_another_brand_is_known_here(cast):
    assert ask(cast, cast.cleo, purpose="service").why is Why.ERASING
    assert ask(cast, cast.cleo, purpose="service", controller=cast.harbour).yes


def test_without_a_policy_the_answer_is_a_gap(cast):
    nobody = 10**9
    assert ask(cast, cast.ada, controller=nobody).why is Why.NO_POLICY
    everyone = api.allowed(controller=nobody, purpose="service", channel="any", at=cast.noon)
    assert verdict_of(everyone.default).answer is Answer.GAP
    assert api.explain(controller=nobody, subject=cast.ada, at=cast.noon) == []


def test_who_said_yes_by_e_mail_said_yes_to_the_purpose_but_not_to_text_messages(cast):
    choose(cast, cast.ada)
    assert ask(cast, cast.ada, operation=Operation.STORE, channel="any").yes
    assert ask(cast, cast.ada, channel="sms").why is Why.NO_CONSENT


def test_an_order_may_be_confirmed_to_someone_who_objected_to_advertising(cast):
    choose(cast, cast.ada)
    stop(cast, cast.ada, Kind.OBJECTION)
    assert ask(cast, cast.ada).why is Why.OBJECTED
    assert ask(cast, cast.ada, purpose="service").yes


def test_only_a_later_explicit_consent_for_the_purpose_overtakes_an_objection(cast):
    stop(cast, cast.ada, Kind.OBJECTION)
    choose(cast, cast.ada, at=cast.noon + LATER)
    assert ask(cast, cast.ada).why is Why.OBJECTED
    choose(cast, cast.ada, at=cast.noon + 2 * LATER, explicit=True)
    assert ask(cast, cast.ada).yes
    assert ask(cast, cast.ada, purpose="similar_products").why is Why.OBJECTED
    everyone = api.allowed(controller=cast.bloom, purpose="direct_marketing", channel="email", at=cast.noon + LATER)
    assert api.is_yes(everyone.of(np.array([cast.ada]))).all()
    stop(cast, cast.ada, Kind.OBJECTION, at=cast.noon + 3 * LATER)
    assert ask(cast, cast.ada).why is Why.OBJECTED


def test_a_customer_may_get_similar_offers_until_they_say_no(cast):
    assert ask(cast, cast.ada, purpose="similar_products").basis is Basis.SOFT_OPT_IN
    stop(cast, cast.ada, Kind.UNSUBSCRIBE, purpose="similar_products", channel="email")
    assert ask(cast, cast.ada, purpose="similar_products").why is Why.UNSUBSCRIBED


def test_a_stop_by_address_is_seen_with_its_hash(cast):
    choose(cast, cast.ada)
    token = subjects.address_token(controller=cast.bloom, field="email", value="ada@bloom.example")
    suppression.suppress(
        controller=cast.bloom, kind=Kind.BOUNCE, address=("email", token), channel="email", by=cast.by, at=cast.noon
    )
    assert ask(cast, cast.ada, tokens=(token,)).why is Why.ADDRESS_STOPPED
    assert ask(cast, cast.ada, purpose="service", tokens=(token,)).why is Why.ADDRESS_STOPPED
    assert ask(cast, cast.ada, purpose="service", channel="sms", tokens=(token,)).yes


def test_who_is_being_erased_is_left_alone(cast):
    choose(cast, cast.ada)
    subjects.begin_erasure(controller=cast.bloom, subjects=[cast.ada], by=cast.by, at=cast.noon)
    for operation in (Operation.STORE, Operation.USE):
        assert ask(cast, cast.ada, operation=operation).why is Why.ERASING
    everyone = api.allowed(controller=cast.bloom, purpose="service", channel="any", at=cast.noon)
    assert verdict_of(everyone.of(np.array([cast.ada]))[0]).why is Why.ERASING


def test_one_some_and_everyone_are_told_the_same(cast):
    choose(cast, cast.ada)
    choose(cast, cast.ben, channel="sms", explicit=True)
    choose(cast, cast.dan, Choice.WITHDRAWN, channel="any")
    stop(cast, cast.ben, Kind.RESTRICTION, purpose="service")
    stop(cast, cast.ada, Kind.UNSUBSCRIBE, channel="sms")
    stop(cast, cast.dan, Kind.OBJECTION)
    everybody = np.array([cast.dan, cast.ada, cast.ben, cast.dan])
    at = cast.noon + LATER
    purposes = ["direct_marketing", "service", "similar_products", "performance", "legal_accounts", "unheard_of"]
    for operation, channel in product((Operation.STORE, Operation.USE), ("any", "email", "sms", "post")):
        some = api.ask_many(
            controller=cast.bloom, subjects=everybody, purposes=purposes, channel=channel, operation=operation, at=at
        )
        for row, purpose in enumerate(purposes):
            whole = api.allowed(controller=cast.bloom, purpose=purpose, channel=channel, operation=operation, at=at)
            one = [ask(cast, int(s), operation=operation, purpose=purpose, channel=channel, at=at) for s in everybody]
            assert [verdict_of(code) for code in some[row]] == one
            assert [verdict_of(code) for code in whole.of(everybody)] == one


def test_an_explanation_names_every_purpose_and_what_bears_on_it(cast):
    choose(cast, cast.ada)
    stop(cast, cast.ada, Kind.RESTRICTION)
    rows = {(row.purpose, row.channel): row for row in api.explain(controller=cast.bloom, subject=cast.ada, at=cast.noon)}
    row = rows["direct_marketing", "email"]
    assert (row.keep.answer, row.use.why, row.choice, row.stops) == (Answer.YES, Why.RESTRICTED, "given", ("restriction",))
    assert rows["direct_marketing", "sms"].choice == "none"
    assert rows["legal_accounts", "any"].keep.basis is Basis.LEGAL_OBLIGATION
