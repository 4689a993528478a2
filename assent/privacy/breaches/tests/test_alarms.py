"""Alarms: raised once for what is unusual, settled by people, quiet about what is ordinary."""

from datetime import timedelta

import pytest
from django.db import connection

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.breaches import api, models
from assent.privacy.breaches.contracts import AlarmState, NotNow, Rule, UnknownBreach
from assent.privacy.breaches.tests.conftest import HOUR, LEAKED, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__")


def read(cast, many, *, by=LEAKED, at=None, controller=None, did=Did.SEGMENT_READ):
    audit.write_bulk(did, controller=controller or cast.bloom, by=by, at=at or cast.noon, subjects=list(range(1, many + 1)))


def look(at):
    audit.seal_pending()
    api.verify_book(at=at)
    return api.look_over(at=at)


def alarms(cast, **more):
    return api.alarms(controller=cast.bloom, **more)


def test_a_key_that_suddenly_reads_much_raises_one_alarm_that_grows(cast):
    read(cast, 1_001)
    look(cast.noon)
    read(cast, 500)
    look(cast.noon)
    [one] = alarms(cast)
    assert (one.rule, one.doer, one.seen, one.limit, one.state) == (Rule.READS, "key:7", 1_501, 1_000, AlarmState.OPEN)
    assert one.since == cast.noon
    assert [line.did for _, line in audit.entries(controller=cast.bloom, did=Did.ALARM_RAISED)] == [Did.ALARM_RAISED]


def test_what_was_counted_is_not_counted_again(cast):
    read(cast, 600)
    for _ in range(3):
        look(cast.noon)
    with scope.controller(cast.bloom):
        assert [row.many for row in models.Tally.objects.all()] == [600]


def test_who_always_reads_that_much_is_let_be(cast):
    for back in (30, 20, 10):
        read(cast, 800, at=cast.noon - back * HOUR)
    look(cast.noon)
    read(cast, 2_400)
    look(cast.noon)
    assert alarms(cast) == []
    read(cast, 1)
    look(cast.noon)
    assert [one.busiest for one in alarms(cast)] == [800]


def test_the_system_and_the_people_themselves_raise_none(cast):
    read(cast, 50_000, by=Actor.system("campaigns"))
    read(cast, 50_000, by=Actor.person())
    look(cast.noon)
    assert alarms(cast) == []


def test_an_alarm_is_the_own_brands(cast):
    read(cast, 5_000, controller=cast.harbour)
    look(cast.noon)
    assert alarms(cast) == []
    [other] = api.alarms(controller=cast.harbour)
    with pytest.raises(UnknownBreach):
        api.alarm(controller=cast.bloom, alarm=other.id)


def test_failed_log_ins_against_one_account_raise_an_alarm_about_it(cast):
    for _ in range(11):
        audit.write(Did.LOGIN_FAILED, controller=cast.bloom, by=Actor.system("log-in"), at=cast.noon, on="staff:3")
    look(cast.noon)
    assert [(one.rule, one.doer, one.seen) for one in alarms(cast)] == [(Rule.LOG_INS, "staff:3", 11)]


def test_many_exports_raise_an_alarm(cast):
    for _ in range(21):
        audit.write(Did.PERSON_EXPORTED, controller=cast.bloom, by=OFFICER, at=cast.noon, about=11)
    look(cast.noon)
    assert [(one.rule, one.doer) for one in alarms(cast)] == [(Rule.EXPORTS, "staff:3")]


def test_a_book_that_was_tampered_with_raises_an_alarm_for_every_brand(cast):
    read(cast, 3)
    audit.seal_pending()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_line DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_line'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute("UPDATE audit_line SET did = 'files.file.kept' WHERE did = %s", [Did.SEGMENT_READ.value])
    look(cast.noon)
    for controller in (cast.bloom, cast.harbour):
        [one] = api.alarms(controller=controller)
        assert (one.rule, one.doer) == (Rule.BOOK, "system:audit")
    look(cast.noon + HOUR)
    assert len(alarms(cast)) == 1


def test_an_alarm_is_dismissed_with_a_reason_and_then_is_settled(cast):
    read(cast, 2_000)
    look(cast.noon)
    [one] = alarms(cast)
    with pytest.raises(NotNow, match="why"):
        api.dismiss_alarm(controller=cast.bloom, alarm=one.id, reason=" ", by=OFFICER, at=cast.noon)
    found = api.dismiss_alarm(controller=cast.bloom, alarm=one.id, reason="A planned move.", by=OFFICER, at=cast.noon)
    assert (found.state, found.reason) == (AlarmState.DISMISSED, "A planned move.")
    with pytest.raises(NotNow, match="settled already"):
        api.dismiss_alarm(controller=cast.bloom, alarm=one.id, reason="x", by=OFFICER, at=cast.noon)


def test_after_a_dismissal_the_same_day_only_twice_as_much_rings_again(cast):
    read(cast, 2_000)
    look(cast.noon)
    [one] = alarms(cast)
    api.dismiss_alarm(controller=cast.bloom, alarm=one.id, reason="A planned move.", by=OFFICER, at=cast.noon)
    read(cast, 1_500)
    look(cast.noon)
    assert alarms(cast, states=[AlarmState.OPEN]) == []
    read(cast, 1_000)
    look(cast.noon)
    assert [again.seen for again in alarms(cast, states=[AlarmState.OPEN])] == [4_500]


def test_an_alarm_opens_a_suspected_breach_and_is_settled_by_it(cast):
    read(cast, 2_000)
    look(cast.noon)
    [one] = alarms(cast)
    made = api.suspect(
        controller=cast.bloom, title="Key 7 reads too much", found_at=one.raised_at, by=OFFICER, at=cast.noon, from_alarm=one.id
    )
    found = api.alarm(controller=cast.bloom, alarm=one.id)
    assert (found.state, found.breach) == (AlarmState.BREACH, made.id)


def test_a_look_that_was_rolled_back_loses_nothing(cast, monkeypatch):
    read(cast, 1_500)
    audit.seal_pending()
    from assent.privacy.breaches import alarms as module

    real = module._compare
    monkeypatch.setattr(module, "_compare", lambda *_: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        api.look_over(at=cast.noon)
    monkeypatch.setattr(module, "_compare", real)
    look(cast.noon)
    assert [one.seen for one in alarms(cast)] == [1_500]


def test_counts_older_than_four_weeks_are_forgotten(cast):
    read(cast, 5, at=cast.noon - timedelta(days=29))
    look(cast.noon)
    with scope.controller(cast.bloom):
        assert models.Tally.objects.count() == 1
    look(cast.noon + timedelta(days=1))
    with scope.controller(cast.bloom):
        assert models.Tally.objects.count() == 0
    assert api.watched_at() == cast.noon + timedelta(days=1)
