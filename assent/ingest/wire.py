"""The wire format: one HTTP request's body taken apart into messages, each judged by itself."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from assent.ingest.arrival import LogEntry
from assent.ingest.contracts import Refusal

__all__ = ["LARGEST", "LARGEST_RUDDER", "Context", "Message", "messages", "text"]

# The protocol's limits: 32 KB a message (Segment, HTTP API), 4 MiB as RudderStack's Python client sends them.
LARGEST, LARGEST_RUDDER = 32 * 1024, 4 << 20
LONGEST_NUMBER = 10**40

# Ids and names that clients send as numbers are taken as their digits; anything deeper is not a message.
Loose = str | int | float | bool | None


class Consent(msgspec.Struct, gc=False):
    """What the banner of the page says was chosen, by category."""

    categories: dict[str, Any] | None = msgspec.field(name="categoryPreferences", default=None)


class Context(msgspec.Struct, gc=False):
    """The few parts of ``context`` that anything here reads."""

    consent: Consent | None = None
    traits: dict[str, Any] | None = None
    identity_hash: Loose = None
    locale: Loose = None


class Message(msgspec.Struct, gc=False, rename="camel"):
    """One message of the Segment protocol, as sent."""

    type: str | None = None
    message_id: Loose = None
    user_id: Loose = None
    anonymous_id: Loose = None
    event: Loose = None
    name: Loose = None
    timestamp: Loose = None
    original_timestamp: Loose = None
    sent_at: Loose = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: Context | None = None


class Batch(msgspec.Struct, gc=False, rename="camel"):
    """Many messages; what stands beside them holds for each."""

    batch: list[msgspec.Raw]
    sent_at: Loose = None
    context: Context | None = None


class Whole(msgspec.Struct, gc=False):
    """A batch whose messages can all be read, as nearly every one is; in one go they take half the time."""

    batch: list[Message]


_batch = msgspec.json.Decoder(Batch)
_whole = msgspec.json.Decoder(Whole)
_message = msgspec.json.Decoder(Message)


def text(value: Loose) -> str:
    """Return an id or name as text; empty for what can't be one (nothing, a truth value)."""
    if isinstance(value, str):
        return value
    # A number too long to be an id is none; Python would refuse to write it out.
    if value is None or isinstance(value, bool) or abs(value) >= LONGEST_NUMBER:
        return ""
    # 42.0 and 42 are the same customer number to whoever sent them.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def messages(entry: LogEntry, *, largest: int = LARGEST) -> Iterator[tuple[int, msgspec.Raw, Message | Refusal]]:
    """
    Return place, bytes and contents of each message of a request; in place of contents that can't be, why.

    :param largest: bytes a message may have
    """
    if entry.kind != "batch":
        found = _read(entry.body, largest)
        if isinstance(found, Message):
            found.type = entry.kind
        yield 0, msgspec.Raw(entry.body), found
        return
    try:
        batch = _batch.decode(entry.body)
    except (msgspec.MsgspecError, RecursionError):
        yield 0, msgspec.Raw(entry.body), Refusal.MALFORMED
        return
    for place, (raw, found) in enumerate(zip(batch.batch, _all(entry.body, batch.batch, largest), strict=True)):
        if isinstance(found, Message):
            if found.sent_at is None:
                found.sent_at = batch.sent_at
            if batch.context is not None:
                found.context = _merged(found.context, batch.context)
        yield place, raw, found


def _all(body: bytes, raws: list[msgspec.Raw], largest: int) -> Sequence[Message | Refusal]:
    if max(map(len, raws), default=0) <= largest:
        try:
            return _whole.decode(body).batch
        except (msgspec.MsgspecError, RecursionError):
            pass  # one of them can't be read: each is judged by itself
    return [_read(raw, largest) for raw in raws]


def _read(raw: bytes | msgspec.Raw, largest: int) -> Message | Refusal:
    if len(raw) > largest:
        return Refusal.OVERSIZED
    try:
        return _message.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return Refusal.MALFORMED


def _merged(own: Context | None, shared: Context) -> Context:
    """Return a message's context, completed by that of its batch."""
    if own is None:
        return shared
    for field in Context.__struct_fields__:
        if getattr(own, field) is None:
            setattr(own, field, getattr(shared, field))
    return own
