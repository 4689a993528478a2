"""One fault hides no other: where a part is missing or wrong, the check goes on, and says nothing that rests on it."""

import json
from copy import deepcopy
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from assent.privacy.policy.contracts import Policy, Severity
from assent.privacy.policy.faults import Path
from assent.privacy.policy.load import check, check_files
from assent.privacy.policy.reading import read_yaml
from assent.privacy.policy.standins import TURNS, covers, kind_at, shaped
from assent.privacy.policy.tests.conftest import BUNDLES

TODAY = date(2026, 11, 25)
FEW = settings(max_examples=20, deadline=None)
FILES = {
    path.relative_to(BUNDLES / "processlab").as_posix(): path.read_text() for path in (BUNDLES / "processlab").rglob("*.*")
}
DATA = read_yaml(FILES["policy.yaml"], "policy.yaml").data


def paths(node, path: Path = ()):
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))


PATHS = sorted(paths(DATA), key=str)
REMOVED = object()


def changed(path, value, data=DATA):
    result = deepcopy(data)
    node = result
    for key in path[:-1]:
        node = node[key]
    if value is REMOVED:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return result


def findings(data, **kwargs):
    """Check a bundle whose policy is written as JSON, which is YAML as well."""
    return check_files(FILES | {"policy.yaml": json.dumps(data, ensure_ascii=False, indent=1)}, on=TODAY, **kwargs)


def shape_of(found):
    return [each for each in found if each.code in {"missing", "shape", "unknown_part", "no_end"}]


@FEW
@given(path=st.sampled_from(PATHS), value=st.sampled_from([REMOVED, 5, [5], "Permanent ?!", True]))
def test_a_part_that_is_missing_or_misshapen_brings_no_other_finding(path, value):
    data = changed(path, value)
    if not shaped(data).errors:
        return  # an optional part left out, or a value that fits
    found = findings(data)
    assert shape_of(found)
    others = [each for each in found if each not in shape_of(found)]
    # A list replaced as a whole may leave out for good what it named before; only that may be said.
    assert all(value == [5] and isinstance(node_at(path), list) for _ in others), [str(each) for each in others]


def node_at(path):
    node = DATA
    for key in path:
        node = node[key]
    return node


# Faults of the law, each in a corner of its own.
SEEDED = [
    (("recipients", "meta_us", "safeguard", "kind"), "privacy_shield", "transfer"),
    (("purposes", "communication", "balancing"), REMOVED, "ground"),
    (("cookies", "ga_day", "name"), "__gads", "cookie_category"),
    (("rights", "deadlines", "extension"), "P3M", "deadline"),
    (("events", "page_viewed", "properties", "path", "identifying"), True, "sealing"),
    (("banner", "choose", "ro"), REMOVED, "missing_language"),
]


@FEW
@given(
    path=st.sampled_from(PATHS),
    value=st.sampled_from([REMOVED, 5, "Permanent ?!"]),
    seed=st.sampled_from(SEEDED),
)
def test_a_misshapen_part_hides_no_fault_elsewhere(path, value, seed):
    place, wrong, code = seed
    if path[:2] == place[:2] or path[0] == place[0] == "banner" or len(path) == 1:
        return
    if code == "cookie_category" and path[:2] in {("purposes", "performance"), ("consent_categories", "performance")}:
        return  # a cookie is held against the category and purpose it names
    if code == "sealing" and path[:2] == ("data", "browsing"):
        return
    if code == "missing_language" and path[:2] == ("controller", "languages"):
        return
    found = findings(changed(path, value, changed(place, wrong)))
    assert code in {each.code for each in found}, [str(each) for each in found]


def test_two_faults_of_shape_in_one_place_are_both_named():
    data = changed(("purposes", "website", "data"), ["device", "device"])
    data["purposes"]["website"]["basis"] = "because"
    assert [each.place for each in shape_of(findings(data))] == ["purposes.website.basis", "purposes.website.data"]


