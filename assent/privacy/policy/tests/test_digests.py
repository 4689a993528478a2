"""One policy, one form: spelling never matters, meaning always does."""

# ruff: noqa: E501 - a list of hostile strings is no text to wrap

import io
import json
import shutil
import tempfile
import unicodedata
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from assent.privacy.policy.contracts import Policy
from assent.privacy.policy.digests import canonical_form, compiled, digest_of, plain, read_form
from assent.privacy.policy.files import Disk
from assent.privacy.policy.load import load
from assent.privacy.policy.reading import read_yaml
from assent.privacy.policy.tests.conftest import BUNDLES
from assent.privacy.policy.texts import tidy

BRAND = load(BUNDLES / "brand")
FORM = canonical_form(BRAND.policy, BRAND.texts)
DATA = read_yaml((BUNDLES / "brand" / "policy.yaml").read_text(), "brand/policy.yaml").data
FEW = settings(max_examples=15, deadline=None)

# In the spirit of the Big List of Naughty Strings (github.com/minimaxir/big-list-of-naughty-strings).
NAUGHTY = [
    "undefined", "NULL", "true", "no", "0x1F", "1e309", "-0", "1/0", "2026-02-30", "~", "<<", "*", "&a", "!!str", "%YAML",
    "' OR 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}", "${HOME}", "../../etc/passwd", "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい",
    "الكل في المجمو عة", "👩‍👩‍👦‍👦", "Ⱥ", "ﬁ", "I̗̘̦͝n͇͇͙v̮̫ok̲̫̙͈i̖͙̭̹̠̞n̡̻̮̣̺g̲͈͙̭͙̬͎", "\u00a0x", "a\tb", "a: b", "# x", "- x", "? x", "| x", "> x", "@x", "`x`", "x" * 4000,
]  # fmt: skip


def digest(policy, texts=BRAND.texts):
    return digest_of(canonical_form(policy, texts))


def shuffled(node, random):
    if isinstance(node, dict):
        keys = list(node)
        random.shuffle(keys)
        return {key: shuffled(node[key], random) for key in keys}
    return node


def leaves(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path
    else:
        for key, value in items:
            yield from leaves(value, (*path, key))


def changed(data, path, value):
    result = deepcopy(data)
    node = result
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value(node[path[-1]])
    return result


@FEW
@given(random=st.randoms(use_true_random=False), flow=st.booleans(), width=st.integers(40, 200), remark=st.booleans())
def test_key_order_layout_and_remarks_do_not_change_the_digest(random, flow, width, remark):
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = flow, width, True
    written = io.StringIO()
    yaml.dump(shuffled(DATA, random), written)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(shutil.copytree(BUNDLES / "brand", Path(folder) / "brand"))
        text = written.getvalue()
        (bundle / "policy.yaml").write_text(f"# {random.random()}\n{text}" if remark else text, encoding="utf-8")
        found = load(bundle)
    assert canonical_form(found.policy, found.texts) == FORM


LEAVES = sorted(leaves(plain(BRAND.policy)), key=str)


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(LEAVES))
def test_any_change_of_meaning_changes_the_digest_or_does_not_compile(path):
    def other(value):
        if isinstance(value, bool):
            return not value
        return value + 1 if isinstance(value, int) else f"{value}x"

    try:
        policy = Policy.model_validate_json(json.dumps(changed(plain(BRAND.policy), path, other)))
    except ValidationError:
        return
    assert digest(policy) != digest(BRAND.policy)


def test_writing_a_default_out_says_nothing_new():
    data = plain(BRAND.policy)
    data["purposes"]["service"]["direct_marketing"] = False
    data["cookies"]["basket"]["kind"] = "cookie"
    assert digest(Policy.model_validate_json(json.dumps(data))) == digest(BRAND.policy)


def test_a_stored_form_reads_back_as_the_same_policy():
    policy, texts = read_form(FORM.decode())
    assert policy == BRAND.policy
    assert texts == BRAND.texts
    assert canonical_form(policy, texts) == FORM


@FEW
@given(words=st.sampled_from(NAUGHTY) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"])))
def test_hostile_words_are_kept_as_they_are_or_refused(words):
    data = changed(plain(BRAND.policy), ("banner", "title", "en"), lambda _: words)
    if not words.strip() or len(words) > 4000:
        with pytest.raises(ValidationError):
            Policy.model_validate_json(json.dumps(data))
        return
    policy = Policy.model_validate_json(json.dumps(data))
    assert policy.banner.title["en"] == unicodedata.normalize("NFC", words.strip())
    assert read_form(canonical_form(policy, BRAND.texts).decode())[0] == policy


@pytest.mark.parametrize("words", NAUGHTY)
def test_hostile_texts_survive_the_file(tmp_path, words):
    file = tmp_path / "opt_out.md"
    file.write_text(words + "\n", encoding="utf-8")
    assert tidy(Disk(tmp_path).read("opt_out.md")) == unicodedata.normalize("NFC", words).strip()


def test_each_purpose_is_pinned_with_its_own_texts():
    before = build()
    after = build(texts={**BRAND.texts, ("marketing_sms", "ro"): "Da."})
    assert before.digest != after.digest
    assert differing(before.purpose_digests, after.purpose_digests) == {"direct_marketing"}
    assert differing(before.text_digests, after.text_digests) == {("marketing_sms", "ro")}


def test_a_purpose_is_not_touched_by_its_neighbours():
    data = plain(BRAND.policy)
    data["purposes"]["performance"]["retention"]["duration"] = "P6M"
    after = build(policy=Policy.model_validate_json(json.dumps(data)))
    assert differing(build().purpose_digests, after.purpose_digests) == {"performance"}


def test_look_ups_of_a_compiled_policy():
    found = build()
    assert found.event("track", "Order Completed").title["en"] == "An order was placed"
    assert found.event("track", "Order Eaten") is None, "an undeclared event has no purpose"
    assert found.event("page", "Home") is found.event("page", None)
    assert found.event("alias", None) is None
    assert list(found.purpose_index) == sorted(BRAND.policy.purposes)
    assert found.mask("service", "performance") == (1 << found.purpose_codes["service"]) | (
        1 << found.purpose_codes["performance"]
    )
    assert found.mask("service", "service") == found.mask("service")
    assert found.text("opt_out", "de") == found.text("opt_out", "ro"), "an unknown language falls back to the first"
    with pytest.raises(KeyError):
        found.text("nothing", "en")


def build(policy=BRAND.policy, texts=BRAND.texts):
    codes = {purpose: at for at, purpose in enumerate(sorted(policy.purposes))}
    return compiled(policy, texts, number=1, digest=digest(policy, texts), codes=codes)


def differing(one, other):
    return {key for key in one if one[key] != other[key]}
