"""
The words a policy is built from: who, which data, from where, to whom.

Every part is a frozen pydantic model that refuses unknown keys. A default, once published, may never be changed: the
canonical form leaves defaults out, so that a new optional key does not alter the digest of an old policy.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    RootModel,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from assent.privacy.policy.features import FEATURES
from assent.privacy.policy.spans import Span

__all__ = [
    "EEA", "Authority", "Contact", "Controller", "DataItem", "DataKind", "DataProtectionOfficer", "Duration",
    "Instructions", "Key", "Language", "Lifetime", "Link", "Local", "Model", "Once", "Recipient", "RecipientRole",
    "Safeguard", "SafeguardKind", "Shape", "Source", "SourceKind", "Storage", "Words", "fault", "plain_words",
    "schema_words",
]  # fmt: skip

T = TypeVar("T")

# The European Union and Iceland, Liechtenstein, Norway: no transfer under chapter V happens among them.
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)

# Control characters and the marks that reverse or hide text have no place in words a person is asked to agree to.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def fault(message: str, cure: str) -> PydanticCustomError:
    """Return an error that says what is wrong and how to mend it."""
    return PydanticCustomError("assent", "{message}", {"message": message, "cure": cure})


def plain_words(text: str) -> str:
    """Refuse empty words and characters that hide or reverse text."""
    if not text.strip():
        message, cure = "the text is empty", "write it, or remove the key"
        raise fault(message, cure)
    if hidden := HIDDEN.search(text):
        message = f"the text holds the invisible character U+{ord(hidden.group()):04X} at position {hidden.start()}"
        cure = "delete that character"
        raise fault(message, cure)
    return unicodedata.normalize("NFC", text.strip())


def duration(text: str) -> str:
    """Accept an ISO 8601 duration and nothing without an end."""
    try:
        Span.read(text)
    except ValueError as error:
        cure = "write how long as P3Y (years), P6M (months), P30D (days) or PT72H (hours); nothing is kept without an end"
        raise fault(str(error), cure) from None
    return text


def lifetime(text: str) -> str:
    """Accept ``session`` or a duration."""
    return text if text == "session" else duration(text)


def each_once(items: tuple[T, ...]) -> tuple[T, ...]:
    """Refuse a list that names something twice."""
    if len(set(items)) != len(items):
        message, cure = "the list names something twice", "leave each entry once"
        raise fault(message, cure)
    return items


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text must be written: a pattern for machines, words for people, and texts that fit."""

    pattern: str
    words: str
    examples: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Say whether a text is written so."""
        return re.fullmatch(self.pattern, text, re.ASCII) is not None

    def check(self, text: str) -> str:
        """Refuse a text that is written otherwise."""
        if not self.fits(text):
            message, cure = f"{text[:60]!r} is not written as it should be", f"write {self.words}"
            raise fault(message, cure)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Add the check to the text's schema."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell editors the pattern."""
        return handler(schema) | {"pattern": f"^({self.pattern})$"}


KEY = Shape(r"[a-z][a-z0-9_]{0,62}", "a key in small letters, digits and _, starting with a letter", ("one_key", "other_key"))
Key = Annotated[str, KEY]
Language = Annotated[str, Shape(r"[a-z]{2}", "a language as two small letters: en, ro", ("en", "ro"))]
Country = Annotated[str, Shape(r"[A-Z]{2}", "a country as two capital letters: RO, IE", ("RO", "US"))]
EMAIL = Shape(r"[^@\s<>]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}", "an e-mail address", ("privacy@brand.example",))
Email = Annotated[str, EMAIL]
LINK = Shape(r"https://[^\s<>\"']{3,500}", "a link that starts with https://", ("https://brand.example/privacy",))
Link = Annotated[str, LINK]
Words = Annotated[str, Field(max_length=4000), AfterValidator(plain_words)]
Duration = Annotated[
    str, AfterValidator(duration), Field(json_schema_extra={"pattern": "^P", "examples": ["P3Y", "P30D", "PT72H"]})
]
Lifetime = Annotated[
    str, AfterValidator(lifetime), Field(json_schema_extra={"pattern": "^(session$|P)", "examples": ["session", "P6M"]})
]
Once = Annotated[tuple[T, ...], AfterValidator(each_once)]


