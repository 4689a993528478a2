"""From log entries to messages: whose property sent them, when they say they happened, and which were here before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from assent.ingest.arrival import LogEntry
from assent.ingest.contracts import Refusal
from assent.ingest.desk import Item
from assent.ingest.rules import moment
from assent.ingest.seen import key
from assent.ingest.wire import LARGEST, LARGEST_RUDDER, Loose, Message, messages, text
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import PropertyInfo

__all__ = ["Arrived", "arrive", "drop_seen"]

MINUTE_MS = 60_000


@dataclass(slots=True)
class Arrived:
    """
    One controller's messages in order of arrival, and those that are none or were here before.

    :ivar refused: an empty message in place of one that can't be read
    """

    items: list[Item] = field(default_factory=list)
    refused: list[tuple[Item, str]] = field(default_factory=list)


def arrive(entries: Iterable[LogEntry]) -> tuple[dict[int, Arrived], dict[bytes, tuple[str, int]]]:
    """
    Return the messages of log entries by controller, and by key where each stands first.

    Entries of a property that is no more have no controller, and go.
    """
    found: dict[int, Arrived] = {}
    here: dict[bytes, tuple[str, int]] = {}
    properties: dict[int, PropertyInfo | None] = {}
    for entry in entries:
        if entry.property not in properties:
            properties[entry.property] = tenancy.property_by_id(id=entry.property)
        sender = properties[entry.property]
        if sender is None:
            continue
        arrived = found.setdefault(sender.controller, Arrived())
        stands = (entry.partition, entry.seq)
        base = blake2b(entry.property.to_bytes(8, "big"), digest_size=16)
        for place, raw, message in messages(entry, largest=LARGEST_RUDDER if sender.rudder else LARGEST):
            if isinstance(message, Refusal):
                arrived.refused.append((Item(entry, place, raw, Message(), entry.received_ms), message))
                continue
            # A message without an id is known by its bytes: a client that resends it sends the same.
            named = base.copy()
            named.update(text(message.message_id).encode() or memoryview(raw))
            digest = named.digest()
            said_ms = moment(message.original_timestamp or message.timestamp)
            known_by = key(said_ms // MINUTE_MS if said_ms is not None else 0, digest)
            item = Item(entry, place, raw, message, entry.received_ms, known_by, digest, said_ms, _sent(message.sent_at))
            if known_by in here:
                arrived.refused.append((item, Refusal.DUPLICATE))
            else:
                here[known_by] = stands
                arrived.items.append(item)
    return found, here


@lru_cache(maxsize=4096)
def _sent(value: Loose) -> int | None:
    """Return when a request was sent: one text for all messages of a batch, so it is read once."""
    return moment(value)


def drop_seen(arrived: Arrived, seen: set[bytes]) -> None:
    """Refuse messages that were here before."""
    if seen:
        arrived.refused += [(item, Refusal.DUPLICATE) for item in arrived.items if item.key in seen]
        arrived.items = [item for item in arrived.items if item.key not in seen]
