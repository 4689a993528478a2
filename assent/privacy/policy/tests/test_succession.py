"""People are told before their data serve a new purpose, and a basis is not swapped without a reason."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assent.audit.contracts import Actor
from assent.privacy.policy import api, succession
from assent.privacy.policy.contracts import Basis, BasisChange, InvalidPolicy, Local
from assent.privacy.policy.load import load
from assent.privacy.policy.tests.conftest import BUNDLES
from assent.tenancy import api as tenancy

TODAY = date(2026, 11, 23)
MONTH = timedelta(days=30)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHY = Local({"en": "Each person is asked first.", "ro": "Fiecare persoană este întrebată întâi."})
WHEN = Local({"en": "An auditor said so.", "ro": "Așa a spus un auditor."})


@pytest.fixture(scope="module")
def before():
    return load(BUNDLES / "brand").policy


def with_purpose(policy, key="service_quality", like="service", **changed):
    one = policy.purposes[like].model_copy(update=changed)
    return policy.model_copy(update={"purposes": {**policy.purposes, key: one}})


def faults(before, now, on=TODAY):
    return [(".".join(fault.path), fault.code) for fault in succession.faults(before, now, on=on)]


def test_a_policy_that_adds_no_purpose_follows_on(before):
    assert faults(before, before) == []


def test_a_new_purpose_for_data_already_held_waits_for_the_notice(before):
    assert faults(before, with_purpose(before)) == [("purposes.service_quality", "new_purpose")]
    soon = with_purpose(before, starts_on=TODAY + MONTH - timedelta(days=1))
    assert faults(before, soon) == [("purposes.service_quality.starts_on", "new_purpose")]
    assert faults(before, with_purpose(before, starts_on=TODAY + MONTH)) == []


def test_the_policy_says_how_long_people_are_told_before(before):
    deadlines = before.rights.deadlines.model_copy(update={"notice_before_change": "P2M"})
    patient = before.model_copy(update={"rights": before.rights.model_copy(update={"deadlines": deadlines})})
    assert faults(before, with_purpose(patient, starts_on=date(2027, 1, 22))) != []
    assert faults(before, with_purpose(patient, starts_on=date(2027, 1, 23))) == []


def test_a_new_purpose_for_new_data_or_told_at_collection_may_start_at_once(before):
    assert faults(before, with_purpose(before, data=("shoe_size",))) == []
    assert faults(before, with_purpose(before, told_at_collection=WHY)) == []


def test_the_cure_names_the_day(before):
    [fault] = succession.faults(before, with_purpose(before), on=TODAY)
    assert "starts_on: 2026-12-23" in fault.cure
    assert fault.clause == "gdpr:13(3)"


def test_the_day_people_were_told_is_kept(before):
    promised = with_purpose(before, starts_on=TODAY + MONTH)
    assert faults(promised, with_purpose(before, starts_on=TODAY)) == [("purposes.service_quality.starts_on", "new_purpose")]
    assert faults(promised, with_purpose(before)) == [("purposes.service_quality", "new_purpose")]
    assert faults(promised, with_purpose(before, starts_on=TODAY + 2 * MONTH)) == []
    assert faults(promised, with_purpose(before), on=TODAY + MONTH) == [], "it has begun"


def test_a_basis_is_swapped_only_with_a_reason(before):
    swapped = with_purpose(before, key="performance", like="performance", basis=Basis.LEGITIMATE_INTERESTS)
    assert faults(before, swapped) == [("purposes.performance.basis", "basis_swapped")]
    reason = BasisChange(was=Basis.CONSENT, on=TODAY, reason=WHEN)
    on_record = with_purpose(
        before, key="performance", like="performance", basis=Basis.LEGITIMATE_INTERESTS, basis_changed=reason
    )
    assert faults(before, on_record) == []
    back = with_purpose(before, key="performance", like="performance", basis_changed=reason)
    assert faults(on_record, back) == [("purposes.performance.basis", "basis_swapped")], "the reason is of another swap"


@pytest.fixture
def bloom(db):
    return tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=Actor.staff(7), at=NOON
    ).id


NEW = """
  surveys:
    title: {en: Surveys, ro: Sondaje}
    description: {en: We ask what you think., ro: Vă întrebăm ce credeți.}
    basis: legitimate_interests
    interest: {en: Mending the shop, ro: Îmbunătățirea magazinului}
    balancing: {en: One question a year, ro: O întrebare pe an}
    subjects: [customers]
    data: [email]
    sources: [you]
    retention: {duration: P1Y, counted_from: collected, then: erase}
"""


def add(house, lines):
    path = house / "bloom" / "policy.yaml"
    path.write_text(path.read_text().replace("\nevents:", lines + "\nevents:", 1))


def publish(controller, house, at=NOON):
    return api.publish(controller=controller, bundle=house / "bloom", by=Actor.staff(7), at=at)


def test_publishing_refuses_a_purpose_nobody_was_told_of_and_names_the_line(bloom, house):
    publish(bloom, house)
    add(house, NEW)
    with pytest.raises(InvalidPolicy, match=r"bloom/policy.yaml:\d+: error: purposes.surveys: is new"):
        publish(bloom, house)
    assert len(api.versions(controller=bloom)) == 1
    add(house, "    starts_on: 2026-12-23\n")
    assert publish(bloom, house).policy.purposes["surveys"].starts_on == date(2026, 12, 23)


def test_a_first_policy_owes_nothing_to_one_before_it(bloom, house):
    add(house, NEW)
    assert publish(bloom, house).number == 1


def test_a_purpose_does_not_come_back_by_rolling_back(bloom, house):
    clean = (house / "bloom" / "policy.yaml").read_text()
    add(house, NEW)
    publish(bloom, house)
    (house / "bloom" / "policy.yaml").write_text(clean)
    publish(bloom, house)
    with pytest.raises(InvalidPolicy, match=r"version 1:1: error: purposes\.surveys: is new"):
        api.rollback(controller=bloom, to=1, by=Actor.staff(7), at=NOON)


def test_the_day_is_counted_where_the_controller_is(bloom, house):
    publish(bloom, house)
    add(house, NEW + "    starts_on: 2026-12-23\n")
    late = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # the 24th in Bucharest
    with pytest.raises(InvalidPolicy, match="write 2026-12-24 or later"):
        publish(bloom, house, late)
