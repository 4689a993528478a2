"""Without an agreement in force nothing is done for a purpose, whoever it is about; with one, people decide."""

from datetime import timedelta

import numpy as np
import pytest

from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness import api
from assent.privacy.lawfulness.contracts import Answer, NotAgreed, Operation, Question, Why, verdict_of
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from tests.agreements import agree, part

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
DAY = timedelta(days=1)


@pytest.fixture
def ada(cast):
    (made,) = subjects.upsert_many(controller=cast.bloom, people=[PersonInput({"user_id": "ada"})], by=cast.by, at=cast.noon)
    consent.give(
        controller=cast.bloom, subject=made.subject, purpose="direct_marketing", channel="email", wording="marketing_email",
        method=Method.WEB_FORM, source="checkout", language="ro", by=cast.by, at=cast.noon,
    )  # fmt: skip
    return made.subject


def end(cast, solution):
    """End the agreement about a solution of Bloom's a day after noon."""
    part(controller=cast.bloom, solution=solution, at=cast.noon, until_at=cast.noon + DAY)


def ask(cast, subject, *, purpose="direct_marketing", days=0, controller=None, **more):
    asked = {"operation": Operation.USE, "channel": "email"} | more
    question = Question(purpose=purpose, subject=subject, at=cast.noon + days * DAY, **asked)
    return api.decide(controller=controller or cast.bloom, question=question)


def test_from_the_moment_an_agreement_ends_the_answer_is_no(cast, ada):
    end(cast, "crm")
    assert ask(cast, ada, days=0.99).yes
    verdict = ask(cast, ada, days=1)
    assert (verdict.answer, verdict.why, verdict.clause) == (Answer.NO, Why.NO_PROCESSING_AGREEMENT, "gdpr:28(3)")


@pytest.mark.parametrize("operation", Operation)
def test_it_is_no_for_every_operation_and_whatever_the_basis(cast, ada, operation):
    end(cast, "crm")
    for purpose in ("service", "legal_accounts", "similar_products", "direct_marketing"):
        verdict = ask(cast, ada, purpose=purpose, days=1, operation=operation, channel="any", recipient="platform")
        assert verdict.why is Why.NO_PROCESSING_AGREEMENT


def test_other_solutions_and_other_brands_go_on(cast, ada):
    end(cast, "crm")
    anonymous = {"operation": Operation.STORE, "channel": "any", "days": 1}
    assert ask(cast, 0, purpose="performance", **anonymous).why is Why.NO_CONSENT
    assert ask(cast, 0, purpose="service", controller=cast.harbour, **anonymous).yes


def test_a_purpose_of_several_solutions_is_carried_by_any(cast, ada):
    asked = {"purpose": "privacy_requests", "operation": Operation.STORE, "channel": "any", "days": 1}
    serving = [
        key for key, said in policy.current(controller=cast.bloom).policy.solutions.items() if asked["purpose"] in said.purposes
    ]
    assert {"crm", "website"} <= set(serving)
    for solution in serving:
        assert ask(cast, ada, **asked).yes
        end(cast, solution)
    assert ask(cast, ada, **asked).why is Why.NO_PROCESSING_AGREEMENT


def test_a_joint_arrangement_that_is_missing_is_called_so(cast, ada):
    asked = {"purpose": "shared_insight", "operation": Operation.STORE, "channel": "any", "days": 1}
    assert ask(cast, ada, **asked).why is Why.NO_CONSENT
    end(cast, "ecosystem")
    verdict = ask(cast, ada, **asked)
    assert (verdict.why, verdict.clause) == (Why.NO_JOINT_ARRANGEMENT, "gdpr:26(1)")


def test_one_some_and_everyone_are_told_the_same(cast, ada):
    end(cast, "crm")
    at = cast.noon + DAY
    asked = {"controller": cast.bloom, "channel": "email", "at": at}
    some = api.ask_many(subjects=np.array([ada, 0]), purposes=["direct_marketing"], operation=Operation.USE, **asked)
    everyone = api.allowed(purpose="direct_marketing", **asked)
    assert {verdict_of(code).why for code in [*some[0], everyone.default]} == {Why.NO_PROCESSING_AGREEMENT}
    assert len(everyone.subjects) == 0
    rows = api.explain(controller=cast.bloom, subject=ada, at=at)
    assert {row.use.why for row in rows if row.purpose == "service"} == {Why.NO_PROCESSING_AGREEMENT}


def test_a_new_agreement_opens_what_the_old_one_closed(cast, ada):
    end(cast, "crm")
    agree(controller=cast.bloom, at=cast.noon + 3 * DAY)
    assert [ask(cast, ada, days=days).yes for days in (0, 1, 2, 3)] == [True, False, False, True]


def test_a_verb_that_needs_an_agreement_says_which_is_missing(cast):
    asked = {"controller": cast.bloom, "at": cast.noon + DAY}
    assert api.unagreed(purposes=["service", "performance"], **asked) == {}
    end(cast, "crm")
    assert api.unagreed(purposes=["service", "performance", "unheard_of"], **asked) == {
        "service": Why.NO_PROCESSING_AGREEMENT,
        "unheard_of": Why.NO_SOLUTION,
    }
    with pytest.raises(NotAgreed, match="assent agreement accept"):
        api.require_agreement(purpose="service", **asked)
    for solution in ("website", "loyalty", "location", "ecosystem"):
        api.require_agreement(**asked)
        end(cast, solution)
    with pytest.raises(NotAgreed):
        api.require_agreement(**asked)
    with pytest.raises(NoPolicy):
        api.require_agreement(controller=10**9, at=cast.noon)


def test_every_purpose_of_our_own_policies_is_served_by_a_solution():
    from assent.privacy.lawfulness.rules import unagreed
    from assent.privacy.lawfulness.tests.policies import BUNDLE

    for slug in ("brand", "bloom", "harbour", "orbit", "processlab"):
        said = policy.load(BUNDLE.parent / slug).policy
        signed = {(key, solution.agreement) for key, solution in said.solutions.items()}
        assert [purpose for purpose in said.purposes if unagreed(said, purpose, signed)] == []
