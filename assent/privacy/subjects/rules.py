"""
How identifiers are written, folded and compared. Pure functions: no Django, no clock, no database.

A normal form decides who is recognised, so a change here needs the blind indexes to be made anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import phonenumbers

from assent.privacy.subjects.contracts import BadIdentifier, Field
from assent.privacy.subjects.counties import COUNTY_OF_POSTAL_CODE

__all__ = [
    "IDS",
    "LOOKED_UP",
    "NAMES",
    "age_band",
    "birthday",
    "county",
    "fold_name",
    "name_words",
    "normalise",
    "normalise_all",
    "normalise_email",
    "normalise_phone",
    "prefixes",
    "same_household_member",
    "search_words",
]

IDS = (Field.USER_ID, Field.ANONYMOUS_ID)  # these say who; in this order they are matched
LOOKED_UP = (*IDS, Field.EMAIL, Field.PHONE)
NAMES = (Field.FIRST_NAME, Field.LAST_NAME, Field.NAME)

SHORTEST_PREFIX, LONGEST_PREFIX = 3, 8
MOST_NAME_WORDS = 12  # the longest real names have fewer; a text of a thousand words must not become a thousand rows
LONGEST = {Field.USER_ID: 256, Field.ANONYMOUS_ID: 256, Field.PHOTO: 2_000, Field.SOCIAL: 500, Field.NOTE: 10_000}
LONGEST_OTHER = 200
OLDEST_YEAR = 1900
LONGEST_EMAIL, LONGEST_LOCAL_PART = 254, 64  # RFC 5321, 4.5.3.1

# One @, a local part of atoms, a domain of labels (RFC 5321, 4.1.2, without quoted local parts and address literals, which
# mail to customers does not meet). Letters beyond ASCII are allowed in the local part (RFC 6531).
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\]\\.\x00-\x20\x7f]+(?:\.[^\s@\"(),:;<>\[\]\\.\x00-\x20\x7f]+)*")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_FIELDS = {field.value: field for field in Field}
_NO_LETTERS = {"Cc", "Cs", "Cn", "Co"}
_WORD = re.compile(r"[^\W_]+")
_LETTERS_IN_PHONE = re.compile(r"[^\d+()\-./\s\u00a0]")
_POSTAL_CODE_RO = re.compile(r"\d{6}")
# Letters that Unicode does not take apart into a base and a mark (UAX #15), by how they are usually typed without it.
_BARE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_AGE_BANDS = ((18, "0-17"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"))


def _clean(field: Field, value: str) -> str:
    """Return a text in Unicode's composed form, trimmed, white space single; refuse what no text field should hold."""
    longest = LONGEST.get(field, LONGEST_OTHER)
    if len(value) > longest:
        raise BadIdentifier(field, f"it has {len(value)} characters", f"send at most {longest}")
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    lines = value.splitlines() if field == Field.NOTE else [value]
    text = "\n".join(" ".join(unicodedata.normalize("NFC", line).split()) for line in lines).strip()
    # Control characters and lone surrogates; direction marks and joiners (Cf) belong to some names.
    if not text.isprintable() and any(unicodedata.category(letter) in _NO_LETTERS and letter != "\n" for letter in text):
        raise BadIdentifier(field, "it holds control characters or letters that don't exist", "send plain text in UTF-8")
    return text


