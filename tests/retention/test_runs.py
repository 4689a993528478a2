"""What ends, for whom, and what stays: over every store, at moments years apart."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assent.privacy.policy.contracts import Counted
from assent.privacy.retention import api
from assent.privacy.retention.contracts import HoldReason, Noted, RunState
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.records.files import api as files
from tests.retention.conftest import ADDRESS, BEGAN, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

YEAR = timedelta(days=366)


def at(year, month=1, day=20):
    return datetime(year, month, day, 12, tzinfo=UTC)


def test_somebody_of_whom_nothing_is_known_goes_when_a_contract_could_no_longer_be_claimed_from(house):
    house.meet("ada")
    assert house.run(at(2022)).erased == 0
    done = house.run(at(2023))
    assert (done.erased, done.state) == (1, RunState.DONE)
    assert not house.there("ada")


def test_a_contract_is_open_until_somebody_says_it_ended(house):
    ada = house.meet("ada", **ADDRESS)
    house.did("ada", "Order Completed", BEGAN, "service")
    assert house.run(at(2029)).erased == 0
    assert house.knows("ada", "street")
    over = Noted(ada, "service", Counted.CONTRACT_ENDED, at(2025))
    api.note(controller=house.bloom, moments=[over], by=OFFICER, at=at(2025))
    assert house.run(datetime(2028, 1, 20, 11, tzinfo=UTC)).erased == 0
    assert house.run(datetime(2028, 1, 20, 12, tzinfo=UTC)).erased == 1
    assert not house.there("ada")


def test_what_no_live_purpose_holds_goes_and_what_is_shared_stays_until_the_last(house):
    house.meet("ada", **ADDRESS)
    house.has("ada", BEGAN, clicks_count=3, age_band="30-39", language="ro", purchases_made=2)
    house.did("ada", "Order Completed", BEGAN, "service", "direct_marketing")
    house.did("ada", "Email Link Clicked", BEGAN, "direct_marketing")
    house.says_yes("ada", BEGAN)
    house.says_no("ada", at(2020, 6))
    house.run(at(2020, 7))
    assert house.attributes("ada") == {"language": "ro", "purchases_made": 2}
    assert house.purposes_of_events("ada") == [("service",)]
    assert house.knows("ada", "street")
    assert house.knows("ada")
    assert house.orphans(at(2020, 7)) == {}


def test_a_subscriber_who_leaves_keeps_only_the_proof_of_it_and_that_ends_too(house):
    house.meet("ada", **ADDRESS)
    house.says_yes("ada", BEGAN)
    house.says_no("ada", at(2020, 6))
    done = house.run(at(2020, 7))
    assert done.ended == {"direct_marketing:withdrawn": 1}
    assert not house.knows("ada", "street")
    assert house.knows("ada")
    assert [
        (one.purpose, one.why.value, one.stays) for one in api.ended(controller=house.bloom, subject=house.made["ada"])
    ] == [("direct_marketing", "withdrawn", ("privacy_requests",))]
    assert house.run(at(2023, 6, 19)).erased == 0
    assert house.run(at(2023, 6, 21)).erased == 1


def test_location_goes_record_by_record_while_the_consent_stands(house):
    house.meet("ada")
    house.says_yes("ada", BEGAN, "location_offers", "push", "location_push")
    house.did("ada", "Place Entered", at(2020, 2, 1), "location_offers")
    house.did("ada", "Place Entered", at(2020, 3, 1), "location_offers")
    assert house.orphans(at(2020, 3, 10)) == {("events", "event"): 1}
    house.run(at(2020, 3, 10))
    assert house.purposes_of_events("ada") == [("location_offers",)]
    assert house.orphans(at(2020, 3, 10)) == {}


def test_same_again_finds_nothing_left_to_do(house):
    house.meet("ada", **ADDRESS)
    house.says_yes("ada", BEGAN)
    house.says_no("ada", at(2020, 6))
    first, second = house.run(at(2020, 7)), house.run(at(2020, 8))
    assert first.removed
    assert (second.removed, second.ended, second.erased) == ({}, {}, 0)


def test_after_three_years_of_silence_people_are_asked_once_then_erased(house):
    from assent.dispatch import api as dispatch

    ada = house.meet("ada")
    house.says_yes("ada", BEGAN)
    house.did("ada", "Email Link Clicked", at(2021), "direct_marketing")
    assert house.run(at(2024, 1, 19)).asked == {}
    assert house.run(at(2024, 1, 21)).asked == {"direct_marketing": 1}
    assert house.run(at(2024, 1, 25)).asked == {}
    (sent,) = dispatch.messages(controller=house.bloom, subject=ada)
    assert (sent.purpose, sent.occasion) == ("direct_marketing", "ask-again:direct_marketing:2024-01-20")
    assert house.run(at(2024, 2, 19)).kept == {"waiting": 1}
    done = house.run(at(2024, 2, 21))
    assert done.ended == {"direct_marketing:unanswered": 1}
    assert not house.there("ada")


def test_whoever_answers_is_asked_anew_only_after_three_more_years(house):
    house.meet("ada")
    house.says_yes("ada", BEGAN)
    assert house.run(at(2023)).asked == {"direct_marketing": 1}
    house.says_yes("ada", at(2023, 2, 1))
    assert house.run(at(2023, 6)).ended == {}
    assert house.run(at(2026, 2, 2)).asked == {"direct_marketing": 1}


def test_an_open_without_consent_to_tracking_is_no_interaction(house):
    # The gate admits it for no purpose of the newsletter, so it prolongs nothing.
    house.meet("ada")
    house.says_yes("ada", BEGAN)
    house.did("ada", "Email Link Clicked", at(2022), "performance")
    assert house.run(at(2023)).asked == {"direct_marketing": 1}


def test_an_objection_to_marketing_ends_at_once_what_was_kept_for_it_alone(house):
    ada = house.meet("ada")
    house.has("ada", BEGAN, age_band="30-39", language="ro")
    house.did("ada", "Order Completed", BEGAN, "service")
    house.says_yes("ada", BEGAN)
    suppression.suppress(
        controller=house.bloom, kind=Kind.OBJECTION, subject=ada, purpose="direct_marketing", by=OFFICER, at=at(2020, 5)
    )
    assert api.draw(at=at(2020, 5))
    assert house.attributes("ada") == {"language": "ro"}
    (over,) = api.ended(controller=house.bloom, subject=ada)
    assert (over.purpose, over.why.clause, over.stays) == ("direct_marketing", "gdpr:17(1)(c)", ("privacy_requests", "service"))
    assert not api.draw(at=at(2020, 5))


def test_a_withdrawal_is_followed_at_once_for_that_person_alone(house):
    for name in ("ada", "ben"):
        house.meet(name)
        house.has(name, BEGAN, age_band="30-39")
        house.says_yes(name, BEGAN)
    house.says_no("ada", at(2020, 5))
    api.draw(at=at(2020, 5))
    assert house.attributes("ada") == {}
    assert house.attributes("ben") == {"age_band": "30-39"}


def test_a_hold_keeps_everything_and_says_why_until_it_ends(house):
    ada = house.meet("ada")
    house.meet("ben")
    made = api.hold(
        controller=house.bloom,
        subjects=[ada],
        reason=HoldReason.CLAIM,
        reference="C-1",
        until=date(2024, 1, 1),
        by=OFFICER,
        at=BEGAN,
    )
    done = house.run(at(2023))
    assert (done.erased, done.kept) == (1, {"hold:claim": 1})
    assert house.orphans(at(2023)) == {}
    assert house.there("ada")
    api.release(controller=house.bloom, hold=made.id, by=OFFICER, at=at(2023, 2))
    assert house.run(at(2023, 3)).erased == 1


def test_a_hold_on_a_purpose_keeps_what_is_kept_for_it_and_no_more(house):
    house.meet("ada", **ADDRESS)
    house.has("ada", BEGAN, age_band="30-39", clicks_count=2)
    house.says_yes("ada", BEGAN)
    house.says_no("ada", at(2020, 2))
    api.hold(
        controller=house.bloom, purpose="direct_marketing", reason=HoldReason.CLAIM, reference="C-1", until=date(2024, 1, 1),
        by=OFFICER, at=BEGAN,
    )  # fmt: skip
    assert house.run(at(2020, 3)).kept == {"hold:claim": 1}
    assert house.attributes("ada") == {"age_band": "30-39", "clicks_count": 2}
    assert not house.knows("ada", "street")


def test_restricted_data_stay_and_are_counted(house):
    ada = house.meet("ada")
    suppression.suppress(controller=house.bloom, kind=Kind.RESTRICTION, subject=ada, by=OFFICER, at=BEGAN)
    done = house.run(at(2026))
    assert (done.erased, done.kept) == (0, {"restricted": 1})


def test_a_restriction_for_one_purpose_keeps_that_and_no_more(house):
    ada = house.meet("ada", **ADDRESS)
    house.has("ada", BEGAN, age_band="30-39")
    house.says_yes("ada", BEGAN)
    house.says_no("ada", at(2020, 2))
    suppression.suppress(
        controller=house.bloom, kind=Kind.RESTRICTION, subject=ada, purpose="direct_marketing", by=OFFICER, at=at(2020, 2)
    )
    assert house.run(at(2020, 3)).kept == {"restricted": 1}
    assert house.attributes("ada") == {"age_band": "30-39"}
    assert not house.knows("ada", "street")


def test_files_of_a_data_item_go_with_its_last_purpose(house):
    from tests.retention.conftest import House, brand

    site = House(brand("processlab"))
    ada = site.meet("ada")
    files.put(controller=site.bloom, subject=ada, kind="resume", name="cv.pdf", data=b"%PDF", at=BEGAN)
    hired = Noted(ada, "contracts", Counted.COLLECTED, at(2023))
    applied = Noted(ada, "recruitment", Counted.APPLIED, BEGAN)
    api.note(controller=site.bloom, moments=[hired, applied], by=OFFICER, at=at(2023))
    site.run(at(2022, 12))
    assert files.count(controller=site.bloom, subject=ada) == 1
    site.run(at(2023, 2))
    assert files.count(controller=site.bloom, subject=ada) == 0


def test_whoever_is_hired_keeps_the_application_for_staff_to_decide(house):
    from tests.retention.conftest import House, brand

    site = House(brand("processlab"))
    ada = site.meet("ada")
    moments = [Noted(ada, "recruitment", Counted.APPLIED, BEGAN), Noted(ada, "recruitment", Counted.HIRED, at(2021), "hired")]
    api.note(controller=site.bloom, moments=moments, by=OFFICER, at=at(2021))
    done = site.run(at(2026))
    assert (done.erased, done.kept) == (0, {"policy": 1})


def test_what_will_end_is_foretold_by_the_last_run(house):
    assert api.preview(controller=house.bloom, by=date(2023, 1, 1)) is None
    house.meet("ada")
    house.meet("ben", at=at(2020, 6))
    house.run(at(2022))
    assert api.preview(controller=house.bloom, by=date(2023, 1, 14)).people == 0
    assert api.preview(controller=house.bloom, by=date(2023, 1, 15)).people == 1
    seen = api.preview(controller=house.bloom, by=date(2023, 7, 1))
    assert (seen.people, seen.purposes) == (2, {"service": 2})


def test_an_overview_counts_holds_and_what_staff_have_to_decide(house):
    assert api.counts(controller=house.bloom, at=BEGAN).last_run is None
    for day in (date(2022, 2, 1), date(2024, 1, 1)):
        api.hold(controller=house.bloom, reason=HoldReason.CLAIM, reference="C-1", until=day, by=OFFICER, at=BEGAN)
    house.run(at(2022))
    seen = api.counts(controller=house.bloom, at=at(2022))
    assert (seen.holds, seen.ending, seen.last_run, seen.to_decide) == (2, 1, at(2022), 0)
