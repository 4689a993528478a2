"""What is taken in: kinds of events, their properties, and the attributes of people."""

# ruff: noqa: RUF012 - pydantic copies a default before it hands it out

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from assent.privacy.policy.parts import Key, Local, Model, Once, Shape

__all__ = [
    "Derivation", "Derived", "EventKind", "EventType", "Fold", "FoldKind", "PropertyRule", "PropertyType", "Trait",
]  # fmt: skip


class PropertyType(StrEnum):
    """What a property's value is."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MONEY = "money"
    DATE = "date"
    CODE = "code"
    """letters, digits and ``. _ : / -`` up to ``max_length``: an order number, a currency"""
    LIST = "list"


PropertyName = Annotated[
    str,
    Shape(
        r"[A-Za-z_$][A-Za-z0-9_$ -]{0,63}",
        "a property's name: letters, digits, blanks, _ $ and -, starting with a letter",
        ("total", "other_total"),
    ),
]
PropertyPath = Annotated[
    str,
    Shape(
        r"[A-Za-z_$][A-Za-z0-9_$ -]{0,63}(\.[A-Za-z_$][A-Za-z0-9_$ -]{0,63})?",
        "a property's name, or list.property for one inside a list",
        ("total", "products.price"),
    ),
]


class PropertyRule(Model):
    """What may stand in a property. A list holds texts, or objects with the named properties (``of``)."""

    type: PropertyType
    data: Key
    """the data item it is"""
    max_length: Annotated[int, Field(ge=1, le=2000)] = 200
    """characters of a text, or entries of a list"""
    identifying: bool = False
    """names the person: sealed at the gate, never in the lake"""
    of: dict[PropertyName, "PropertyRule"] = {}


class FoldKind(StrEnum):
    """How a profile attribute grows with each admitted event."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    """the day of the first such event"""
    LAST = "last"
    """the day of the last such event"""
    SET_LAST = "set_last"
    """the value in the latest event"""


class Fold(Model):
    """A profile attribute kept up to date by an event, from events admitted for one purpose and readable for it only."""

    attribute: Key
    kind: FoldKind
    purpose: Key
    property: PropertyName | None = None


class EventKind(StrEnum):
    """Message types of the Segment protocol that become events."""

    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    IDENTIFY = "identify"
    GROUP = "group"


class EventType(Model):
    """One kind of event: for which purposes it is taken in, and which properties each of them may keep."""

    type: EventKind
    name: Annotated[str, Field(min_length=1, max_length=100)] = "*"
    """the event's name; ``*`` is any, for everything but track"""
    title: Local
    purposes: dict[Key, Once[PropertyPath]] = {}
    """purpose → properties it may keep, ``products`` whole or ``products.category`` alone"""
    properties: dict[PropertyName, PropertyRule] = {}
    counts_as_interaction: bool = False
    folds: tuple[Fold, ...] = ()


class Derivation(StrEnum):
    """What may be derived from sealed data, coarse enough to stand in plain."""

    AGE_BAND = "age_band"
    MONTH_DAY = "month_day"
    COUNTY = "county"


class Derived(Model):
    """Where a derived attribute comes from."""

    trait: Key
    how: Derivation


class Trait(Model):
    """An attribute of a person, sent by ``identify`` or derived. A purpose may use it if it names its data item."""

    data: Key
    type: PropertyType = PropertyType.STRING
    max_length: Annotated[int, Field(ge=1, le=2000)] = 200
    wire: Once[PropertyPath] = ()
    """other names clients send it under, ``address.city`` for one inside an object"""
    derived: Derived | None = None
