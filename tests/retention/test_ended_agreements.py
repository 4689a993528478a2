"""When an agreement has ended: its data are returned or deleted by the day, alone and provably, and others' stay."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way
from assent.privacy.retention import api, closing, models
from assent.privacy.retention.contracts import ClosingState, HoldReason, NoParcel
from assent.privacy.rights import api as rights
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import EndChoice
from tests.agreements import administrator, agree
from tests.retention.conftest import ADDRESS, BEGAN, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

END = datetime(2020, 6, 1, 12, tzinfo=UTC)
DUE = date(2020, 7, 1)


def part(house, solution, choice):
    held = tenancy.in_force(controller=house.bloom, solution=solution, at=END)
    tenancy.end_agreement(
        controller=house.bloom, agreement=held.id, choice=choice, due_on=DUE, reason="They part.",
        by=administrator(controller=house.bloom, at=END), at=END, until_at=END,
    )  # fmt: skip
    return held.id


def work(at):
    """Do what the worker does until nothing moves any more; return when that was."""
    for tick in range(400):
        moment = at + timedelta(seconds=tick)
        if not api.close_agreements(at=moment):
            rights.sweep_erasures(at=moment + timedelta(minutes=20))
            return moment
    raise AssertionError("it does not come to an end")


def state(house, agreement):
    return api.closing(controller=house.bloom, agreement=agreement)


def here_for_location(house, name, *, buys=True):
    house.meet(name, **ADDRESS)
    if buys:
        house.did(name, "Order Completed", BEGAN, "service")
    house.says_yes(name, BEGAN, "location_offers", "push", "location_push")
    house.did(name, "Place Entered", END - timedelta(days=2), "location_offers")


def people_of(parcel):
    with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
        return json.loads(archive.read("manifest.json")), [
            json.loads(line) for line in archive.read("people.ndjson").decode().splitlines()
        ]


def test_what_only_that_solution_held_is_deleted_with_a_report_and_the_rest_stays(house):
    here_for_location(house, "ada")
    agreement = part(house, "location", EndChoice.DELETE)
    work(END)
    assert house.purposes_of_events("ada") == [("service",)]
    assert house.knows("ada", "street")
    found = state(house, agreement)
    assert (found.state, found.purposes) == (ClosingState.DONE, ("location_offers",))
    assert found.removed["events"] == 1
    assert tenancy.agreement(controller=house.bloom, id=agreement).settlement is not None
    lines = audit.entries(controller=house.bloom, did="retention.agreement")
    assert [line.did for _, line in lines] == [Did.AGREEMENT_DATA_DELETED]
    assert api.orphans(controller=house.bloom, at=END + timedelta(days=1)) == []
    ended = api.ended(controller=house.bloom, subject=house.made["ada"])
    assert [(one.purpose, one.why.clause) for one in ended] == [("location_offers", "gdpr:28(3)(g)")]


def test_what_another_agreement_carries_stays(house):
    house.meet("ada")
    house.did("ada", "Order Completed", BEGAN, "loyalty")
    agreement = part(house, "website", EndChoice.DELETE)
    work(END)
    assert "privacy_requests" not in state(house, agreement).purposes
    assert house.there("ada")
    assert house.purposes_of_events("ada") == [("loyalty",)]


def test_nothing_begins_before_the_agreement_has_ended(house):
    here_for_location(house, "ada")
    agreement = part(house, "location", EndChoice.DELETE)
    assert not api.close_agreements(at=END - timedelta(seconds=1))
    assert state(house, agreement) is None


def test_data_to_be_returned_are_packed_fetched_and_only_then_deleted(house):
    for name in ("ada", "ben"):
        here_for_location(house, name)
    house.meet("dora")
    house.did("dora", "Order Completed", BEGAN, "service")
    agreement = part(house, "location", EndChoice.RETURN)
    at = work(END)
    found = state(house, agreement)
    assert (found.state, found.people) == (ClosingState.READY, 2)
    assert ("location_offers",) in house.purposes_of_events("ada")

    packed = []
    for one in found.parcels:
        about, people = people_of(api.fetch(controller=house.bloom, agreement=agreement, number=one.number, by=OFFICER, at=at))
        assert about["solution"] == "location"
        packed += people
    assert len(packed) == 2
    assert {row["event"] for one in packed for row in one["events"]} == {"Place Entered"}
    assert all(row["purpose"] == "location_offers" for one in packed for row in one["consent"])
    fields = {row["field"] for one in packed for row in one["subjects"]}
    assert "user_id" in fields
    assert "street" not in fields, "the address was never held for offers nearby"

    work(at + timedelta(hours=1))
    assert state(house, agreement).state is ClosingState.DONE
    assert house.purposes_of_events("ada") == [("service",)]
    after = datetime(2020, 7, 1, 12, tzinfo=UTC)
    work(after)
    assert state(house, agreement).parcels == ()
    with pytest.raises(NoParcel):
        api.fetch(controller=house.bloom, agreement=agreement, number=1, by=OFFICER, at=after)
    dids = [line.did for _, line in audit.entries(controller=house.bloom, did="retention.agreement")]
    assert Did.AGREEMENT_DATA_FETCHED in dids
    assert Did.AGREEMENT_DATA_READY in dids


def test_a_full_parcel_is_followed_by_another_and_nobody_is_in_two(house, monkeypatch):
    monkeypatch.setattr(closing, "IN_A_PARCEL", 2)
    for number in range(5):
        here_for_location(house, f"p{number}", buys=False)
    agreement = part(house, "location", EndChoice.RETURN)
    at = work(END)
    found = state(house, agreement).parcels
    assert len(found) > 1
    ids = [
        person["id"]
        for one in found
        for person in people_of(api.fetch(controller=house.bloom, agreement=agreement, number=one.number, by=OFFICER, at=at))[1]
    ]
    assert len(ids) == len(set(ids)) == 5


def test_on_its_day_the_data_go_even_if_nobody_fetched_them_and_the_parcel_waits(house):
    here_for_location(house, "ada")
    agreement = part(house, "location", EndChoice.RETURN)
    work(END)
    work(datetime(2020, 7, 1, 8, tzinfo=UTC))
    found = state(house, agreement)
    assert found.state is ClosingState.DONE
    assert house.purposes_of_events("ada") == [("service",)]
    assert len(found.parcels) == 1
    late = datetime(2020, 7, 3, 8, tzinfo=UTC)
    assert api.fetch(controller=house.bloom, agreement=agreement, number=1, by=OFFICER, at=late)


def test_somebody_erased_meanwhile_is_in_no_parcel(house):
    for name in ("ada", "ben", "dora"):
        here_for_location(house, name, buys=False)
    agreement = part(house, "location", EndChoice.RETURN)
    at = work(END)
    gone = house.made["ben"]
    from assent.privacy.subjects import api as subjects

    name = str(subjects.public_ids(controller=house.bloom, subjects=[gone])[gone])
    rights.erase(controller=house.bloom, subjects=[gone], by=OFFICER, at=at)
    ids = []
    for one in state(house, agreement).parcels:
        data = api.fetch(controller=house.bloom, agreement=agreement, number=one.number, by=OFFICER, at=at)
        assert name.encode() not in data
        ids += [person["id"] for person in people_of(data)[1]]
    assert len(ids) == 2
    assert name not in ids


def test_recipients_who_got_data_for_what_ends_are_told(house):
    here_for_location(house, "ada")
    disclosures.record(
        controller=house.bloom, subjects=[house.made["ada"]], way=Way.EXPORT, purpose="location_offers", items=["visits"],
        named="Harbour Maps", by=OFFICER, at=BEGAN,
    )  # fmt: skip
    agreement = part(house, "location", EndChoice.DELETE)
    work(END)
    assert state(house, agreement).told == 1
    assert disclosures.open_notifications(controller=house.bloom, request=f"agreement:{agreement}") == 1


def test_a_legal_hold_keeps_what_it_is_on(house):
    here_for_location(house, "ada")
    api.hold(
        controller=house.bloom, subjects=[house.made["ada"]], purpose="location_offers", reason=HoldReason.CLAIM,
        reference="C-1", until=date(2021, 1, 1), by=OFFICER, at=BEGAN,
    )  # fmt: skip
    part(house, "location", EndChoice.DELETE)
    work(END)
    assert ("location_offers",) in house.purposes_of_events("ada")


def test_an_agreement_that_holds_again_before_anything_went_keeps_the_data(house):
    here_for_location(house, "ada")
    agreement = part(house, "location", EndChoice.RETURN)
    at = work(END)
    agree(controller=house.bloom, at=at)
    for one in state(house, agreement).parcels:
        api.fetch(controller=house.bloom, agreement=agreement, number=one.number, by=OFFICER, at=at)
    work(at + timedelta(hours=1))
    assert ("location_offers",) in house.purposes_of_events("ada")


class Killed(BaseException):
    """The process is gone."""


def test_killed_at_any_step_it_goes_on_and_packs_nobody_twice(house):
    for number in range(3):
        here_for_location(house, f"p{number}")
    agreement = part(house, "location", EndChoice.RETURN)

    def die(*_args, **_more):
        raise Killed

    at = END
    for name in ("_lines", "_zipped", "_note"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(closing, name, die)
            with pytest.raises(Killed):
                work(at)
        with scope.controller(house.bloom):
            assert models.Closing.objects.count() == 1
        at += closing.LEASE + timedelta(minutes=5)
    at = work(at)
    people = [
        person["id"]
        for one in state(house, agreement).parcels
        for person in people_of(api.fetch(controller=house.bloom, agreement=agreement, number=one.number, by=OFFICER, at=at))[1]
    ]
    assert len(people) == len(set(people)) == 3