def test_a_missing_basis_is_one_finding_and_the_recipients_are_still_checked():
    data = changed(("purposes", "performance", "basis"), REMOVED)
    data["recipients"]["google_us"]["safeguard"]["kind"] = "privacy_shield"
    assert [(each.code, each.place) for each in findings(data)] == [
        ("missing", "purposes.performance.basis"),
        ("transfer", "recipients.google_us.safeguard.kind"),
    ]


def test_a_misspelt_key_counts_as_the_one_that_was_meant():
    data = changed(("purposes", "later_vacancies", "wording"), REMOVED)
    data["purposes"]["later_vacancies"]["wordng"] = {"email": "vacancies_emial"}
    assert {(each.code, each.place) for each in findings(data)} == {
        ("unknown_part", "purposes.later_vacancies.wordng"),
        ("unknown_key", "purposes.later_vacancies.wording.email"),
        ("unused", "texts.vacancies_email"),
    }


def test_yaml_that_misleads_hides_nothing_either(house):
    path = house / "processlab" / "policy.yaml"
    text = path.read_text().replace("basis: contract", "basis: !!python/name:os.system contract", 1)
    path.write_text(text.replace("kind: data_privacy_framework", "kind: privacy_shield", 1))
    assert [(each.code, each.place) for each in check(house / "processlab", on=TODAY)] == [
        ("yaml", "purposes.contracts.basis"),
        ("transfer", "recipients.google_us.safeguard.kind"),
    ]


@pytest.mark.parametrize("path", [(), *sorted({path[:1] for path in PATHS})], ids=str)
def test_whole_sections_may_be_missing(path):
    data = {} if not path else changed(path, REMOVED)
    result = shaped(data)
    assert len(result.policies) in {1, TURNS}
    assert all(isinstance(policy, Policy) for policy in result.policies)
    assert all(each.severity in Severity for each in findings(data or {"controller": {}}))


def test_every_part_of_the_schema_has_a_stand_in_that_fits():
    """Each leaf in turn is replaced by what fits nowhere; every guess must still become a policy."""
    for path in PATHS[::12]:
        result = shaped(changed(path, {"nowhere": {"at": ["all"]}}))
        assert len(result.policies) in {1, TURNS}, path


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10**18)
    | st.text(max_size=8)
    | st.sampled_from(["consent", "P1Y", "en", "../brand"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None)
@given(edits=st.lists(st.tuples(st.sampled_from(PATHS), ANYTHING), min_size=1, max_size=6))
def test_no_policy_however_mutilated_makes_the_check_fail(edits):
    data = deepcopy(DATA)
    for path, value in edits:
        try:
            data = changed(path, value, data)
        except (KeyError, TypeError, IndexError):
            continue  # an earlier edit removed the place
    lines = json.dumps(data, ensure_ascii=False, indent=1).splitlines()
    for each in check_files(FILES | {"policy.yaml": "\n".join(lines)}, on=TODAY):
        complete(each, len(lines))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_text_however_cut_up_makes_the_check_fail(data):
    lines = FILES["policy.yaml"].splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["drop", "double", "indent", "cut", "noise"]))
        line = lines[at]
        lines[at : at + 1] = {
            "drop": [],
            "double": [line, line],
            "indent": ["  " + line],
            "cut": [line[: len(line) // 2]],
            "noise": [data.draw(st.text(max_size=12)).replace("\n", " ") + line],
        }[how]
    text = "\n".join(lines)
    for each in check_files(FILES | {"policy.yaml": text}, on=TODAY):
        complete(each, max(len(text.splitlines()), 1))


def complete(finding, last_line):
    assert finding.file
    assert finding.code
    assert finding.message
    assert finding.cure
    assert 1 <= finding.line <= last_line + 1, finding


def test_paths_cover_what_lies_under_them():
    assert covers(("purposes",), ("purposes", "website", "basis"))
    assert covers(("purposes", "website"), ("purposes", "*", "basis"))
    assert not covers(("purposes", "website", "basis"), ("purposes", "website"))
    assert kind_at(("purposes", "website", "nothing")) is None
