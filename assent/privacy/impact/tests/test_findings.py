"""Each sign of a high risk is found where it is declared, and not where it is not."""

# ruff: noqa: E501 - a table reads best with a row to a line

import json
from pathlib import Path

import pytest

from assent.privacy.impact import api
from assent.privacy.impact.contracts import Criterion, Verdict
from assent.privacy.policy.api import load
from assent.privacy.policy.contracts import Policy

POLICIES = Path(__file__).parents[4] / "policies"


def words(text):
    return {"en": text, "ro": text}


def quiet(**more):
    """Return a policy in which nothing is a sign of a high risk, as plain data: invoices, and no more."""
    data = load(POLICIES / "bloom").policy.model_dump(mode="json")
    accounts = data["purposes"]["legal_accounts"] | {"recipients": []}
    keep = {key: data["data"][key] for key in accounts["data"]}
    data |= {"purposes": {"legal_accounts": accounts}, "data": keep, "cookies": {}, "solutions": {}, "events": {}, "traits": {}}
    data["controller"]["data_protection_officer"] = {"none_because": words("Few people")}
    return data | more


def found(data):
    return api.findings(Policy.model_validate_json(json.dumps(data)))


def purpose(data, **more):
    data["purposes"]["legal_accounts"] |= more
    return data


def item(data, **more):
    data["data"]["purchases"] |= more
    return data


def decision(data):
    data["automated_decisions"]["decisions"] = [{n: words(n) for n in ("title", "logic", "consequences", "safeguards")}]
    return data


def cookie(data, category):
    whole = load(POLICIES / "bloom").policy.model_dump(mode="json")
    data["cookies"] = {"one": whole["cookies"]["visitor"] | {"category": category, "purpose": "legal_accounts"}}
    return data


def solution(data, role):
    data["solutions"] = {"s": {"title": words("S"), "role": role, "agreement": "none", "purposes": ["legal_accounts"]}}
    return data


def recipient(data, role):
    data["recipients"]["courier"]["role"] = role
    return purpose(data, recipients=["courier"])


def source(data, kind):
    data["sources"]["other"] = {"title": words("O"), "kind": kind, "named": "a register"}
    return purpose(data, sources=["you", "other"])


def officer(data):
    data["controller"]["data_protection_officer"] = {"contact": {"email": "dpo@bloom.example"}}
    return data


def group(data, key):
    data["subjects"][key] = words(key)
    return purpose(data, subjects=[key])


# What is declared, the same without the sign, the criteria it meets, and the leaf that is named.
SIGNS = [
    (lambda: purpose(quiet(), dpv=["Profiling"]), lambda: purpose(quiet(), dpv=["Billing"]), {"scoring"}, "purposes.legal_accounts.dpv"),
    (lambda: purpose(quiet(), fideslang=["personalize.content"]), lambda: purpose(quiet(), fideslang=["personalized"]), {"scoring"}, "purposes.legal_accounts.fideslang"),
    (lambda: purpose(quiet(), dpv=["CreditChecking"]), lambda: purpose(quiet(), dpv=[]), {"scoring", "exclusion"}, "purposes.legal_accounts.dpv"),
    (lambda: purpose(quiet(), fideslang=["train_ai_system"]), quiet, {"innovation"}, "purposes.legal_accounts.fideslang"),
    (lambda: decision(quiet()), quiet, {"decisions", "exclusion"}, "automated_decisions.decisions.0"),
    (lambda: cookie(quiet(), "performance"), lambda: cookie(quiet(), "necessary"), {"monitoring"}, "cookies.one.category"),
    (lambda: item(quiet(), category="user.behavior.browsing_history"), quiet, {"monitoring"}, "data.purchases.category"),
    (lambda: item(quiet(), category="user.location.precise"), lambda: item(quiet(), category="user.locations"), {"monitoring", "sensitive", "innovation"}, "data.purchases.category"),
    (lambda: item(quiet(), category="user.location.imprecise"), quiet, {"monitoring", "sensitive"}, "data.purchases.category"),
    (lambda: item(quiet(), special=True), quiet, {"sensitive"}, "data.purchases.special"),
    (lambda: item(quiet(), kind="sensitive"), lambda: item(quiet(), kind="classic"), {"sensitive"}, "data.purchases.kind"),
    (lambda: officer(quiet()), quiet, {"scale"}, "controller.data_protection_officer.contact"),
    (lambda: solution(quiet(), "joint_controller"), lambda: solution(quiet(), "processor"), {"matching", "scale"}, "solutions.s.role"),
    (lambda: recipient(quiet(), "joint_controller"), lambda: recipient(quiet(), "processor"), {"matching"}, "recipients.courier.role"),
    (lambda: source(quiet(), "third_party"), lambda: source(quiet(), "derived"), {"matching"}, "sources.other.kind"),
    (lambda: source(quiet(), "public"), lambda: source(quiet(), "device"), {"matching"}, "sources.other.kind"),
    (lambda: group(quiet(), "children"), lambda: group(quiet(), "guests"), {"vulnerable"}, "purposes.legal_accounts.subjects"),
]  # fmt: skip


@pytest.mark.parametrize(("with_sign", "without", "criteria", "leaf"), SIGNS, ids=[f"{row[3]}-{min(row[2])}" for row in SIGNS])
def test_a_sign_is_found_where_it_is_declared_and_only_there(with_sign, without, criteria, leaf):
    triggers = found(with_sign()).triggers
    assert {trigger.criterion for trigger in triggers} == criteria
    assert leaf in {trigger.leaf for trigger in triggers}
    assert found(without()).triggers == ()


def test_data_nobody_uses_are_no_sign():
    data = quiet()
    data["data"]["spare"] = data["data"]["purchases"] | {"special": True}
    assert found(data).triggers == ()


def test_what_follows_depends_on_how_many_signs_there_are_and_which():
    assert found(quiet()).verdict is Verdict.NONE
    assert found(item(quiet(), kind="sensitive")).verdict is Verdict.CONSIDER
    assert found(item(quiet(), category="user.location.imprecise")).verdict is Verdict.EXPECTED
    assert found(decision(quiet())).verdict is Verdict.REQUIRED
    assert found(officer(item(quiet(), special=True))).verdict is Verdict.REQUIRED
    assert found(officer(item(quiet(), category="user.location.precise"))).verdict is Verdict.REQUIRED
    assert found(officer(cookie(quiet(), "performance"))).verdict is Verdict.EXPECTED


def test_the_demo_brands_are_judged_by_what_they_declare():
    verdicts = {name: api.findings(load(POLICIES / name).policy) for name in ("bloom", "orbit", "processlab")}
    assert verdicts["bloom"].verdict is Verdict.REQUIRED
    assert Criterion.INNOVATION not in verdicts["orbit"].criteria, "Orbit follows nobody by place"
    assert verdicts["orbit"].verdict is Verdict.EXPECTED
    assert verdicts["processlab"].criteria == (
        Criterion.MONITORING, Criterion.SENSITIVE, Criterion.MATCHING, Criterion.VULNERABLE,
    )  # fmt: skip


def test_criteria_stand_in_their_own_order_each_once():
    criteria = api.findings(load(POLICIES / "bloom").policy).criteria
    assert list(criteria) == [criterion for criterion in Criterion if criterion in criteria]
