"""YAML that people read: written anew, changed in one place, and every other line as it was."""

from copy import deepcopy

import pytest
from hypothesis import given, settings, strategies as st

from assent.privacy.policy.contracts import InvalidPolicy
from assent.privacy.policy.digests import canonical_form
from assent.privacy.policy.load import load, load_files
from assent.privacy.policy.reading import read_yaml
from assent.privacy.policy.tests.conftest import BUNDLES
from assent.privacy.policy.tests.test_digests import NAUGHTY, leaves
from assent.privacy.policy.writing import edited, flattened, lines_of, replaced, written

BRAND = load(BUNDLES / "brand")
TEXT = written(BRAND.policy)
DATA = read_yaml(TEXT, "policy.yaml").data
BY_HAND = (BUNDLES / "brand" / "policy.yaml").read_text()
WORD = st.sampled_from(NAUGHTY)
FEW = settings(max_examples=8, deadline=None)


def data_of(text):
    return read_yaml(text, "policy.yaml").data


def changed(data, path, value):
    found = deepcopy(data)
    node = found
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return found


def differing(before, after):
    return [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]


@pytest.mark.parametrize("bundle", ["brand", "bloom", "harbour", "orbit", "processlab"])
def test_a_policy_written_and_read_again_is_the_same(bundle):
    loaded = load(BUNDLES / bundle)
    again = load_files({"policy.yaml": written(loaded.policy), **flattened(loaded.texts)})
    assert canonical_form(again.policy, again.texts) == canonical_form(loaded.policy, loaded.texts)


def test_it_reads_like_a_page():
    lines = TEXT.splitlines()
    assert lines[:2] == ["controller:", "  slug: brand"]
    assert (
        "  customers: {en: People who buy from us or have an account, ro: Persoane care cumpără de la noi sau au un cont}"
        in lines
    )
    assert "    retention: {duration: P3Y, counted_from: contract_ended, then: erase}" in lines
    assert [line for line in lines if line and not line.startswith(" ")][-1] == "texts:"


def test_one_value_changes_one_line_and_comments_stay():
    after = edited(BY_HAND, ("controller", "contact", "email"), "hello@brand.example")
    [(before, now)] = differing(BY_HAND, after)
    assert now == before.replace("privacy@", "hello@")
    assert after.splitlines()[:2] == BY_HAND.splitlines()[:2], "the comments on top"


def test_lines_in_somebody_elses_style_stay_as_they_are():
    mine = "controller:   # us\n    slug:   \"brand\"\n    name: 'Brand'\n\n\ndata:\n- a\n-   b\n"
    after = edited(mine, ("controller", "name"), "New")
    assert differing(mine, after) == [("    name: 'Brand'", "    name: 'New'")]


def test_what_is_new_stands_right_below_its_neighbours():
    title = {
        "en": "Surveys about what you bought and how you liked it",
        "ro": "Sondaje despre ce ați cumpărat și cum v-a plăcut",
    }
    after = edited(TEXT, ("purposes", "surveys"), {"title": title, "basis": "contract"})
    lines = after.splitlines()
    at = lines.index("  surveys:")
    assert [line.partition(":")[0] for line in lines[at : at + 7]] == [
        "  surveys", "    title", "      en", "      ro", "    basis", "", "events",
    ]  # fmt: skip
    assert lines[at - 1].strip()
    assert edited(after, ("purposes", "surveys"), None) == TEXT


def test_a_part_can_be_cut_out_and_put_back():
    sheet = read_yaml(BY_HAND, "policy.yaml")
    first, last = lines_of(sheet, BY_HAND, ("purposes", "service"))
    part = "\n".join(BY_HAND.splitlines()[first - 1 : last])
    assert part.splitlines()[0] == "  service:"
    assert "legal_accounts" not in part
    assert replaced(BY_HAND, first, last, part) == BY_HAND
    assert data_of(replaced(BY_HAND, first, last, "  service: {basis: contract}"))["purposes"]["service"] == {
        "basis": "contract"
    }


def test_a_text_that_cannot_be_read_is_not_edited():
    with pytest.raises(InvalidPolicy, match="anchor"):
        edited("a: &x 1\nb: *x\n", ("a",), 2)


@FEW
@given(st.data())
def test_any_leaf_can_be_changed_and_nothing_else_changes(data):
    path = data.draw(st.sampled_from(list(leaves(DATA))))
    value = data.draw(st.sampled_from(NAUGHTY))
    assert data_of(edited(TEXT, path, value)) == changed(DATA, path, value)


@FEW
@given(st.data())
def test_any_part_can_be_removed(data):
    section = data.draw(st.sampled_from([key for key in DATA if isinstance(DATA[key], dict)]))
    key = data.draw(st.sampled_from(list(DATA[section])))
    expected = deepcopy(DATA)
    del expected[section][key]
    assert data_of(edited(TEXT, (section, key), None)) == expected


@FEW
@given(
    st.dictionaries(
        st.sampled_from(["en", "ro", "title", "of"]),
        st.sampled_from(NAUGHTY) | st.lists(st.sampled_from(NAUGHTY), max_size=3),
        min_size=1,
    )
)
def test_any_value_can_be_laid_in(value):
    assert data_of(edited(TEXT, ("purposes", "service", "title"), value))["purposes"]["service"]["title"] == value
