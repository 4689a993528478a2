"""The measure itself is held to account: what is dead must survive, and be named."""

from pathlib import Path

import pytest

from tests.mutation import run
from tests.mutation.leaves import leaves, mutants, steers

BLOOM = Path(__file__).resolve().parents[2] / "policies" / "bloom"


@pytest.fixture(scope="module")
def bloom():
    return run.Subject(BLOOM)


def leaf(subject, name):
    return next(one for one in subject.all() if one.name == name)


def test_every_value_is_a_leaf_and_every_entry_of_a_list_is_one():
    found = [one.name for one in leaves({"a": {"b": 1, "c": ["x", "y"]}, "d": True, "e": []})]
    assert found == ["a.b", "a.c.0", "a.c.1", "d"]


def test_every_leaf_has_a_mutant_that_says_something_else(bloom):
    for one in leaves(bloom.data["policy"]):
        first = next(mutants(bloom.data["policy"], one))
        assert first != bloom.data["policy"], one.name


@pytest.mark.parametrize(
    "name", ["purposes.direct_marketing.basis", "purposes.performance.retention.duration", "rights.deadlines.answer"]
)
def test_what_steers_is_noticed_by_a_text_and_by_a_deed(bloom, name):
    found = bloom.try_leaf(leaf(bloom, name))
    assert found.killed
    assert run.DOES_NOT_COMPILE in found.texts or (found.texts and found.deeds)


def test_a_leaf_that_no_text_tells_survives_and_is_named(bloom, monkeypatch):
    monkeypatch.setattr(run, "texts_of", lambda policy: bloom.says)
    found = bloom.try_leaf(leaf(bloom, "purposes.service.title.en"))
    assert not found.killed
    assert "purposes.service.title.en: SURVIVES (no text)" in str(found)


def test_a_leaf_that_steers_nothing_survives_and_is_named(bloom, monkeypatch):
    monkeypatch.setattr(run, "deeds", lambda compiled, probes: {})
    one = leaf(bloom, "rights.deadlines.answer")
    assert steers(one)
    found = bloom.try_leaf(one)
    assert not found.killed
    assert "SURVIVES (no deed)" in str(found)


def test_the_same_policy_twice_changes_nothing(bloom):
    again = run.Subject(BLOOM)
    probes = run.Probes.of(bloom.policy)
    assert again.says == bloom.says
    assert again.does(probes) == bloom.does(probes)


# All of them, which takes minutes, are tried by `make mutate-policy`; `make test` runs it.
@pytest.mark.parametrize("bundle", ["bloom", "processlab"])
def test_no_leaf_is_dead(bundle):
    subject = run.Subject(BLOOM.parent / bundle)
    alive = [str(found) for one in subject.all()[::40] if not (found := subject.try_leaf(one)).killed]
    assert alive == []
