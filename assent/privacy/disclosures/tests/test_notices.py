"""Recipients are told, asked again, and the request closes only when each has answered or can't."""

import json
from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.personal import registered
from assent.privacy.disclosures import api, models
from assent.privacy.disclosures.contracts import (
    BadWay,
    Because,
    Form,
    NoticeState,
    SettledBefore,
    Told,
    ToldHow,
    UnknownNotice,
    What,
)
from assent.privacy.subjects import api as subjects

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def still_open(house, request="request:1"):
    return api.open_notifications(controller=house.bloom, request=request)


def test_each_recipient_is_told_of_its_people_and_no_others(house):
    house.record(house.ada, house.ben)
    house.record(house.ada, recipient="courier", purpose="orders")
    house.way()
    assert house.pass_on(house.ben) == 1
    house.sweep()
    (heard,) = house.agency.heard
    assert (heard.recipient, heard.what, heard.address) == ("meta", What.ERASURE, "here")
    assert [one["email"] for one in heard.people] == ["ben@people.example"]


def test_whoever_got_nothing_is_not_told(house):
    house.record(house.ada)
    assert house.pass_on(house.ben) == 0
    assert still_open(house) == 0


def test_a_notice_says_no_more_of_a_person_than_its_recipient_had(house):
    house.record(house.ada, items=["email"])
    house.way()
    house.pass_on(
        house.ada, what="rectification", changes={house.ada: {"phone": "+40722000999", "email": "new@people.example"}}
    )
    house.sweep()
    (told,) = house.agency.heard[0].people
    assert told["email"] == "ada@people.example"
    assert told["changes"] == {"email": "new@people.example"}
    assert "phone" not in told


def test_identifiers_go_as_hashes_where_it_is_set_so(house):
    house.record(house.ada)
    house.way(form=Form.SHA256)
    house.pass_on(house.ada)
    house.sweep()
    (told,) = house.agency.heard[0].people
    assert "ada@" not in json.dumps(told)
    assert len(told["email"]) == 64


def test_the_same_request_tells_once(house):
    house.record(house.ada)
    house.way()
    assert [house.pass_on(house.ada) for _ in range(3)] == [1, 0, 0]
    assert house.pass_on(house.ada, request="request:2") == 1


def test_an_objection_reaches_those_who_got_data_for_that_purpose(house):
    house.record(house.ada)
    house.record(house.ada, recipient="courier", purpose="orders")
    assert house.pass_on(house.ada, what="objection", purpose="advertising") == 1
    assert house.notice().recipient == "meta"


def test_many_people_go_in_portions(house):
    house.record(house.ada, house.ben)
    house.way()
    house.agency.most = 1
    assert house.pass_on(house.ada, house.ben) == 2


def test_a_request_waits_until_every_recipient_has_answered_or_cannot(house):
    house.record(house.ada)
    house.record(house.ada, recipient="courier", purpose="orders")
    house.way()
    house.pass_on(house.ada)
    assert still_open(house) == 2
    house.agency.says = [Told(ToldHow.SENT, "ref-7"), Told(ToldHow.ACKNOWLEDGED)]
    house.sweep()
    assert still_open(house) == 2
    house.sweep(after=timedelta(hours=2))
    assert [one.reference for one in house.agency.asked] == ["ref-7"]
    assert still_open(house) == 1
    (lost,) = api.notices(controller=house.bloom, request="request:1", open_only=True)
    assert (lost.recipient, lost.code) == ("courier", "no way")
    api.impossible(controller=house.bloom, notice=lost.id, because=Because.GONE, by=house.staff, at=house.noon)
    assert still_open(house) == 0


def test_it_is_told_after_the_erasure_too_and_then_forgets(house):
    house.record(house.ada)
    house.pass_on(house.ada)
    subjects.begin_erasure(controller=house.bloom, subjects=[house.ada], by=house.staff, at=house.noon)
    for store in [one for one in registered() if one.name in {"disclosures", "subjects"}]:
        store.erase(controller=house.bloom, subjects=[house.ada], by=house.staff, at=house.noon)
    assert subjects.finish_erasure(controller=house.bloom, subjects=[house.ada])
    house.way()
    house.agency.says = [Told(ToldHow.ACKNOWLEDGED)]
    house.sweep(after=timedelta(days=1))
    assert [one["email"] for one in house.agency.heard[0].people] == ["ada@people.example"]
    with scope.controller(house.bloom):
        row = models.Notice.objects.get()
        assert (bytes(row.sealed), row.apart, row.subjects) == (b"", None, [str(house.ada)])


def test_what_is_sealed_in_a_notice_opens_no_more_once_it_is_settled(house):
    house.record(house.ada)
    house.pass_on(house.ada)
    with scope.controller(house.bloom):
        before = models.Notice.objects.get()
        assert b"ada@people" not in bytes(before.sealed)
    api.impossible(controller=house.bloom, notice=before.pk, because=Because.UNREACHABLE, by=house.staff, at=house.noon)
    opened = subjects.open_apart(
        controller=house.bloom, number=before.apart, label="disclosures.notice", sealed=bytes(before.sealed)
    )
    assert opened is None


