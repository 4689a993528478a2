"""What goes to whom is written down, and the person can be told."""

from datetime import timedelta

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.foundation.personal import Held
from assent.privacy.disclosures import api, models
from assent.privacy.disclosures.contracts import NoRecipient, Way
from assent.privacy.disclosures.store import DisclosureStore
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import EndChoice

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def got(house, who, controller=None):
    return {
        one.recipient or one.name: one
        for one in api.of_person(controller=controller or house.bloom, subject=who)
        if Way.AGREEMENT not in one.ways
    }


def test_it_says_who_got_what_for_what_and_when(house):
    house.record(house.ada, house.ben)
    house.record(house.ada, at=house.noon + timedelta(days=1), items=["phone", "email"])
    house.record(house.ada, recipient="", named="Harbour Ltd", way=Way.HAND_OVER, purpose="", items=["email"])

    found = got(house, house.ada)

    assert set(found) == {"meta", "Harbour Ltd"}
    meta = found["meta"]
    assert (meta.name, meta.country, meta.times) == ("Meta Platforms Ireland Limited", "IE", 2)
    assert (meta.items, meta.purposes, meta.ways) == (["email", "phone"], ["advertising"], [Way.CONNECTOR])
    assert (meta.first_at, meta.last_at) == (house.noon, house.noon + timedelta(days=1))
    assert set(got(house, house.ben)) == {"meta"}


def test_another_brand_knows_nothing_of_it(house):
    house.record(house.ada)
    assert got(house, house.ada, controller=house.harbour) == {}
    assert not [one for one in api.recipients(controller=house.harbour) if one.disclosures]


def test_a_disclosure_to_nobody_in_particular_is_refused(house):
    with pytest.raises(NoRecipient):
        house.record(house.ada, recipient="", named=" ")


def test_the_safeguard_of_a_transfer_is_kept_as_it_was(house):
    house.record(house.ada, recipient="meta_us")
    one = got(house, house.ada)["meta_us"]
    assert (one.country, one.safeguard) == ("US", "data_privacy_framework")


def test_only_what_left_or_may_have_left_stays_written_down(house):
    house.record(house.ada, house.ben, refs=["message:1", "message:2"], leaving=True)
    house.record(house.ada, refs=["message:3"], leaving=True)
    api.settle(
        controller=house.bloom, left=["message:1"], stayed=["message:2"], unknown=["message:3"], by=house.by, at=house.noon
    )
    assert got(house, house.ada)["meta"].times == 2
    assert got(house, house.ben) == {}
    assert sum(one.disclosures for one in api.recipients(controller=house.bloom)) == 2


def test_an_edge_of_which_nothing_left_goes(house):
    number = house.record(house.ada, refs=["message:1"], leaving=True)
    api.settle(controller=house.bloom, stayed=["message:1"], by=house.by, at=house.noon)
    with scope.controller(house.bloom):
        assert not models.Disclosure.objects.filter(pk=number).exists()


def test_what_was_settled_before_is_not_settled_otherwise(house):
    house.record(house.ada, refs=["message:1"], leaving=True)
    api.settle(controller=house.bloom, left=["message:1"], by=house.by, at=house.noon)
    api.settle(controller=house.bloom, stayed=["message:1"], by=house.by, at=house.noon)
    assert got(house, house.ada)["meta"].times == 1


def test_the_book_has_a_line_with_how_many_and_no_names(house):
    house.record(house.ada, house.ben)
    (_, line), *_ = audit.entries(controller=house.bloom, did=Did.DISCLOSED)
    assert (line.detail["people"], line.detail["recipient"], line.purpose) == (2, "meta", "advertising")


def test_an_agreement_is_one_edge_and_about_everybody(house):
    first = api.record_agreements(controller=house.bloom, at=house.noon)
    assert first > 0
    assert api.record_agreements(controller=house.bloom, at=house.noon) == 0
    platform = [one for one in api.of_person(controller=house.bloom, subject=house.ben) if Way.AGREEMENT in one.ways]
    assert [one.recipient for one in platform] == ["platform"]
    assert platform[0].times == 0


def test_an_agreement_that_has_ended_makes_no_edge(house):
    for info in tenancy.agreements(controller=house.bloom):
        tenancy.end_agreement(
            controller=house.bloom, agreement=info.id, choice=EndChoice.DELETE, due_on=house.noon.date(), reason="moved on",
            by=house.by, at=house.noon,
        )  # fmt: skip
    assert api.record_agreements(controller=house.bloom, at=house.noon + timedelta(seconds=1)) == 0


def test_a_merge_brings_what_recipients_got(house):
    house.record(house.ben)
    api.on_merge(controller=house.bloom, into=house.ada, other=house.ben, by=house.by, at=house.noon)
    api.on_merge(controller=house.bloom, into=house.ada, other=house.ben, by=house.by, at=house.noon)
    assert got(house, house.ada)["meta"].times == 1
    assert got(house, house.ben) == {}


def test_the_store_counts_hands_over_and_forgets(house):
    house.record(house.ada, house.ben)
    store = DisclosureStore()
    assert list(store.inventory(controller=house.bloom, subject=house.ada)) == [Held("disclosures", "disclosures", 1)]
    (page,) = store.export(controller=house.bloom, subject=house.ada)
    assert "Meta Platforms Ireland Limited" in {row["recipient"] for row in page.rows}
    assert store.erase(controller=house.bloom, subjects=[house.ada], by=house.by, at=house.noon).removed == 1
    assert got(house, house.ada) == {}
    assert set(got(house, house.ben)) == {"meta"}


def test_listing_recipients_takes_as_many_queries_for_ten_as_for_a_million(house, django_assert_max_num_queries):
    for _ in range(5):
        house.record(house.ada, house.ben)
    with django_assert_max_num_queries(8):
        listed = {one.recipient: one for one in api.recipients(controller=house.bloom)}
    assert (listed["meta"].disclosures, listed["courier"].disclosures) == (10, 0)
