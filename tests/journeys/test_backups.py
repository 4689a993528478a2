"""The privacy officer looks at the backups: empty, in good order, and in trouble; each page is also given to axe-core."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from assent.foundation import clock
from tests.journeys import world as worlds
from tests.journeys.test_console import barriers

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys", "profiles"])


@pytest.fixture
def shelf(settings, tmp_path):
    """A shelf with a copy of the data and one of the keys, and a drill that passed."""
    place = tmp_path / "shelf"
    settings.ASSENT_BACKUP_FOLDER, settings.ASSENT_BACKUP_RECIPIENTS = str(place), ["age1"]
    for kind, days, folder in (("data", 0, place), ("keys", 0, place / "keys"), ("data", 1, place)):
        folder.mkdir(parents=True, exist_ok=True)
        name = f"assent-{kind}-2026010{days}T023000Z-a1b2c3"
        made_at = clock.millis(clock.now() - timedelta(days=days))
        (folder / f"{name}.age").write_bytes(b"sealed")
        note = {"id": name, "kind": kind, "made_at": made_at, "size": 123_456_789, "digest": "0"}
        (folder / f"{name}.json").write_text(json.dumps(note))
    tell(settings, "drill.json", at=clock.millis(clock.now()), backup="assent-data-20260101T023000Z-a1b2c3", made_at=None,
        passed=True, seconds=4.2, tables=61, rows=1_204_300, people=9_812, replayed={}, differences=[], problem="")  # fmt: skip
    return place


def tell(settings, file, **said):
    path = Path(settings.ASSENT_VAR) / "backups" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(said))


def test_an_officer_sees_the_horizon_and_that_the_way_back_was_tried(visitor, shelf, settings):
    worlds.make()
    for dark, phone, language, words in ((False, False, "en", "Erasure horizon"), (True, True, "ro", "Orizontul ștergerii")):
        someone = visitor(dark=dark, phone=phone, language=language)
        if language == "ro":
            someone.go("/account/login/").click("text=Română")
        page = someone.log_in("privacy_officer@bloom.example", worlds.PASSWORD).go("/backups/")
        assert words in page.inner_text("main")
        assert "117" in page.inner_text("main"), "the size of a copy, in megabytes"
        assert barriers(page) == ""
        tell(settings, "trouble.json", at_ms=clock.millis(clock.now()), problem="the disk is full")


def test_before_anything_is_set_up_the_page_says_how_to_begin(visitor):
    worlds.make()
    page = visitor().log_in("privacy_officer@bloom.example", worlds.PASSWORD).go("/backups/")
    assert "ASSENT_BACKUP_FOLDER" in page.inner_text("main")
    assert barriers(page) == ""
