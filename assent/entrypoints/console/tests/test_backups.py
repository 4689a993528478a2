"""The page says from when on nothing erased can come back, what copies there are, and whether the way back was tried."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from assent.foundation import clock
from assent.tenancy.contracts import Role

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


@pytest.fixture
def officer(house, settings, tmp_path):
    settings.ASSENT_BACKUP_FOLDER = str(tmp_path / "shelf")
    settings.ASSENT_BACKUP_RECIPIENTS = ["age1"]
    return house.at_work(Role.PRIVACY_OFFICER)


def put(settings, *, days_ago):
    """Put a copy of the data on the shelf, with its note."""
    place = settings.ASSENT_BACKUP_FOLDER
    made_at = clock.millis(clock.now() - timedelta(days=days_ago))
    note = {"id": "assent-data-a", "kind": "data", "made_at": made_at, "size": 1 << 21, "digest": "0"}
    Path(place).mkdir()
    (Path(place) / "assent-data-a.age").write_bytes(b"sealed")
    (Path(place) / "assent-data-a.json").write_text(json.dumps(note))


def tell(settings, file, **said):
    (settings.ASSENT_VAR / "backups").mkdir()
    (settings.ASSENT_VAR / "backups" / file).write_text(json.dumps(said))


def test_without_copies_it_says_how_to_begin(officer):
    page = officer.get("/backups/").content.decode()
    assert "No copy yet" in page
    assert "ASSENT_BACKUP_FOLDER" in page
    assert "can’t come back from any copy after" in page, "the policy promises a day all the same"


def test_it_lists_copies_and_says_when_one_is_late(officer, settings):
    put(settings, days_ago=3)
    page = officer.get("/backups/").content.decode()
    assert "assent-data-a" in page
    assert "2.0 MB" in page
    assert "late" in page


def test_a_copy_past_its_time_is_named_with_the_cure(officer, settings):
    put(settings, days_ago=31)
    page = officer.get("/backups/").content.decode()
    assert "Copies past their time" in page
    assert "assent backup prune" in page


@pytest.mark.parametrize(("problem", "words"), [("", "rows in 9 tables came back"), ("<b>no key</b>", "&lt;b&gt;no key")])
def test_it_shows_the_last_drill(officer, settings, problem, words):
    tell(
        settings, "drill.json", at=clock.millis(clock.now()), backup="assent-data-a", made_at=None, passed=not problem,
        seconds=2.5, tables=9, rows=1000, people=4, replayed={}, differences=[], problem=problem,
    )  # fmt: skip
    assert words in officer.get("/backups/").content.decode()


def test_the_last_failure_is_shown(officer, settings):
    tell(settings, "trouble.json", at_ms=1, problem="the disk is full")
    assert "the disk is full" in officer.get("/backups/").content.decode()


def test_it_speaks_romanian(officer):
    officer.cookies["django_language"] = "ro"
    assert "Orizontul ștergerii" in officer.get("/backups/").content.decode()


def test_a_marketer_has_no_business_here(house):
    assert house.at_work(Role.MARKETER).get("/backups/").status_code == 403
