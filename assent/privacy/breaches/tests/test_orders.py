"""Demands of authorities: nothing without a ground, and the person knows as soon as the law allows."""

from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.foundation import scope
from assent.privacy.breaches import api, models
from assent.privacy.breaches.contracts import NamesSomebody, NotNow, OrderState, UnknownBreach
from assent.privacy.breaches.store import BreachStore
from assent.privacy.breaches.tests.conftest import HOUR, OFFICER, WORDS

pytestmark = pytest.mark.django_db(databases="__all__")


def demand(cast, **more):
    given = {
        "authority": "Bucharest prosecutor", "reference": "12/P/2026", "ground": "Code of criminal procedure, art. 170",
        "what": "Orders of one customer", "subjects": [11], "received_at": cast.noon, "words": WORDS, **more,
    }  # fmt: skip
    return api.record_order(controller=cast.bloom, by=OFFICER, at=cast.noon, **given)


def answer(cast, order, *, at=None, handed="A list of orders.", **more):
    return api.answer_order(controller=cast.bloom, order=order.id, handed=handed, by=OFFICER, at=at or cast.noon + HOUR, **more)


def found(cast, order):
    return api.order(controller=cast.bloom, order=order.id)


def test_a_disclosure_demanded_by_law_is_told_to_the_person(cast, drawer):
    made = demand(cast)
    api.sweep_orders(at=cast.noon)
    assert drawer.kept == {}
    answer(cast, made)
    assert api.sweep_orders(at=cast.noon + HOUR) is True
    assert drawer.whom(f"order:{made.id}") == [11]
    assert found(cast, made).told_at == cast.noon + HOUR
    assert api.sweep_orders(at=cast.noon + 2 * HOUR) is False


def test_a_demand_that_got_the_number_of_a_lost_one_is_told_of_too(cast, drawer):
    lost = demand(cast)
    answer(cast, lost)
    api.sweep_orders(at=cast.noon + HOUR)
    with scope.controller(cast.bloom):  # as after a restore of a copy made before it was recorded
        models.Order.objects.filter(pk=lost.id).delete()
    anew = demand(cast, received_at=cast.noon + HOUR)
    with scope.controller(cast.bloom):
        models.Order.objects.filter(pk=anew.id).update(id=lost.id)
    answer(cast, lost, at=cast.noon + 2 * HOUR)
    api.sweep_orders(at=cast.noon + 2 * HOUR)
    assert len(drawer.kept) == 2
    assert drawer.whom(f"order:{lost.id}") == [11, 11]


def test_it_is_not_told_while_the_law_forbids_it_and_told_when_the_ban_ends(cast, drawer):
    ends = cast.noon + timedelta(days=30)
    made = demand(cast, secret_until=ends)
    answer(cast, made)
    api.sweep_orders(at=ends - HOUR)
    assert drawer.kept == {}
    api.sweep_orders(at=ends)
    assert drawer.whom(f"order:{made.id}") == [11]


def test_a_ban_without_an_end_holds_until_somebody_lifts_it(cast, drawer):
    made = demand(cast, secret=True)
    answer(cast, made)
    api.sweep_orders(at=cast.noon + timedelta(days=3_000))
    assert drawer.kept == {}
    answer(cast, made, lift_secrecy=True)
    api.sweep_orders(at=cast.noon + timedelta(days=3_000))
    assert drawer.whom(f"order:{made.id}") == [11]


def test_what_may_not_be_told_stands_in_no_copy_and_no_trail_of_the_person(cast, drawer):
    made = demand(cast, secret=True)
    answer(cast, made)
    store = BreachStore()
    assert list(store.export(controller=cast.bloom, subject=11)) == []
    assert [held.count for held in store.inventory(controller=cast.bloom, subject=11)] == [0, 0]
    assert audit.entries(controller=cast.bloom, about=11) == []
    answer(cast, made, lift_secrecy=True)
    api.sweep_orders(at=cast.noon + HOUR)
    [page] = store.export(controller=cast.bloom, subject=11)
    assert page.rows[0]["handed_over"] == "A list of orders."


def test_a_demand_that_was_refused_hands_nothing_over_and_tells_nobody(cast, drawer):
    made = demand(cast)
    assert answer(cast, made, refused=True, handed="No ground was given that holds.").state is OrderState.REFUSED
    assert api.sweep_orders(at=cast.noon + HOUR) is False
    assert drawer.kept == {}


@pytest.mark.parametrize("lacks", [{"ground": " "}, {"authority": ""}, {"subjects": []}])
def test_without_a_ground_an_authority_or_a_person_nothing_is_recorded(cast, lacks):
    with pytest.raises(NotNow):
        demand(cast, **lacks)
    assert api.orders(controller=cast.bloom) == []


def test_an_answer_says_something_and_is_given_once(cast):
    made = demand(cast)
    with pytest.raises(NotNow, match="what was handed over"):
        answer(cast, made, handed="")
    answer(cast, made)
    with pytest.raises(NotNow, match="answered already"):
        answer(cast, made)


def test_the_register_of_demands_names_nobody(cast):
    with pytest.raises(NamesSomebody):
        demand(cast, what="All of ada@people.example")


def test_harbour_sees_nothing_of_it(cast):
    made = demand(cast)
    assert api.orders(controller=cast.harbour) == []
    with pytest.raises(UnknownBreach):
        api.order(controller=cast.harbour, order=made.id)


def test_the_desk_counts_whom_is_still_to_be_told(cast, drawer):
    made = demand(cast)
    assert api.owing(controller=cast.bloom, at=cast.noon).orders_to_tell == 1
    answer(cast, made)
    api.sweep_orders(at=cast.noon + HOUR)
    assert api.owing(controller=cast.bloom, at=cast.noon).orders_to_tell == 0
