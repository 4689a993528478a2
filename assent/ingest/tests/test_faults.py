import pytest
from django.db import OperationalError

from assent.foundation import keys, personal, scope
from assent.ingest import api, choices, models, ports, rows, steps, tallies
from assent.ingest.store import ArrivalStore
from assent.ingest.tests.cast import order
from assent.privacy.consent import api as consent
from assent.privacy.subjects import api as subjects
from assent.records.events import api as events
from assent.records.profiles import api as profiles

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"], transaction=True)

YES = {
    "type": "track",
    "event": "Consent Given",
    "properties": {"purpose": "direct_marketing", "channel": "email", "wording": "marketing_email"},
}


class Crash(BaseException):
    """What a killed process looks like from inside."""


def crash(monkeypatch, place, name, *, after):
    """Let the process die before or after it did something."""
    real = getattr(place, name)

    def dying(*args, **named):
        if after:
            real(*args, **named)
        raise Crash

    monkeypatch.setattr(place, name, dying)


EFFECTS = [
    (choices, "apply"),
    (consent, "apply_many"),
    (subjects, "upsert_many"),
    (rows, "table"),
    (events, "append"),
    (profiles, "fold"),
    (tallies, "note"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), EFFECTS, ids=[name for _, name in EFFECTS])
def test_a_crash_at_any_effect_doubles_and_loses_nothing(house, monkeypatch, place, name, after):
    house.send({**YES, "userId": "ada"}, order("ada", total=1))
    house.send(order("ada", total=2), {"type": "identify", "userId": "ben", "traits": {"email": "ben@bloom.example"}})
    with monkeypatch.context() as patched:
        crash(patched, place, name, after=after)
        with pytest.raises(Crash):
            house.run()
    house.later(minutes=1)
    house.send(order("ada", total=4))
    house.run()
    orders = [row for row in house.rows() if row["kind"] == "track"]
    assert sorted(row["value_minor"] for row in orders) == [100, 200, 400]
    assert all("direct_marketing" in house.purposes(row) for row in orders)
    ada = house.subject("ada")
    held = profiles.get(controller=house.controller, subjects=[ada])[ada]
    assert (held["orders_count"], held["spent_total"]) == (3, 7)
    assert len(consent.records(controller=house.controller, subject=ada)) == 1
    assert house.fates() == {"admitted": 5}


def test_a_crash_before_the_log_forgets_repeats_nothing(house, monkeypatch):
    house.send(order("ada"))
    with monkeypatch.context() as patched:
        crash(patched, house.log, "consume", after=False)
        with pytest.raises(Crash):
            house.run()
    house.send(order("ben"))
    house.run()
    assert len(house.rows()) == 2
    assert house.fates() == {"admitted": 2}


def test_what_was_planned_is_taken_again_whole_and_nothing_else(house, monkeypatch):
    for number in range(6):
        house.send(order(f"c{number}"))
    with monkeypatch.context() as patched:
        crash(patched, profiles, "fold", after=False)
        crash(patched, tallies, "note", after=False)
        with pytest.raises(Crash), api.open_gate(house.log) as gate:
            gate.run_once(at=house.now, limit_bytes=500)
    house.run()
    assert len(house.rows()) == 6


def test_a_full_disk_is_waited_out(house, monkeypatch):
    house.send(order("ada"))
    for error in (OSError(28, "No space left on device"), OperationalError("database is locked")):
        with monkeypatch.context() as patched:

            def full(error=error, **_named):
                raise error

            patched.setattr(events, "append", full)
            with pytest.raises(type(error)):
                house.run()
    house.run()
    assert house.fates() == {"admitted": 1}
    assert len(house.rows()) == 1


def poisoned(monkeypatch, step):
    """Let one step break at Cleo's messages."""
    real = getattr(steps, step)

    def breaking(items, desk):
        if any(item.claim[1] == "cleo" for item in items):
            raise ValueError("cleo@harbour.example")
        return real(items, desk)

    monkeypatch.setattr(steps, "STEPS", tuple(breaking if one is real else one for one in steps.STEPS))


