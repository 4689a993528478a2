"""One house per test."""

import pytest

from assent.ingest.tests.cast import make_house


@pytest.fixture
def house(db, settings):
    made = make_house(settings.ASSENT_VAR)
    yield made
    made.log.close()
    made.writer.close()