def normalise_email(value: str) -> str:
    """
    Return an e-mail address in lower case, an international domain in its ASCII form.

    Dots and plus tags in the local part stay: whose mailbox they reach is the provider's business, not ours.

    :raises BadIdentifier: if it is not an address
    """
    text = _clean(Field.EMAIL, value).lower()
    local, _, domain = text.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            domain = ""
    fits = len(local.encode()) <= LONGEST_LOCAL_PART and len(local) + len(domain) < LONGEST_EMAIL
    if not (fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise BadIdentifier(Field.EMAIL, "it is not an e-mail address", "send one like name@shop.example")
    return f"{local}@{domain}"


def normalise_phone(value: str, country: str) -> str:
    """
    Return a phone number as ITU-T E.164 (``+40722123456``).

    :param country: two letters (ISO 3166-1) for numbers written without a country code
    :raises BadIdentifier: if no country has numbers like it
    """
    text = _clean(Field.PHONE, value)
    number = None
    if not _LETTERS_IN_PHONE.search(text):  # of "SHOES" the library would dial the keys
        with suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(text, country)
    # "Possible" looks at lengths; "valid" would refuse ranges opened after the library's release.
    if number is None or not phonenumbers.is_possible_number(number):
        cure = f"send it with its country code (+40 722 123 456), or as dialled within {country}"
        raise BadIdentifier(Field.PHONE, "it is not a phone number", cure)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _normalise_birth_date(value: str) -> str:
    text = _clean(Field.BIRTH_DATE, value)
    day = None
    with suppress(ValueError):
        day = date.fromisoformat(text[:10])
    # A moment is taken at its day, since clients send "1990-04-17T00:00:00.000Z" (Segment's `birthday` is a date).
    if day is None or day.year < OLDEST_YEAR or text[10:11] not in {"", "T", " "}:
        raise BadIdentifier(Field.BIRTH_DATE, "it is not a date", "send year, month and day like 1990-04-17")
    return day.isoformat()


def normalise(field: Field, value: str, country: str) -> str:
    """
    Return a value in its field's normal form; empty stays empty.

    :raises BadIdentifier: if it has none
    """
    if not value or value.isspace():
        return ""
    if field is Field.EMAIL:
        return normalise_email(value)
    if field is Field.PHONE:
        return normalise_phone(value, country)
    if field is Field.BIRTH_DATE:
        return _normalise_birth_date(value)
    return _clean(field, value)


def normalise_all(identifiers: Mapping[str, Any], country: str) -> tuple[dict[Field, str], tuple[BadIdentifier, ...]]:
    """Return what is usable of a person's values in normal form, and what isn't, with why."""
    good: dict[Field, str] = {}
    bad: list[BadIdentifier] = []
    for name, value in identifiers.items():
        if value is None:
            continue
        field = _FIELDS.get(name)
        if field is None:
            cure = f"use one of {', '.join(Field)}"
            bad.append(BadIdentifier(str(name)[:40], "no identifier is called so", cure))
            continue
        if not isinstance(value, str):
            bad.append(BadIdentifier(field, "it is not a text", "send a JSON string"))
            continue
        try:
            if found := normalise(field, value, country):
                good[field] = found
        except BadIdentifier as error:
            bad.append(error.with_traceback(None))  # its frames hold what was typed
    return good, tuple(bad)


def fold_name(value: str) -> str:
    """Return a text without case and marks, so that "Ștefan", "Ştefan" and "STEFAN" are one."""
    if value.isascii():
        return value.lower()
    # Twice, since taking apart can bring forth capitals (𝕊) and lower case what can be taken apart (Unicode 3.13, D146).
    taken_apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", value.casefold()).casefold())
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter)).translate(_BARE)


def search_words(value: str) -> list[str]:
    """Return the folded words of a text, each once, in order; hyphens and apostrophes part words."""
    return list(dict.fromkeys(_WORD.findall(fold_name(value))))[:MOST_NAME_WORDS]


def prefixes(word: str) -> list[str]:
    """Return the beginnings of a word that search knows: 3 to 8 letters, the whole word not among them."""
    return [word[:length] for length in range(SHORTEST_PREFIX, min(LONGEST_PREFIX, len(word) - 1) + 1)]


def name_words(names: Iterable[str]) -> set[str]:
    """Return the folded words of a person's names."""
    return {word for name in names for word in search_words(name)}


def _may_be(given: Mapping[Field, Sequence[str]], known: Mapping[Field, Sequence[str]]) -> bool:
    """Return whether names speak for one person: the same first name, or all words of the shorter within the longer."""
    first, other_first = given.get(Field.FIRST_NAME), known.get(Field.FIRST_NAME)
    if first and other_first:
        return fold_name(first[0]) == fold_name(other_first[0])
    one, other = (name_words(name for field in NAMES for name in who.get(field, ())) for who in (given, known))
    return bool(one and other) and (one <= other or other <= one)


def same_household_member(
    given: Mapping[Field, Sequence[str]], known: Mapping[int, Mapping[Field, Sequence[str]]]
) -> list[int]:
    """
    Return who of the people behind one shared address may be meant, by name.

    Whoever's name fits is; failing that, those without a name. With no name given, all of them. One left is a match;
    several are a question that only the client can answer.
    """
    if not any(given.get(field) for field in NAMES):
        return list(known)
    fits = [subject for subject, values in known.items() if _may_be(given, values)]
    return fits or [subject for subject, values in known.items() if not any(values.get(field) for field in NAMES)]


def age_band(birth_date: str, on: date) -> str:
    """Return the ten-year band of an age on a day ("25-34"); people born tomorrow have none."""
    born = date.fromisoformat(birth_date)
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if age < 0:
        return ""
    return next((band for below, band in _AGE_BANDS if age < below), "65+")


def birthday(birth_date: str) -> str:
    """Return month and day ("04-17"), which is all a birthday greeting needs."""
    return birth_date[5:10]


def county(postal_code: str) -> str:
    """Return the Romanian county of a six-digit postal code, or an empty text."""
    digits = postal_code.replace(" ", "")
    return COUNTY_OF_POSTAL_CODE.get(digits[:2], "") if _POSTAL_CODE_RO.fullmatch(digits) else ""
