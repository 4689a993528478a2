"""The journal lies in two places, knows itself again, and says from where a restore must begin."""

from datetime import timedelta

import pytest

from assent.audit import api as audit, journaling
from assent.audit.contracts import JournalKind
from assent.foundation.clock import now


def say(*subjects, at=None):
    audit.journal(JournalKind.ERASURE, controller=1, subjects=subjects, at=at or now())


def told(path=None, after=0):
    return [line["subjects"] for line in audit.journal_lines(after=after, path=path)]


@pytest.fixture
def elsewhere(settings, tmp_path):
    settings.ASSENT_JOURNAL_COPY = str(tmp_path / "elsewhere")
    return tmp_path / "elsewhere" / "journal.jsonl"


def test_each_line_is_in_the_second_place_at_once(elsewhere):
    say(1)
    say(2)
    assert told(elsewhere) == [["1"], ["2"]]
    assert len(set(audit.journal_copied())) == 1


def test_nobody_waits_for_a_second_place_out_of_reach_and_it_is_caught_up(elsewhere):
    elsewhere.parent.write_text("a file in the way, as a mount that is gone")
    say(1)
    say(2)
    assert told() == [["1"], ["2"]]
    with pytest.raises(OSError, match="elsewhere"):
        audit.send_journal_out()
    elsewhere.parent.unlink()
    assert audit.send_journal_out()
    assert told(elsewhere) == [["1"], ["2"]]


def test_another_houses_journal_is_never_added_to(elsewhere):
    elsewhere.parent.mkdir()
    elsewhere.write_text('{"another": "house"}\n')
    say(1)
    with pytest.raises(OSError, match="another house's"):
        audit.send_journal_out()
    assert elsewhere.read_text() == '{"another": "house"}\n'


def test_without_a_second_place_there_is_nothing_to_copy(settings):
    settings.ASSENT_JOURNAL_COPY = ""
    say(1)
    assert not audit.send_journal_out()
    assert audit.journal_copied() is None


def test_a_journal_is_known_again_when_it_has_grown_and_only_then(tmp_path):
    assert audit.journal_fits(audit.journal_mark(at=now()))
    say(1)
    mark = audit.journal_mark(at=now())
    say(2)
    assert audit.journal_fits(mark)
    grown = audit.journal_file().read_bytes()
    (tmp_path / "changed").write_bytes(grown.replace(b'"1"', b'"3"'))
    (tmp_path / "shorter").write_bytes(grown[: mark.upto - 1])
    assert not audit.journal_fits(mark, path=tmp_path / "changed")
    assert not audit.journal_fits(mark, path=tmp_path / "shorter")
    assert not audit.journal_fits(mark, path=tmp_path / "none")


def test_a_restore_begins_an_hour_before_the_copy(monkeypatch):
    monkeypatch.setattr(journaling, "MARGIN_LINES", 1)
    say(1, at=now() - timedelta(hours=3))
    say(2, at=now() - timedelta(minutes=59))
    say(3)
    assert told(after=audit.journal_mark(at=now()).start) == [["2"], ["3"]]


def test_and_never_with_fewer_lines_than_a_wrong_clock_may_hide(monkeypatch):
    monkeypatch.setattr(journaling, "MARGIN_LINES", 2)
    for subject in (1, 2, 3):
        say(subject, at=now() - timedelta(days=9))
    assert told(after=audit.journal_mark(at=now()).start) == [["2"], ["3"]]


def test_a_line_cut_short_by_a_crash_is_no_part_of_the_mark():
    say(1)
    whole = audit.journal_mark(at=now())
    with audit.journal_file().open("ab") as file:
        file.write(b'{"kind": "era')
    assert audit.journal_mark(at=now()) == whole
