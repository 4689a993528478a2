"""Nouns of the people that cross to other rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

__all__ = ["BadIdentifier", "Field", "NotActive", "PersonInput", "Sealing", "UnknownSubject", "Upserted"]


class Field(StrEnum):
    """What says who a person is. Each value is sealed under the person's own key."""

    USER_ID = "user_id"
    ANONYMOUS_ID = "anonymous_id"
    EMAIL = "email"
    PHONE = "phone"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NAME = "name"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY_OF_ADDRESS = "city_of_address"
    BIRTH_DATE = "birth_date"
    PHOTO = "photo"
    SOCIAL = "social"
    NOTE = "note"


class BadIdentifier(ValueError):
    """
    A value that can't be what its field says. Tells the field and the cure, never the value.

    :param field: name of the field
    :param why: what is wrong with it
    :param cure: what to send instead
    """

    def __init__(self, field: str, why: str, cure: str) -> None:
        self.field = field
        self.why = why
        self.cure = cure
        super().__init__(f"{field}: {why}; {cure}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BadIdentifier) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class UnknownSubject(LookupError):
    """Nobody has this id here: never made, made for another controller, or erased."""


class NotActive(RuntimeError):
    """The person is being erased or merged, so nothing may be changed."""


@dataclass(frozen=True, slots=True)
class PersonInput:
    """
    What a client knows of a person.

    :param identifiers: values by field name (see :class:`Field`); empty ones are left out
    """

    identifiers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upserted:
    """
    What became of one ``PersonInput``.

    :param subject: the person's id inside; 0 if nobody could be recognised or made (``refused`` says why)
    :param public_id: the person's id outside
    :param created: a person was made
    :param changed: an identifier was added or replaced
    :param refused: values that were left out, with why and cure
    """

    subject: int
    public_id: UUID
    created: bool
    changed: bool
    refused: tuple[BadIdentifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealing:
    """
    What a look at stored identifiers found: of how many people, how many values were opened, and how many stood there in clear.

    :param unopened: people whose identifiers no key opens
    """

    people: int
    values: int
    clear: int
    unopened: int
