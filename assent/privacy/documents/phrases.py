"""How each language writes lengths of time, days, lists, countries, languages and articles of law."""

import re
from collections.abc import Sequence
from datetime import date

from assent.privacy.documents.words import words
from assent.privacy.policy.contracts import Span

__all__ = ["beginning", "clause", "count", "country", "day", "enumerated", "language_name", "listed", "sentence", "span"]

WRITTEN = re.compile(r"(gdpr|eprivacy):(\d+)(?:\((\d+)\))?(?:\(([a-z])\))?")


def span(text: str, language: str) -> str:
    """
    Return a length of time in words: ``P3Y`` as "three years" or "3 ani".

    :param text: an ISO 8601 duration
    """
    found = Span.read(text)
    # A year and some months are said in months (13 months); from two years on both are said (five years and six months).
    years, months = divmod(found.months, 12)
    if years == 1 and months:
        years, months = 0, found.months
    minutes, seconds = divmod(found.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    units = {"year": years, "month": months, "day": found.days, "hour": hours, "minute": minutes, "second": seconds}
    return listed([count(number, unit, language) for unit, number in units.items() if number], language) or count(
        0, "day", language
    )


def count(number: int, unit: str, language: str) -> str:
    """Return a number of things: "one day", "12 zile", "30 de zile"."""
    sheet = words(language, "phrases")
    if number == 1:
        return sheet.say(f"{unit}_one")
    # Romanian puts "de" before what is counted from 20 on, where the last two digits are not 01 to 19.
    form = "many" if number and number % 100 not in range(1, 20) else "few"
    written = sheet.say(f"number_{number}") if sheet.has(f"number_{number}") else str(number)
    return sheet.say(f"{unit}_{form}", number=written)


def day(when: date, language: str) -> str:
    """Return a day: "23 November 2026", "23 noiembrie 2026"."""
    return f"{when.day} {words(language, 'phrases').say(f'month_{when.month}')} {when.year}"


def listed(items: Sequence[str], language: str) -> str:
    """Return a list in words: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return words(language, "phrases").say("and", before=", ".join(items[:-1]), last=items[-1])


def enumerated(titles: Sequence[str], language: str) -> str:
    """Return titles as one list in words: what begins with a capital only as a title goes on small."""
    return listed([titles[0], *(_small(title) for title in titles[1:])], language) if titles else ""


def beginning(text: str) -> str:
    """Return words as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _small(title: str) -> str:
    # A name keeps its capital, and so does what is written in capitals (CV, IP address); a title's is only its place.
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def country(code: str, language: str) -> str:
    """Return a country's name, or its two letters if it has none here."""
    sheet = words(language, "countries")
    return sheet.say(code) if sheet.has(code) else code


def language_name(code: str, language: str) -> str:
    """Return a language's name, or its two letters if it has none here."""
    sheet = words(language, "phrases")
    return sheet.say(f"language_{code}") if sheet.has(f"language_{code}") else code


def clause(code: str, language: str) -> str:
    """
    Return an article as lawyers of that language write it.

    :param code: ``gdpr:6(1)(a)`` becomes "GDPR, art. 6(1)(a)" or "RGPD, art. 6 alin. (1) lit. (a)"

    :raises ValueError: if the code is not written so
    """
    found = WRITTEN.fullmatch(code)
    if found is None:
        raise ValueError(f"{code!r} is no article: write gdpr:6(1)(a) or eprivacy:13(2)")
    act, article, paragraph, letter = found.groups()
    sheet = words(language, "phrases")
    shape = "article" + "_paragraph" * bool(paragraph) + "_letter" * bool(letter)
    said = sheet.say(shape, article=article, paragraph=paragraph or "", letter=letter or "")
    return f"{sheet.say(f'act_{act}')}, {said}"


def sentence(text: str) -> str:
    """Return words of a policy with a full stop at their end, so that another sentence may follow."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
