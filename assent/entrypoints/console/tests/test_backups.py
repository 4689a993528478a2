"""The page says from when on nothing erased can come back, what copies there are, and whether the way back was tried."""

import json
from datetime import timedelta

import pytest

from assent.backups import drilling, shelf
from assent.backups.contracts import Drill, Kind
from assent.foundation import clock
from assent.tenancy.contracts import Role

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


@pytest.fixture
def officer(house, settings, tmp_path):
    settings.ASSENT_BACKUP_FOLDER = str(tmp_path / "shelf")
    settings.ASSENT_BACKUP_RECIPIENTS = ["age1"]
    return house.at_work(Role.PRIVACY_OFFICER)


def put(kind, *, days_ago, name):
    made_at = clock.now() - timedelta(days=days_ago)
    with shelf.draft(name, kind) as file:
        file.write(b"sealed")
    return shelf.put(name, kind, made_at=made_at, size=1 << 21, digest="0")


def test_without_copies_it_says_how_to_begin(officer):
    page = officer.get("/backups/").content.decode()
    assert "No copy yet" in page
    assert "ASSENT_BACKUP_FOLDER" in page
    assert "can’t come back from any copy after" in page, "the policy promises a day all the same"


def test_it_lists_copies_and_says_when_one_is_late(officer):
    put(Kind.DATA, days_ago=3, name="assent-data-a")
    page = officer.get("/backups/").content.decode()
    assert "assent-data-a" in page
    assert "2.0 MB" in page
    assert "late" in page


def test_a_copy_past_its_time_is_named_with_the_cure(officer):
    put(Kind.DATA, days_ago=31, name="assent-data-a")
    page = officer.get("/backups/").content.decode()
    assert "Copies past their time" in page
    assert "assent backup prune" in page


@pytest.mark.parametrize(("problem", "words"), [("", "rows in 9 tables came back"), ("<b>no key</b>", "&lt;b&gt;no key")])
def test_it_shows_the_last_drill(officer, settings, problem, words):
    (settings.ASSENT_VAR / "backups").mkdir()
    drilling._keep(Drill(clock.now(), "assent-data-a", None, not problem, 2.5, 9, 1000, 4, {}, (), problem))
    assert words in officer.get("/backups/").content.decode()


def test_the_last_failure_is_shown(officer, settings):
    (settings.ASSENT_VAR / "backups").mkdir()
    (settings.ASSENT_VAR / "backups" / "trouble.json").write_text(json.dumps({"at_ms": 1, "problem": "the disk is full"}))
    assert "the disk is full" in officer.get("/backups/").content.decode()


def test_it_speaks_romanian(officer):
    officer.cookies["django_language"] = "ro"
    assert "Orizontul ștergerii" in officer.get("/backups/").content.decode()


def test_a_marketer_has_no_business_here(house):
    assert house.at_work(Role.MARKETER).get("/backups/").status_code == 403
