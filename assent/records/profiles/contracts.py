"""What crosses the wall of this room: changes to attributes, what attributes there are, and their columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from assent.privacy.policy.contracts import FoldKind, PropertyType
from assent.records.lake.contracts import Kind

__all__ = ["NUMBERS", "AttributeInfo", "Delta", "FoldKind", "Value", "columns"]

Value = str | int | float | bool | None


class Delta(NamedTuple):
    """
    One event's contribution to one attribute; a plain tuple, since a batch holds many thousands.

    ``value`` by kind: ``count``, ``sum`` a number (None counts 1 for ``count``, nothing for ``sum``); ``min``, ``max`` a
    number or an ISO day; ``first``, ``last`` an ISO day, or None for the UTC day of ``at_ms``; ``set_last`` any value, None
    to take it away. ``at_ms`` is when it happened, in milliseconds since 1970: of two for ``set_last`` the later stays.
    """

    subject: int
    attribute: str
    kind: FoldKind
    value: Value
    at_ms: int


NUMBERS = frozenset({PropertyType.NUMBER, PropertyType.INTEGER, PropertyType.MONEY, PropertyType.BOOLEAN})


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """
    A declared attribute, what its values are, and the purposes it may be read for.

    :param source: ``trait``, or the event it is folded from
    """

    name: str
    type: PropertyType
    purposes: frozenset[str]
    source: str

    @property
    def column(self) -> str:
        """Its name in columns: numbers (yes and no are 1 and 0) and texts (days among them) lie apart, so types never clash."""
        return f"{'n' if self.type in NUMBERS else 't'}_{self.name}"


def columns(attributes: Iterable[AttributeInfo] = ()) -> Kind:
    """Return the kind of rows that profiles are mirrored in, with the columns of these attributes."""
    found = {info.column: pa.float64() if info.type in NUMBERS else pa.string() for info in attributes}
    fields = [pa.field(name, found[name]) for name in sorted(found)]
    return Kind("profiles", pa.schema([pa.field("subject", pa.int64()), *fields]), latest=True)
