"""The words of an agreement as one text: the same whenever they are, another for any change, and readable again."""

import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Kind
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementKind, EndChoice, TextChanged
from tests.agreements import administrator

pytestmark = pytest.mark.django_db(databases=["default"])


def test_the_text_holds_every_language_and_names_the_policy_it_comes_from(cast):
    found = policy.current(controller=cast.bloom)
    text = api.agreement_text(edition=api.edition(controller=cast.bloom), solution="crm")
    assert (text.kind, text.languages) == (AgreementKind.PROCESSING, ("ro", "en"))
    assert (text.policy_number, text.policy_digest) == (1, found.digest)
    written = api.agreement_documents(text.text)
    assert [one.language for one in written] == ["ro", "en"]
    assert {one.kind for one in written} == {Kind.PROCESSING_AGREEMENT}
    edition = api.edition(controller=cast.bloom)
    assert written[1] == api.build(edition=edition, kind=Kind.PROCESSING_AGREEMENT, language="en", solution="crm")


def test_the_digest_is_the_same_for_the_same_policy_and_another_for_another_brand_or_solution(cast):
    def digest(controller, solution):
        return api.agreement_text(edition=api.edition(controller=controller), solution=solution).digest

    assert digest(cast.bloom, "crm") == digest(cast.bloom, "crm")
    assert len({digest(cast.bloom, "crm"), digest(cast.harbour, "crm"), digest(cast.bloom, "website")}) == 3


def test_a_joint_solution_gets_an_arrangement(cast):
    text = api.agreement_text(edition=api.edition(controller=cast.bloom), solution="ecosystem")
    assert text.kind is AgreementKind.JOINT
    assert {one.kind for one in api.agreement_documents(text.text)} == {Kind.JOINT_ARRANGEMENT}


def test_nothing_is_drawn_up_for_a_solution_that_needs_no_agreement(cast):
    with pytest.raises(LookupError, match="no agreement is needed"):
        api.agreement_text(edition=api.edition(controller=cast.bloom), solution="unheard_of")


def test_what_was_read_is_accepted_only_while_the_policy_gives_the_same_words(cast):
    by, at = administrator(controller=cast.bloom, at=cast.noon), cast.noon
    held = tenancy.in_force(controller=cast.bloom, solution="crm", at=at)
    tenancy.end_agreement(
        controller=cast.bloom, agreement=held.id, choice=EndChoice.DELETE, due_on=at.date(), reason="anew", by=by, at=at
    )
    offered = api.offer_agreement(controller=cast.bloom, solution="crm", by=by, at=at)
    said = {"controller": cast.bloom, "agreement": offered.id, "name": "Dana", "position": "Director", "by": by, "at": at}
    with pytest.raises(TextChanged):
        api.accept_agreement(digest=held.digest, **said)
    assert api.accept_agreement(digest=offered.digest, **said).acceptance
    assert tenancy.in_force(controller=cast.bloom, solution="crm", at=at).id == offered.id