@pytest.mark.parametrize("step", ["recognise", "ask_lawfulness", "minimise", "pseudonymise", "stamp"])
def test_a_poison_message_never_stops_the_line(house, monkeypatch, step):
    with monkeypatch.context() as patched:
        poisoned(patched, step)
        house.send(*(order(f"c{number}") for number in range(5)), order("cleo"), order("ben"))
        done = house.run()
    assert (done.admitted, done.set_aside) == (6, 1)
    assert house.fates() == {"admitted": 6, "set_aside": 1}
    [aside] = api.set_aside(controller=house.controller)
    assert (aside.reason, aside.place) == ("ValueError", 5)


def test_what_was_set_aside_lies_sealed_is_handed_over_and_goes_with_the_person(house, monkeypatch, settings):
    house.send(order("cleo"))
    house.run()
    cleo = house.subject("cleo")
    with monkeypatch.context() as patched:
        poisoned(patched, "minimise")
        house.send(order("cleo", coupon="CANARY"))
        house.run()
    store = ArrivalStore()
    whose = {"controller": house.controller}

    with scope.controller(house.controller):
        row = models.SetAside.objects.get()
        assert row.subject == cleo
        assert b"CANARY" not in bytes(row.sealed)
        [page] = store.export(**whose, subject=cleo)
        assert "CANARY" in page.rows[0]["message"]
        assert [held.count for held in store.inventory(**whose, subject=cleo)] == [1]
        assert store.erase(**whose, subjects=[cleo], by=str(house.by), at=house.now).removed == 1
    assert api.set_aside(controller=house.controller) == []


def test_an_erasure_waits_until_what_arrived_before_it_has_passed(house):

    house.send(order("ada"), order("ben"))
    house.run()
    ada = house.subject("ada")
    house.later(minutes=1)
    house.send(order("ada"), {**YES, "userId": "ada"}, {"type": "identify", "userId": "ada", "traits": {}}, order("ben"))
    subjects.begin_erasure(controller=house.controller, subjects=[ada], by=house.by, at=house.now)
    store = ArrivalStore()
    with scope.controller(house.controller):
        with pytest.raises(personal.NotYet):
            store.erase(controller=house.controller, subjects=[ada], by=str(house.by), at=house.now)
        house.run()
        house.send(order("ben"))  # what comes later is not waited for
        assert store.erase(controller=house.controller, subjects=[ada], by=str(house.by), at=house.now).removed == 0
        assert store.erase(controller=house.controller, subjects=[ada], by=str(house.by), at=house.now).removed == 0
    house.run()
    assert house.fates()["erased"] == 3
    assert [row["received_ms"] for row in house.rows() if row["subject"] == ada] == [house.rows()[0]["received_ms"]]


def test_an_entry_that_cannot_be_opened_is_passed_over(house, settings):
    house.send(order("ada"))
    for key in (settings.ASSENT_VAR / "arrival" / "hours").rglob("*"):
        if key.is_file():
            key.unlink()
    house.log.close()
    house.log = api.open_log()
    done = house.run()
    assert (done.read, done.refused) == (1, 1)
    house.run()
    assert house.log.consumed() == house.log.tail()


def test_one_process_works_at_a_time(house):
    with api.open_gate(house.log), pytest.raises(api.AlreadyRunning), api.open_gate(house.log):
        pass


def test_two_partitions_are_taken_in_the_order_of_arrival_and_a_resend_to_the_other_is_a_duplicate(house, settings):

    other = ports.open_writer(var=settings.ASSENT_VAR, master=keys.master())
    try:
        house.send({**YES, "userId": "ada", "messageId": "yes"})
        house.later(seconds=1)
        here, house.writer = house.writer, other
        house.send({**order("ada"), "messageId": "buy"}, {**YES, "userId": "ada", "messageId": "yes"})
        house.writer = here
        house.later(seconds=1)
        house.send({**order("ada"), "messageId": "buy"})
        house.run()
    finally:
        other.close()
    assert house.fates() == {"admitted": 2, "duplicate": 2}
    [row] = house.rows()
    assert "direct_marketing" in house.purposes(row)
