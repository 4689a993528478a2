"""What is written about a breach: every field of art. 33(3), what is open said so, and plain words for the people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assent.privacy.breaches.api import severity
from assent.privacy.breaches.contracts import (
    Account,
    Assessment,
    BreachInfo,
    Circumstance,
    DataContext,
    Deed,
    Ease,
    Nature,
    Notified,
    Reach,
    Reading,
    Risk,
    State,
    StepInfo,
)
from assent.privacy.documents import api
from assent.privacy.documents.contracts import Kind
from assent.privacy.documents.tests.bundles import edition, table

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INPUTS = Assessment(DataContext.SIMPLE, 2, Ease.MAXIMUM, confidentiality=Circumstance.MOST, malicious=True)
EN = Account(
    "A key lay on a public page.",
    "It was pasted there by mistake.",
    "You may get strange mail.",
    "The key was ended.",
    "Be wary.",
)
RO = Account(
    "O cheie a fost publicată.",
    "A fost lipită din greșeală.",
    "Puteți primi mesaje ciudate.",
    "A fost anulată.",
    "Fiți atenți.",
)
LEAK = BreachInfo(
    id=1, title="A key leaked", state=State.CONTAINED, nature=(Nature.CONFIDENTIALITY,), found_at=NOON,
    began_at=NOON - timedelta(hours=2), ended_at=NOON, aware_at=NOON, due_at=NOON + timedelta(hours=72),
    pass_on_at=NOON + timedelta(hours=24), accounts={"en": EN, "ro": RO}, data=("email", "full_name"), subjects=("customers",),
    countries=("BG",), unintelligible=False, reach=Reach(("key:7",), NOON - timedelta(hours=2), NOON, (Reading.IDENTIFIERS,)),
    people=48_213, records=50_000, stated=False, unnamed=0, altered=0, readings={"identifiers": (50_000, 48_213)},
    assessment=INPUTS, severity=severity(INPUTS, people=48_213), risk=Risk.HIGH, risk_reason="",
    steps=(StepInfo(Deed.CONTAINED, "staff:3", NOON),), notified=(), passed_on_at=None, telling_since=None, why_not_told="",
)  # fmt: skip
HOUR = timedelta(hours=1)


def written(breach=LEAK, *, kind=Kind.BREACH_TO_AUTHORITY, language="en", at=NOON + HOUR):
    return api.breach_document(edition=edition("bloom"), kind=kind, language=language, breach=breach, at=at)


def said(breach=LEAK, **how):
    return api.to_markdown(written(breach, **how))


def test_a_notification_holds_every_field_the_law_and_the_form_ask_for():
    text = said()
    for expected in (
        "new notification",
        "Bloom Fashion SRL",
        "48,213, found one by one",
        "50,000",
        "You may get strange mail.",
        "The key was ended",
        "It was pasted there by mistake.",
        "confidentiality: somebody learnt what they should not",
        "23 November 2026, 14:00 (EET)",
        "26 November 2026, 14:00 (EET)",
        "E-mail address",
        "API key 7",
        "Bulgaria",
    ):
        assert expected in text, expected
    assert "Still to be written" not in text


def test_the_arithmetic_is_shown_term_by_term():
    rows = table(written(), "severity")
    assert ["Data processing context", "2"] in rows
    assert ["Ease of identification", "1"] in rows
    assert ["Loss of confidentiality", "0.5"] in rows
    assert ["Malicious intent", "0.5"] in rows
    assert rows[-1] == ["Severity", "2 × 1 + 1 = 3 · high"]


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_first_draft_says_what_is_still_open(language):
    bare = replace(
        LEAK, accounts={}, nature=(), data=(), people=0, readings={}, reach=None, assessment=None, severity=None, risk=None
    )
    assert api.breach_gaps(bare, language=language, at=NOON) == [
        "what", "causes", "effects", "measures", "nature", "people", "data", "assessment",
    ]  # fmt: skip
    assert {"en": "Still to be written", "ro": "De scris înainte de trimitere"}[language] in said(bare, language=language)


def test_a_late_one_asks_for_its_reasons_and_then_gives_them():
    late = NOON + timedelta(hours=80)
    assert api.breach_gaps(LEAK, language="en", at=late) == ["late"]
    assert "why the notification is late" in said(at=late)
    told = replace(LEAK, notified=(Notified(1, late, "17/2026", "The provider told us late."),))
    text = said(told, at=late + HOUR)
    assert "The provider told us late." in text
    assert "completion of notification 17/2026 (part 2)" in text


def test_the_controller_a_platform_works_for_is_told_that_its_own_clock_begins():
    text = said(kind=Kind.BREACH_TO_CONTROLLER)
    assert "72 hours runs from the moment you know" in text
    assert "48,213" in text


def test_people_are_told_in_plain_words_without_numbers_of_the_law_inside_the_letter():
    letter = api.breach_letter(edition("bloom"), "ro", LEAK)
    assert letter.subject == "Bloom Fashion SRL: o încălcare a securității v-a afectat datele"
    text = "\n".join(letter.lines)
    for expected in ("O cheie a fost publicată.", "Adresa de e-mail", "Fiți atenți.", "@bloom.example"):
        assert expected in text
    assert "48" not in text


def test_a_letter_that_is_not_written_in_a_language_does_not_leave_in_it():
    with pytest.raises(LookupError, match="what people can do"):
        api.breach_letter(edition("bloom"), "en", replace(LEAK, accounts={"en": replace(EN, advice=" ")}))


def test_words_of_staff_are_escaped():
    evil = replace(LEAK, accounts={"en": replace(EN, what="<script>alert(1)</script>")})
    assert "<script>alert" not in api.to_page(written(evil))


@pytest.mark.parametrize("kind", [Kind.BREACH_TO_AUTHORITY, Kind.BREACH_TO_CONTROLLER, Kind.BREACH_TO_PEOPLE])
@pytest.mark.parametrize("language", ["en", "ro"])
def test_each_can_be_taken_as_a_page_and_as_a_pdf(kind, language):
    document = written(kind=kind, language=language)
    assert "<h1>" in api.to_page(document)
    assert api.to_pdf(document).startswith(b"%PDF")


def test_a_kind_that_is_not_about_a_breach_is_refused():
    with pytest.raises(LookupError, match="no privacy-notice"):
        written(kind=Kind.PRIVACY_NOTICE)
