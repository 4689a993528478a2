"""The book catches every kind of tampering."""

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from assent.audit import api, book, models
from assent.audit.contracts import Actor, Did
from assent.foundation.clock import now

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def _written():
    for place in range(5):
        api.write(Did.SUBJECTS_MADE, controller=1, by=Actor.system("test"), at=now(), about=2**62 + place, detail={"n": place})
    api.seal_pending()
    api.checkpoint(at=now())


def tamper(sql, *values):
    """Do what only somebody with the file or the server's keys can: switch the triggers off first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_line DISABLE TRIGGER USER")
            cursor.execute(sql, values)
            cursor.execute("ALTER TABLE audit_line ENABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_line'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql, values)
            for _, text in triggers:
                cursor.execute(text)


@pytest.mark.usefixtures("_written")
def test_an_untouched_book_holds():
    assert api.verify() == []
    assert [entry.number for _, entry in api.entries(controller=1)] == [5, 4, 3, 2, 1]
    assert [entry.number for _, entry in api.entries(controller=1, about=2**62 + 3)] == [4]
    assert api.entries(controller=2) == []


@pytest.mark.usefixtures("_written")
def test_it_finds_a_changed_line():
    tamper("UPDATE audit_line SET detail = %s WHERE number = 3", '{"n":9}')
    assert [p.number for p in api.verify()] == [3]


@pytest.mark.usefixtures("_written")
def test_it_finds_a_missing_line():
    tamper("DELETE FROM audit_line WHERE number = 3")
    assert any(p.number == 3 and "missing" in p.what for p in api.verify())


@pytest.mark.usefixtures("_written")
def test_it_finds_two_lines_that_changed_places():
    tamper("UPDATE audit_line SET number = 99 WHERE number = 2")
    tamper("UPDATE audit_line SET number = 2 WHERE number = 3")
    tamper("UPDATE audit_line SET number = 3 WHERE number = 99")
    assert {p.number for p in api.verify()} >= {2, 3}


@pytest.mark.usefixtures("_written")
def test_it_finds_that_the_end_was_cut_off():
    tamper("DELETE FROM audit_line WHERE number >= 4")
    assert ["the book ends at 3" in p.what for p in api.verify()] == [True]


@pytest.mark.usefixtures("_written")
def test_it_finds_a_chain_written_anew():
    tamper("UPDATE audit_line SET number = NULL, hash = NULL, detail = '{}'")
    api.seal_pending()
    assert any("written anew" in p.what for p in api.verify())


@pytest.mark.usefixtures("_written")
def test_it_finds_a_forged_checkpoint():
    book.append(book.checkpoint_file(), {"number": 5, "hash": "00" * 32, "at_ms": 1, "signature": "00" * 64})
    assert any("signature" in p.what for p in api.verify())


@pytest.mark.usefixtures("_written")
def test_the_engine_refuses_to_change_or_delete_a_line():
    line = models.Line.objects.get(number=2)
    for change in ({"detail": "{}"}, {"number": 77}, {"about": None}):
        with pytest.raises((IntegrityError, InternalError, Exception), match="append only"), transaction.atomic():
            models.Line.objects.filter(id=line.id).update(**change)
    with pytest.raises(Exception, match="append only"), transaction.atomic():
        models.Line.objects.filter(id=line.id).delete()


@pytest.mark.usefixtures("_written")
def test_a_line_whose_deed_was_rolled_back_was_never_written():
    with transaction.atomic():
        api.write(Did.SUBJECTS_MADE, controller=1, by=Actor.system("test"), at=now())
        transaction.set_rollback(True)
    assert api.seal_pending() == 0


def test_a_detail_that_is_a_text_is_refused():
    with pytest.raises(ValueError, match="write an id or a code"):
        api.write(Did.SUBJECTS_MADE, controller=1, by=Actor.system("test"), at=now(), detail={"note": "x" * 201})


def test_a_half_line_left_by_a_crash_spoils_no_other(tmp_path):
    path = tmp_path / "journal.jsonl"
    book.append(path, {"a": 1})
    with path.open("ab") as file:
        file.write(b'{"a":')
    book.append(path, {"a": 2})
    assert list(book.lines(path)) == [{"a": 1}, {"a": 2}]
