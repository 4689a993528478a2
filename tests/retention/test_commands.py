"""The same by command: what is left is found, let go, and then nothing is."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assent.foundation.clock import now
from tests.retention.conftest import ADDRESS

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def said(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_orphans_are_counted_until_a_run_has_let_them_end(house):
    began = now() - timedelta(days=40)
    house.meet("ada", began, **ADDRESS)
    house.says_yes("ada", began)
    house.says_no("ada", began + timedelta(days=1))
    with pytest.raises(CommandError):
        said("orphans", "--controller", "bloom")
    assert "direct_marketing:withdrawn: 1" in said("retention", "run", "--controller", "bloom")
    assert said("orphans", "--controller", "bloom") == "0 records without a live purpose\n"
    assert "removed subjects" in said("retention", "report", "--controller", "bloom")


def test_a_hold_is_made_and_released_by_command(house):
    until = (date.today() + timedelta(days=9)).isoformat()  # noqa: DTZ011 - any day ahead
    words = ("retention", "hold", "--controller", "bloom", "--reason", "claim", "--reference", "C-1", "--until", until)
    number = said(*words).split()[1]
    assert "claim C-1" in said("retention", "holds", "--controller", "bloom")
    said("retention", "release", number, "--controller", "bloom")
    assert said("retention", "holds", "--controller", "bloom") == ""
    with pytest.raises(CommandError, match="released before"):
        said("retention", "release", number, "--controller", "bloom")


def test_nothing_is_foretold_before_the_first_run(house):
    with pytest.raises(CommandError, match="nothing is counted"):
        said("retention", "preview", "--controller", "bloom", "--by", "2030-01-01")
    said("retention", "run", "--controller", "bloom")
    assert "0 people go whole" in said("retention", "preview", "--controller", "bloom", "--by", "2030-01-01")
