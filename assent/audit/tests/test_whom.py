"""Whom a leaked key touched: everybody, nobody else, and only if the ids still fit the chain."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from assent.audit import api, models
from assent.audit.contracts import Actor, Did

pytestmark = pytest.mark.django_db(databases="__all__")

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAKED, OTHER = Actor.key(7), Actor.key(8)
HIGH = 2**63 - 1


def read_one(subject, *, by=LEAKED, at=NOON, controller=1):
    api.write(Did.IDENTIFIERS_READ, controller=controller, by=by, at=at, about=subject)


def read_many(*subjects, by=LEAKED, at=NOON, controller=1):
    return api.write_bulk(Did.SEGMENT_READ, controller=controller, by=by, at=at, subjects=subjects)


def whom(*, by=("key:7",), did=(Did.IDENTIFIERS_READ, Did.SEGMENT_READ), since=NOON, until=NOON + timedelta(hours=1)):
    return {found.did: found for found in api.concerned(controller=1, by=by, did=did, since=since, until=until)}


def test_it_names_each_person_once_whether_read_singly_or_in_bulk():
    read_one(11)
    read_one(11)
    read_one(12)
    read_many(HIGH, 11, 3)
    read_many(3, 4)
    found = whom()
    assert found[Did.IDENTIFIERS_READ].subjects.tolist() == [11, 12]
    assert found[Did.IDENTIFIERS_READ].lines == 3
    assert found[Did.SEGMENT_READ].subjects.tolist() == [3, 4, 11, HIGH]
    assert found[Did.SEGMENT_READ].lines == 2


def test_it_leaves_out_other_keys_other_brands_other_words_and_other_times():
    read_one(11)
    read_one(12, by=OTHER)
    read_one(13, controller=2)
    read_one(14, at=NOON - timedelta(milliseconds=1))
    read_one(15, at=NOON + timedelta(hours=1))
    read_many(16, 17, by=OTHER)
    assert {word: found.subjects.tolist() for word, found in whom().items()} == {Did.IDENTIFIERS_READ: [11]}
    assert whom(did=(Did.FILE_READ,)) == {}


def test_without_a_doer_it_is_every_key_and_member_of_staff_and_never_the_system_or_the_person():
    read_one(11)
    read_one(12, by=Actor.staff(3))
    read_one(13, by=Actor.system("campaigns"))
    read_one(14, by=Actor.person())
    read_many(15, by=Actor.system("campaigns"))
    read_many(16, by=Actor.staff(3))
    found = whom(by=())
    assert [found[Did.IDENTIFIERS_READ].subjects.tolist(), found[Did.SEGMENT_READ].subjects.tolist()] == [[11, 12], [16]]


def test_ids_that_no_longer_fit_their_digest_are_reported_and_not_believed():
    line = read_many(3, 4)
    with connection.cursor() as cursor:
        for trigger in _triggers(cursor):
            cursor.execute(f"DROP TRIGGER {trigger}" + (" ON audit_whom" if connection.vendor == "postgresql" else ""))
    models.Whom.objects.filter(line=line).update(subjects=np.array([3, 5], "<i8").tobytes())
    found = whom()[Did.SEGMENT_READ]
    assert (found.altered, found.subjects.tolist(), found.lines) == (1, [], 1)


def _triggers(cursor):
    if connection.vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_whom'::regclass AND NOT tgisinternal")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_whom'")
    return [name for (name,) in cursor.fetchall()]


def test_people_of_lines_from_before_ids_were_kept_are_counted_and_said_to_be_unnamed():
    detail = {"people": 300, "digest": "0" * 64}
    api.write(Did.SEGMENT_READ, controller=1, by=LEAKED, at=NOON, detail=detail)
    found = whom()[Did.SEGMENT_READ]
    assert (found.unnamed, found.subjects.tolist()) == (300, [])


def test_the_engine_refuses_to_change_the_ids():
    line = read_many(3, 4)
    with pytest.raises(Exception, match="append only"):
        models.Whom.objects.filter(line=line).update(subjects=b"")
