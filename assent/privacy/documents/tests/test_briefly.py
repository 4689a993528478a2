"""One purpose in short, beside a person's own data."""

import pytest

from assent.privacy.documents import api as documents
from assent.privacy.documents.tests.bundles import POLICIES
from assent.privacy.policy import api as policies


def brand():
    return policies.load(POLICIES / "brand").policy


@pytest.mark.parametrize("language", documents.LANGUAGES)
def test_every_purpose_says_why_how_long_from_where_and_to_whom(language):
    policy = brand()
    for key, purpose in policy.purposes.items():
        brief = documents.briefly(policy, key, language)
        assert brief.title == purpose.title.say(language)
        assert all([brief.description, brief.because, brief.clause, brief.kept, brief.sources])
        assert brief.kept.endswith(".")
        assert [name for name, _ in brief.receives] == [policy.recipients[one].name for one in purpose.recipients]


def test_a_statute_stands_behind_a_legal_duty_and_a_country_behind_a_transfer():
    policy = brand()
    assert documents.briefly(policy, "legal_accounts", "en").behind == "Accounting Act no. 82/1991."
    abroad = dict(documents.briefly(policy, "advertising", "en").receives)
    assert "United States" in abroad[policy.recipients["meta_us"].name]