class Model(BaseModel):
    """A part of a policy: frozen, exact, and without room for unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Local(RootModel[dict[Language, Words]]):
    """The same words in each language of the policy."""

    model_config = ConfigDict(frozen=True, strict=True)

    def __getitem__(self, language: str) -> str:
        """Return the words in one language, or raise ``KeyError``."""
        return self.root[language]

    def say(self, language: str) -> str:
        """Return the words in a language, else in the first one they are written in."""
        return self.root.get(language) or next(iter(self.root.values()))


class Contact(Model):
    """Where to reach someone."""

    email: Email
    phone: Words | None = None
    address: Words | None = None


class DataProtectionOfficer(Model):
    """The officer (GDPR art. 37), or why none is needed: exactly one of the two."""

    name: Words | None = None
    contact: Contact | None = None
    none_because: Local | None = None


class Authority(Model):
    """The supervisory authority a person may complain to (arts. 13(2)(d), 77)."""

    name: Local
    country: Country
    contact: Contact
    website: Link


SLUG = Shape(r"[a-z][a-z0-9-]{0,49}", "a short name in small letters, digits and -", ("brand",))


class Controller(Model):
    """Who decides why and how data are processed (arts. 4(7), 13(1)(a))."""

    slug: Annotated[str, SLUG]
    name: Words
    legal_form: Words | None = None
    country: Country
    address: Words
    registration: Words | None = None
    website: Link | None = None
    contact: Contact
    data_protection_officer: DataProtectionOfficer
    authority: Authority
    languages: Annotated[Once[Language], Field(min_length=1)]
    time_zone: Words


class DataKind(StrEnum):
    """What sort of data: classic (name, address), digital (e-mail, behaviour), sensitive (photos)."""

    CLASSIC = "classic"
    DIGITAL = "digital"
    SENSITIVE = "sensitive"


class Storage(StrEnum):
    """How a data item is kept: sealed under the person's own key, or plain beside the pseudonym."""

    SEALED = "sealed"
    PLAIN = "plain"


CATEGORY = Shape(
    r"(user|system)(\.[a-z0-9_]+)+", "a fideslang category, as user.contact.email", ("user.contact.email", "system.operations")
)


class DataItem(Model):
    """One kind of personal data."""

    title: Local
    category: Annotated[str, CATEGORY]
    """fideslang data category, e.g. ``user.contact.email``"""
    dpv: str | None = None
    kind: DataKind
    storage: Storage
    special: bool = False
    """special category of art. 9"""


class SourceKind(StrEnum):
    """Where data come from."""

    PERSON = "person"
    DEVICE = "device"
    PUBLIC = "public"
    THIRD_PARTY = "third_party"
    DERIVED = "derived"


class Source(Model):
    """Where data come from (art. 14(2)(f)); a public source is named."""

    title: Local
    kind: SourceKind
    named: Words | None = None

    def called(self, language: str) -> str:
        """Return the title, and which register or company it is where that is said."""
        title = self.title.say(language)
        return f"{title} ({self.named})" if self.named and self.kind is not SourceKind.PERSON else title


class RecipientRole(StrEnum):
    """What a recipient is to the controller."""

    PROCESSOR = "processor"
    SUB_PROCESSOR = "sub_processor"
    JOINT_CONTROLLER = "joint_controller"
    INDEPENDENT_CONTROLLER = "independent_controller"


class SafeguardKind(StrEnum):
    """What protects data that leave the European Economic Area (arts. 45 to 49)."""

    ADEQUACY = "adequacy"
    DATA_PRIVACY_FRAMEWORK = "data_privacy_framework"
    STANDARD_CLAUSES = "standard_clauses"
    BINDING_RULES = "binding_rules"
    PRIVACY_SHIELD = "privacy_shield"
    """void since 16 July 2020 (C-311/18); known so that the check can say so"""


class Safeguard(Model):
    """One safeguard, until when it was found valid, and what holds if it falls."""

    kind: SafeguardKind
    reference: Words
    checked_on: date
    valid_until: date
    fallback: SafeguardKind | None = None


class Instructions(Model):
    """What a recipient may do with the data, and what it may not."""

    text: Local
    excluded_features: Annotated[Once[Key], Field(json_schema_extra={"examples": [list(FEATURES)]})] = ()
    """what it may not do with them: a word of the list, or one of the recipient's own for a feature of its own"""


class Recipient(Model):
    """Someone who receives data (arts. 13(1)(e) and (f), 28, 30(1)(d))."""

    name: Words
    role: RecipientRole
    country: Country
    services: Local
    privacy_policy: Link | None = None
    safeguard: Safeguard | None = None
    instructions: Instructions | None = None


def schema_words(schema: dict[str, Any]) -> set[str]:
    """Return every key a policy may use, for telling near misses."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}