def test_a_recipient_that_is_down_for_a_day_is_tried_with_growing_pauses_and_then_told(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    house.agency.says = [Told(ToldHow.LATER, code="503")] * 20
    for minute in range(24 * 60):
        house.sweep(after=timedelta(minutes=minute))
    assert 8 <= len(house.agency.heard) <= 13
    assert house.notice().state is NoticeState.PENDING
    house.agency.says = [Told(ToldHow.ACKNOWLEDGED)]
    house.sweep(after=timedelta(days=3))
    assert house.notice().state is NoticeState.ACKNOWLEDGED


def test_one_that_breaks_off_is_tried_again(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    house.agency.says = [RuntimeError("half a line"), Told(ToldHow.ACKNOWLEDGED)]
    house.sweep()
    assert house.notice().code == "broke off"
    house.sweep(after=timedelta(minutes=1))
    assert still_open(house) == 0


def test_one_that_says_no_is_shown_and_tried_seldom(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    house.agency.says = [Told(ToldHow.REFUSED, code="400")]
    house.sweep()
    assert (house.notice().code, house.notice().next_at) == ("400", house.noon + timedelta(days=1))


def test_one_that_never_answers_is_reminded_and_never_counted_as_done(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    for day in range(60):
        house.sweep(after=timedelta(days=day))
    assert len(house.agency.heard) == 1
    assert 8 <= len(house.agency.asked) <= 20
    assert still_open(house) == 1


def test_a_worker_that_was_killed_leaves_the_notice_to_the_next(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    with scope.controller(house.bloom):
        models.Notice.objects.update(lease_until=house.noon + timedelta(minutes=5))
    house.sweep()
    assert house.agency.heard == []
    house.sweep(after=timedelta(minutes=6))
    assert len(house.agency.heard) == 1


def test_two_workers_do_not_tell_twice(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)

    class Second:
        way, most, first_question = "agency", 1, timedelta(hours=1)

        def tell(self, notice):
            house.agency.heard.append(notice)
            api.tell_recipients(at=house.noon)
            return Told(ToldHow.SENT)

    from assent.privacy.disclosures import ports

    ports.wire([Second()])
    house.sweep()
    assert len(house.agency.heard) == 1


def test_an_answer_that_comes_twice_changes_nothing(house):
    house.record(house.ada)
    house.pass_on(house.ada)
    number = house.notice().id
    for hours in range(2):
        api.acknowledge(controller=house.bloom, notice=number, by=Actor.system("x"), at=house.noon + timedelta(hours=hours))
    assert house.notice().settled_at == house.noon
    with pytest.raises(SettledBefore):
        api.impossible(controller=house.bloom, notice=number, because=Because.GONE, by=house.staff, at=house.noon)


def test_a_confirmation_link_stands_for_its_notice_and_no_other(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    house.sweep()
    token = house.agency.heard[0].token
    controller, found = api.token_notice(token=token)
    assert (controller, found.id) == (house.bloom, house.notice().id)
    for wrong in (token[:-1], token.replace(f"{house.bloom}.", f"{house.harbour}."), "", "x.y", "9" * 30 + ".a"):
        with pytest.raises(UnknownNotice):
            api.token_notice(token=wrong)


def test_another_brands_notices_are_not_there(house):
    house.record(house.ada)
    house.pass_on(house.ada)
    number = house.notice().id
    with pytest.raises(UnknownNotice):
        api.acknowledge(controller=house.harbour, notice=number, by=house.staff, at=house.noon)
    assert api.open_count(controller=house.harbour, at=house.noon).notices == 0
    assert api.open_count(controller=house.bloom, at=house.noon).notices == 1


def test_an_unknown_way_or_a_wrong_address_is_refused_with_the_cure(house):
    with pytest.raises(BadWay, match="agency"):
        house.way(way="pigeon")
    with pytest.raises(BadWay, match="no mail"):
        house.way(address="a@b.example")


def test_a_new_way_is_tried_at_once(house):
    house.record(house.ada)
    house.pass_on(house.ada)
    house.sweep()
    assert api.open_count(controller=house.bloom, at=house.noon).without_way == 1
    house.way()
    house.sweep()
    assert len(house.agency.heard) == 1


def test_the_book_tells_each_step_without_names(house):
    house.record(house.ada)
    house.way()
    house.pass_on(house.ada)
    house.sweep()
    house.agency.says = [Told(ToldHow.ACKNOWLEDGED)]
    house.sweep(after=timedelta(hours=2))
    lines = [line for _, line in audit.entries(controller=house.bloom, did="disclosures.notice")]
    assert [line.did for line in reversed(lines)] == [Did.RECIPIENT_TO_BE_TOLD, Did.RECIPIENT_TOLD, Did.RECIPIENT_ACKNOWLEDGED]
    assert "people.example" not in str(lines)
