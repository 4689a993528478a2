"""What crosses the wall of this room: rows the gate has admitted, and their columns."""

from dataclasses import dataclass

import pyarrow as pa

from assent.privacy.policy.contracts import EventType, PropertyType
from assent.records.lake.contracts import Kind

__all__ = ["KIND", "SCHEMA", "VALUE_PROPERTIES", "Admitted", "value_property"]

# One row is one event. No identifiers: `subject` is the pseudonymous id, `message` a hash.
SCHEMA = pa.schema(
    [
        pa.field("subject", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # Segment message type: track, page, screen …
        pa.field("event", pa.string(), nullable=False),  # name of the event; "" where the type has none
        pa.field("occurred_ms", pa.int64(), nullable=False),
        pa.field("received_ms", pa.int64(), nullable=False),
        pa.field("purposes", pa.int64(), nullable=False),  # bit `1 << purpose code` for each purpose admitted
        pa.field("bases", pa.string(), nullable=False),  # basis of each, "purpose=basis" joined by ","
        pa.field("policy", pa.string(), nullable=False),  # digest of the policy that admitted it
        pa.field("property", pa.int32(), nullable=False),  # website or app it came from
        pa.field("message", pa.binary(16), nullable=False),
        pa.field("value_minor", pa.int64()),  # hundredths of `currency`: the event's `value_property`, when it has one
        pa.field("currency", pa.string()),
        pa.field("properties", pa.string(), nullable=False),  # JSON object of the allowed properties, the value included
    ]
)

KIND = Kind("events", SCHEMA, times=("occurred_ms", "received_ms"))

# The money an event is about stands in its own column, since it is what is summed most. First declared one wins.
VALUE_PROPERTIES = ("total", "revenue", "value", "price")


def value_property(event: EventType) -> str | None:
    """Return the property kept in ``value_minor``: the first of ``VALUE_PROPERTIES`` this event declares as money."""
    declared = event.properties
    return next((name for name in VALUE_PROPERTIES if name in declared and declared[name].type is PropertyType.MONEY), None)


@dataclass(frozen=True, slots=True)
class Admitted:
    """
    Events the gate has let in. Only ``ingest`` makes one; stores take nothing else.

    :param controller: whose events they are
    :param table: rows in the form of ``SCHEMA``
    :raises TypeError: if the columns differ
    """

    controller: int
    table: pa.Table

    def __post_init__(self) -> None:
        """Refuse columns nobody declared."""
        if self.table.schema.names != SCHEMA.names or self.table.schema.types != SCHEMA.types:
            message = f"admitted events have the columns of SCHEMA; found {self.table.schema.to_string()}"
            raise TypeError(message)
