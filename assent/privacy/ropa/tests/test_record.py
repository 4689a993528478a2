"""A record says everything art. 30 asks for, and changes whenever what it records changes."""

import copy
import json
from datetime import date, timedelta

import pytest
from jsonschema import Draft202012Validator

from assent.privacy.ropa import api
from assent.privacy.ropa.contracts import NoPlatform
from assent.privacy.ropa.tests.conftest import POLICIES, both, recompiled, shipped

HOME = POLICIES.parent
# What a purpose steers and a record does not speak of: how consent is asked for and messages are worded.
ASKED_ELSEWHERE = {
    "ask_again", "confirmation", "consent_category", "double_opt_in", "opt_out", "opt_out_at_collection",
    "per_channel_choice", "sale", "source_line", "wording",
}  # fmt: skip
RECORDED = ("controller", "subjects", "data", "sources", "purposes", "recipients", "platform", "solutions", "measures")


def leaves(part, path=()):
    if isinstance(part, dict) and part:
        for key, value in part.items():
            yield from leaves(value, (*path, key))
    elif isinstance(part, list) and part:
        for at, value in enumerate(part):
            yield from leaves(value, (*path, at))
    elif part not in ({}, [], None):
        yield path


def other(path, value):
    """Return another value that may stand where this one does."""
    if isinstance(value, bool):
        return not value
    name = next(part for part in reversed(path) if isinstance(part, str))
    if name in {"on", "starts_on", "checked_on", "valid_until"}:
        return str(date.fromisoformat(value) + timedelta(days=1))
    choices = {
        **dict.fromkeys(("duration", "consent_expires", "data_kept", "keys_kept"), ("P7D", "P8D")),
        **dict.fromkeys(("basis", "was"), ("vital_interests", "public_task")), "country": ("FR", "IT"),
        "special_condition": "abc", "counted_from": ("hired", "applied"), "then": ("erase", "hold"),
        "channels": ("post", "phone"), "operations": ("store", "transfer"), "kind": ("sensitive", "classic"),
        "storage": ("sealed", "plain"), "agreement": ("none", "joint"), "fallback": ("binding_rules", "adequacy"),
    }  # fmt: skip
    if name == "role":
        choices["role"] = ("controller", "processor") if path[0] == "solutions" else ("sub_processor", "processor")
    if path[0] == "sources" and name == "kind":
        choices["kind"] = ("public", "derived")
    if path[-2:] == ("safeguard", "kind"):
        choices["kind"] = ("adequacy", "binding_rules")
    return next(one for one in choices.get(name, (f"{value}x",)) if one != value)


def mutated(data, path):
    """Return the policy with one leaf changed: an entry of a list is taken away, a key leads elsewhere, a value differs."""
    changed = copy.deepcopy(data)
    part = changed
    for key in path[:-1]:
        part = part[key]
    if isinstance(part, list) and len(part) > 1:
        del part[path[-1]]
    elif among := led_to(data, path):
        part[path[-1]] = next(key for key in among if key != part[path[-1]])
    else:
        part[path[-1]] = other(path, part[path[-1]])
    return changed


def led_to(data, path):
    """Return the part whose keys may stand here, if this leaf is such a key."""
    if path == ("platform", "recipient"):
        return data["recipients"]
    if isinstance(path[-1], int) and path[-2] in {"subjects", "data", "sources", "recipients", "purposes"}:
        return data[path[-2]]
    return ()


def says(data):
    policy = recompiled(data)
    records = [api.controller_record(policy, language) for language in ("en", "ro")]
    on_behalf = [api.processor_record([policy], language) for language in ("en", "ro")]
    return [api.as_json(record) for record in (*records, *on_behalf)]


def recorded(path):
    if path[0] in {"backups", "automated_decisions"}:
        return True
    if path[0] not in RECORDED or set(path) & ASKED_ELSEWHERE:
        return False
    # What a solution's parties owe each other, in which time and in which language it is told is the agreements'.
    return not {"languages", "time_zone", "terms", "duties"} & set(path)


def test_every_leaf_that_belongs_into_a_record_changes_it(full):
    before = says(full)
    asked = [path for path in leaves(full) if recorded(path)]
    survivors = [".".join(map(str, path)) for path in asked if says(mutated(full, path)) == before]
    assert survivors == []
    assert len(asked) > 400


