"""Lengths of time, days, lists and articles as each language writes them."""

from datetime import date

import pytest

from assent.privacy.documents.phrases import clause, count, country, day, enumerated, language_name, listed, sentence, span
from assent.privacy.documents.words import LANGUAGES, words


@pytest.mark.parametrize(
    ("written", "en", "ro"),
    [
        ("P3Y", "three years", "3 ani"),
        ("P1Y", "one year", "un an"),
        ("P13M", "13 months", "13 luni"),
        ("P12M", "one year", "un an"),
        ("P5Y6M", "five years and six months", "5 ani și 6 luni"),
        ("P30D", "30 days", "30 de zile"),
        ("P179D", "179 days", "179 de zile"),
        ("P1D", "one day", "o zi"),
        ("PT72H", "72 hours", "72 de ore"),
        ("PT1H30M", "one hour and 30 minutes", "o oră și 30 de minute"),
        ("P2W", "14 days", "14 zile"),
        ("P1Y2M3DT4H", "14 months, three days and four hours", "14 luni, 3 zile și 4 ore"),
        ("P0D", "no days", "0 zile"),
    ],
)
def test_spans_are_said_in_words(written, en, ro):
    assert (span(written, "en"), span(written, "ro")) == (en, ro)


@pytest.mark.parametrize(
    ("number", "ro"),
    [
        (1, "o zi"),
        (2, "2 zile"),
        (19, "19 zile"),
        (20, "20 de zile"),
        (100, "100 de zile"),
        (101, "101 zile"),
        (119, "119 zile"),
        (120, "120 de zile"),
    ],
)
def test_romanian_counts_with_de_where_it_must(number, ro):
    assert count(number, "day", "ro") == ro


def test_days_lists_and_names():
    assert day(date(2026, 11, 3), "en") == "3 November 2026"
    assert day(date(2026, 5, 31), "ro") == "31 mai 2026"
    assert listed([], "en") == ""
    assert listed(["a"], "en") == "a"
    assert listed(["a", "b", "c"], "ro") == "a, b și c"
    assert enumerated(["E-mail", "Phone", "CV: skills", "IP address"], "en") == "E-mail, phone, CV: skills and IP address"
    assert country("RO", "ro") == "România"
    assert country("NO", "en") == "Norway"
    assert country("ZZ", "en") == "ZZ"
    assert language_name("ro", "en") == "Romanian"
    assert sentence("So it is") == "So it is."
    assert sentence("Is it?") == "Is it?"


def test_every_country_of_the_union_has_a_name():
    from assent.privacy.policy.contracts import EEA

    for language in LANGUAGES:
        assert set(words(language, "countries").keys()) >= EEA


@pytest.mark.parametrize(
    ("code", "en", "ro"),
    [
        ("gdpr:6(1)(a)", "GDPR, art. 6(1)(a)", "RGPD, art. 6 alin. (1) lit. (a)"),
        ("gdpr:15", "GDPR, art. 15", "RGPD, art. 15"),
        ("gdpr:12(3)", "GDPR, art. 12(3)", "RGPD, art. 12 alin. (3)"),
        ("eprivacy:13(2)", "Directive 2002/58/EC, art. 13(2)", "Directiva 2002/58/CE, art. 13 alin. (2)"),
    ],
)
def test_articles_are_written_as_lawyers_write_them(code, en, ro):
    assert (clause(code, "en"), clause(code, "ro")) == (en, ro)


def test_what_is_no_article_is_refused():
    with pytest.raises(ValueError, match="gdpr:6"):
        clause("art. 6", "en")
