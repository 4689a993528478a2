"""What a policy settles about a question before any person is looked at."""

from datetime import date, timedelta

import pytest

from assent.privacy.lawfulness.contracts import Answer, Operation, Verdict, Why, code_of, is_yes, verdict_of
from assent.privacy.lawfulness.facts import State
from assent.privacy.lawfulness.rules import STATES, decide, frame, table
from assent.privacy.lawfulness.tests.policies import AGREED, brand, policy_with
from assent.privacy.policy.contracts import Basis, SafeguardKind

TODAY = date(2026, 11, 23)
CONTRACT = {"basis": Basis.CONTRACT, "channels": ("email",), "operations": tuple(Operation)}


def why(policy, *, purpose="asked", operation=Operation.USE, channel="any", data=(), recipient="", feature="", today=TODAY):
    ask = frame(
        policy, purpose=purpose, operation=operation, channel=channel, data=frozenset(data), today=today, agreed=AGREED,
        recipient=recipient, feature=feature,
    )  # fmt: skip
    return decide(ask, 0).why


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, Why.ALLOWED),
        ({"purpose": "unheard_of"}, Why.UNDECLARED_PURPOSE),
        ({"data": ["thing"]}, Why.ALLOWED),
        ({"data": ["thing", "email"]}, Why.UNDECLARED_DATA),
        ({"data": ["unheard_of"]}, Why.UNDECLARED_DATA),
        ({"channel": "sms"}, Why.CHANNEL_NOT_DECLARED),
        ({"channel": "unheard_of"}, Why.CHANNEL_NOT_DECLARED),
        ({"operation": Operation.DISCLOSE}, Why.UNDECLARED_RECIPIENT),
        ({"operation": Operation.DISCLOSE, "recipient": "self"}, Why.UNDECLARED_RECIPIENT),
        ({"operation": Operation.DISCLOSE, "recipient": "meta"}, Why.UNDECLARED_RECIPIENT),
        ({"operation": Operation.DISCLOSE, "recipient": "courier"}, Why.ALLOWED),
        ({"recipient": "courier"}, Why.ALLOWED),
        ({"recipient": "self"}, Why.ALLOWED),
    ],
)
def test_what_is_not_declared_is_a_gap(asked, reason):
    found = why(policy_with(**CONTRACT), **asked)
    assert found is reason
    assert found.answer is (Answer.YES if reason is Why.ALLOWED else Answer.GAP)


def test_an_operation_the_purpose_does_not_name_is_a_gap():
    policy = policy_with(**{**CONTRACT, "operations": (Operation.STORE,)})
    assert why(policy, operation=Operation.STORE) is Why.ALLOWED
    assert why(policy) is Why.UNDECLARED_OPERATION


def test_a_new_purpose_waits_until_people_were_told():
    policy = policy_with(**CONTRACT, starts_on=TODAY)
    assert why(policy, today=TODAY - timedelta(days=1)) is Why.NOT_YET
    assert why(policy) is Why.ALLOWED


def with_recipient(key, **changed):
    policy = policy_with(**CONTRACT, recipients=(key,))
    who = policy.recipients[key]
    return policy.model_copy(update={"recipients": {**policy.recipients, key: who.model_copy(update=changed)}})


def test_instructions_that_exclude_a_feature_are_followed():
    policy = with_recipient("meta")
    asked = {"operation": Operation.DISCLOSE, "recipient": "meta"}
    assert why(policy, **asked, feature="page_views") is Why.ALLOWED
    assert why(policy, **asked, feature="custom_audiences") is Why.EXCLUDED_FEATURE


@pytest.mark.parametrize("operation", [Operation.TRANSFER, Operation.DISCLOSE, Operation.USE])
def test_data_leave_the_area_only_under_a_safeguard_that_is_valid_that_day(operation):
    safe = brand().recipients["meta_us"].safeguard
    asked = {"operation": operation, "recipient": "meta_us"}
    assert why(with_recipient("meta_us"), **asked) is Why.ALLOWED
    assert why(with_recipient("meta_us"), **asked, today=safe.valid_until) is Why.ALLOWED
    assert why(with_recipient("meta_us"), **asked, today=safe.valid_until + timedelta(days=1)) is Why.TRANSFER_WITHOUT_SAFEGUARD
    assert why(with_recipient("meta_us", safeguard=None), **asked) is Why.TRANSFER_WITHOUT_SAFEGUARD
    shield = safe.model_copy(update={"kind": SafeguardKind.PRIVACY_SHIELD})
    assert why(with_recipient("meta_us", safeguard=shield), **asked) is Why.TRANSFER_WITHOUT_SAFEGUARD
    assert why(with_recipient("meta_us", country="NO", safeguard=None), **asked) is Why.ALLOWED


def test_a_question_that_names_no_data_is_about_all_of_them():
    policy = policy_with(**CONTRACT, special=True)
    assert why(policy) is Why.SPECIAL_WITHOUT_CONDITION
    whole = policy.model_copy(
        update={"purposes": {"asked": policy.purposes["asked"].model_copy(update={"data": ("thing", "email")})}}
    )
    assert why(whole, data=["email"]) is Why.ALLOWED
    assert why(whole) is Why.SPECIAL_WITHOUT_CONDITION


def test_every_reason_has_a_clause_and_a_sentence_in_both_languages():
    for reason in Why:
        assert reason.clause or reason is Why.ALLOWED
        assert reason.sentence("en") != reason.sentence("ro")


def test_memory_nobody_has_written_to_allows_nothing():
    assert verdict_of(0).answer is not Answer.YES


def test_codes_and_verdicts_are_one_to_one_and_a_yes_shows():
    verdicts = [Verdict(reason.answer, reason, reason.clause) for reason in Why if reason is not Why.ALLOWED]
    verdicts += [Verdict(Answer.YES, Why.ALLOWED, basis.clause, basis) for basis in Basis]
    codes = [code_of(verdict) for verdict in verdicts]
    assert len(set(codes)) == len(codes)
    assert [verdict_of(code) for code in codes] == verdicts
    for operation in Operation:
        ask = frame(
            policy_with(**CONTRACT), purpose="asked", operation=operation, channel="email", data=frozenset(), today=TODAY,
            agreed=AGREED, recipient=None,
        )  # fmt: skip
        assert list(is_yes(table(ask))) == [decide(ask, state).yes for state in range(STATES)]


@pytest.mark.parametrize(
    ("basis", "terms", "reason"),
    [
        (Basis.LEGAL_OBLIGATION, ("RightsFulfilment",), Why.ALLOWED),
        (Basis.LEGAL_OBLIGATION, ("LegalCompliance",), Why.RESTRICTED),
        (Basis.LEGITIMATE_INTERESTS, ("RightsFulfilment",), Why.RESTRICTED),
        (Basis.CONTRACT, (), Why.RESTRICTED),
    ],
)
def test_whoever_had_their_data_frozen_is_still_answered_and_nothing_else_is_done(basis, terms, reason):
    policy = policy_with(basis=basis, channels=("email",), dpv=terms)
    ask = frame(
        policy, purpose="asked", operation=Operation.USE, channel="email", data=frozenset(), today=TODAY, agreed=AGREED,
        recipient="self",
    )  # fmt: skip
    assert decide(ask, State.RESTRICTED).why is reason
    assert decide(ask, State.RESTRICTED | State.LEGAL_STOP).why is Why.LEGAL_STOP
    assert decide(ask, State.RESTRICTED | State.ERASING).why is Why.ERASING
