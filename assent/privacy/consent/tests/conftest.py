import pytest

from assent.privacy.consent.tests.people import People


@pytest.fixture
def people(cast):
    return People(cast.bloom, cast.by, cast.noon).meet("ada", "ben")