def test_a_controllers_record_answers_each_letter_of_article_30(bloom):
    record = api.controller_record(bloom, "en")

    assert (record.controller.name, record.controller.email) == ("Bloom Fashion SRL", "privacy@bloom.example")  # (a)
    assert record.controller.officer.email == "dpo@bloom.example"
    assert [one.name for one in record.joint] == ["Process Lab SRL", "Meta Platforms Ireland Limited"]
    assert [one.key for one in record.activities] == list(bloom.policy.purposes)  # (b)
    for one in record.activities:
        assert one.subjects, one.key  # (c)
        assert one.data, one.key
        assert [found.key for found in one.receivers] == list(bloom.policy.purposes[one.key].recipients)  # (d)
        assert one.ending.duration.startswith("P"), one.key  # (f)
    abroad = {one.key: [found.key for found in one.transfers] for one in record.activities if one.transfers}
    assert abroad == {"advertising": ["meta_us"]}  # (e)
    assert record.activities[6].transfers[0].safeguard.reference.endswith("2023/1795")
    assert {one.check for one in record.measures} >= {"sealed-identifiers", "audit-chain"}  # (g)
    assert (record.copies.data_kept, record.copies.keys_kept) == ("P30D", "P14D")


def test_a_processors_record_names_each_controller_and_what_is_done_for_it():
    harbour, orbit = shipped("harbour"), shipped("orbit")
    record = api.processor_record([harbour, orbit], "ro")

    assert record.processor.name == "Process Lab SRL"
    assert [one.controller.name for one in record.controllers] == ["Harbour Coffee SRL", "Orbit Electronics SRL"]
    assert [one.key for one in record.controllers[0].services] == ["crm", "website", "loyalty", "location"]
    assert [one.key for one in record.controllers[1].services] == ["crm", "website", "loyalty"]
    crm = record.controllers[0].services[0]
    assert [found.key for found in crm.receivers] == ["telcor"], "the platform does not receive data from itself"
    assert {item.key for item in crm.data} == {
        item for key in harbour.policy.solutions["crm"].purposes for item in harbour.policy.purposes[key].data
    }


def test_what_is_decided_together_is_no_processing_on_behalf(bloom):
    record = api.processor_record([bloom], "en")
    assert "ecosystem" not in {service.key for service in record.controllers[0].services}


def test_without_a_platform_there_is_no_processor_to_keep_a_record_for():
    with pytest.raises(NoPlatform, match="processlab names no platform"):
        api.processor_record([shipped("processlab")], "en")


def test_one_record_is_not_kept_for_two_processors(full, bloom):
    full["recipients"]["platform"]["name"] = "Another Lab SRL"
    with pytest.raises(NoPlatform, match="Another Lab SRL, Process Lab SRL"):
        api.processor_record([bloom, recompiled(full)], "en")


def test_a_group_named_twice_is_listed_once(bloom):
    assert len(set(subjects := api.service(bloom.policy, "crm", "en").subjects)) == len(subjects) > 1


def test_the_same_policy_gives_the_same_bytes_and_another_language_other_words(bloom):
    english, romanian = api.controller_record(bloom, "en"), api.controller_record(bloom, "ro")
    assert api.as_json(english) == api.as_json(api.controller_record(shipped("bloom"), "en"))
    assert "Comenzi și contul" in api.as_json(romanian).decode()
    assert "Comenzi" not in api.as_json(english).decode()


@pytest.mark.parametrize("name", ["bloom", "harbour", "orbit", "processlab"])
def test_records_fit_the_published_schema(name):
    schema = json.loads((HOME / "docs" / "record-of-processing.schema.json").read_text())
    policy = shipped(name)
    records = [api.controller_record(policy, "en")]
    if policy.policy.platform:
        records.append(api.processor_record([policy], "en"))
    for record in records:
        assert list(Draft202012Validator(schema).iter_errors(json.loads(api.as_json(record)))) == []


def test_the_published_schema_is_up_to_date():
    assert json.loads((HOME / "docs" / "record-of-processing.schema.json").read_text()) == api.schema()


def test_hostile_words_stay_words(full):
    full["purposes"]["service"]["title"] = both('<script>alert(1)</script> "{controller}" =1+1')
    record = api.controller_record(recompiled(full), "en")
    assert json.loads(api.as_json(record))["activities"][0]["title"] == '<script>alert(1)</script> "{controller}" =1+1'
