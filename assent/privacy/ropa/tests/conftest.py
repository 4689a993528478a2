"""Policies to compile records from: Bloom's as it is shipped, and one in which every optional part says something."""

import json
from pathlib import Path

import pytest

from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import Compiled, Policy

POLICIES = Path(__file__).parents[4] / "policies"


def shipped(name):
    return numbered(policies.load(POLICIES / name).policy)


def numbered(policy):
    """Return a policy as version 3 under a digest that stays the same whatever is changed in it."""
    nothing = {key: {} for key in ("texts", "purpose_digests", "text_digests", "purpose_codes")}
    return Compiled(policy=policy, number=3, digest="d" * 64, **nothing)


def recompiled(data):
    return numbered(Policy.model_validate_json(json.dumps(data)))


def both(text):
    return {"en": text, "ro": f"{text} (ro)"}


def everything():
    """Return Bloom's policy as plain data with every optional leaf of a record filled in."""
    data = policies.load(POLICIES / "bloom").policy.model_dump(mode="json")
    contact = {"email": "x@bloom.example", "phone": "+40 1", "address": "Street 1"}
    data["controller"]["data_protection_officer"] = {"name": "Ada", "contact": contact, "none_because": None}
    data["controller"]["authority"]["contact"] = {**contact, "email": "authority@ro.example"}
    data["controller"]["contact"]["address"] = "Box 2"
    data["platform"] |= {
        "registration": "J40/1",
        "contact": {**contact, "email": "platform@lab.example"},
        "data_protection_officer": {"name": "Ben", "contact": {**contact, "email": "ben@lab.example"}, "none_because": None},
    }
    data["sources"]["you"]["named"] = "the till"
    data["data"]["visits"]["special"] = True
    data["recipients"]["platform"]["instructions"]["excluded_features"] = ["training"]
    service = data["purposes"]["service"]
    service["retention"]["overrides"] = {
        "repair": {"when": both("Repaired"), "duration": "P5Y", "counted_from": "collected", "then": "hold"}
    }
    service["basis_changed"] = {"was": "consent", "on": "2026-01-01", "reason": both("Sold, not given")}
    service["starts_on"] = "2026-12-01"
    data["purposes"]["location_offers"]["special_condition"] = "a"
    accounts = data["purposes"]["legal_accounts"]
    accounts |= {"interest": both("Order"), "balancing": both("Nobody minds")}
    decision = {name: both(name.title()) for name in ("title", "logic", "consequences", "safeguards")}
    data["automated_decisions"]["decisions"] = [decision]
    return data


@pytest.fixture(scope="session")
def bloom():
    return shipped("bloom")


@pytest.fixture
def full():
    return everything()
