"""The ENISA formula, by its own examples and borders; and what is proposed from the policy."""

import itertools
from pathlib import Path

import pytest

from assent.privacy.breaches.contracts import Assessment, Circumstance, DataContext, Ease, Level, Nature, Reading, Risk
from assent.privacy.breaches.weighing import EASES, LOSSES, SCORES, data_of, propose, severity
from assent.privacy.policy import api as policies

POLICIES = Path(__file__).parents[4] / "policies"
BRAND = policies.load(POLICIES / "bloom").policy


def test_the_terms_are_added_and_multiplied_as_the_method_says():
    found = severity(Assessment(DataContext.FINANCIAL, 3, Ease.SIGNIFICANT, confidentiality=Circumstance.MOST, malicious=True))
    assert (found.context, found.ease, found.circumstances) == (3.0, 0.75, 1.0)
    assert (found.score, found.level, found.risk) == (3.25, Level.HIGH, Risk.HIGH)


def test_every_score_is_context_times_ease_plus_circumstances_and_levels_begin_at_two_three_and_four():
    choices = itertools.product(range(1, 5), EASES, LOSSES, LOSSES, LOSSES, (False, True))
    for context, ease, secret, whole, there, malicious in choices:
        found = severity(Assessment(DataContext.SIMPLE, context, ease, secret, whole, there, malicious))
        score = context * EASES[ease] + LOSSES[secret] + LOSSES[whole] + LOSSES[there] + (0.5 if malicious else 0)
        assert found.score == score
        expected = ["low", "medium", "high", "very_high"][(score >= 2) + (score >= 3) + (score >= 4)]
        assert found.level == expected
        assert found.risk == {"low": "unlikely", "medium": "risk"}.get(expected, "high")


def test_more_than_a_hundred_people_and_encrypted_data_ask_for_a_second_look():
    low = Assessment(DataContext.SIMPLE, 1, Ease.NEGLIGIBLE)
    assert severity(low, people=100).flags == ()
    assert severity(low, people=101, unintelligible=True).flags == ("many", "unintelligible")


def test_a_leak_of_names_and_addresses_is_proposed_as_certain_to_identify():
    data = data_of(BRAND, [Reading.IDENTIFIERS])
    assert {"email", "full_name"} <= set(data)
    assert "purchases" not in data
    proposed = propose(BRAND, data, [Nature.CONFIDENTIALITY])
    assert (proposed.ease, proposed.confidentiality, proposed.integrity) == (Ease.MAXIMUM, Circumstance.MOST, Circumstance.NONE)


def test_what_people_do_without_their_names_is_behaviour_that_hardly_identifies():
    data = data_of(BRAND, [Reading.TIMELINES])
    assert "purchases" in data
    assert "email" not in data
    proposed = propose(BRAND, data, [Nature.CONFIDENTIALITY])
    assert (proposed.data, proposed.context, proposed.ease) == (DataContext.BEHAVIOURAL, 2, Ease.NEGLIGIBLE)


def test_special_data_are_the_most_sensitive_class_whatever_else_was_read():
    photo = BRAND.model_copy(
        update={"data": {**BRAND.data, "health": BRAND.data["purchases"].model_copy(update={"special": True})}}
    )
    assert propose(photo, ["purchases", "health"], []).context == SCORES[DataContext.SENSITIVE]


@pytest.mark.parametrize("reading", [Reading.EXPORTS, Reading.FILES])
def test_an_export_or_a_file_may_hold_anything(reading):
    assert set(data_of(BRAND, [reading])) == set(BRAND.data)


def test_a_list_of_ids_shows_no_data_item():
    assert data_of(BRAND, [Reading.LISTS]) == ()
