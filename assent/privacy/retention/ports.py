"""What retention needs of rooms above it. ``config/wiring.py`` fills it; what is unfilled is refused, never passed over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from assent.audit.contracts import Actor
from assent.privacy.retention.contracts import Consequence

__all__ = ["Ask", "Erase", "Happened", "NotWired", "Tell", "ask", "clear", "erase", "happened", "tell", "wire"]


class NotWired(RuntimeError):
    """Nothing stands behind the port."""


class Happened(Protocol):
    """Knows when something last happened to people."""

    def __call__(self, *, controller: int, subjects: Sequence[int]) -> pa.Table:
        """
        Return ``subject, purposes, kind, event, occurred_ms, received_ms``: the latest of each, in milliseconds.

        ``purposes`` are the bits of those the event was admitted for.
        """
        ...


class Erase(Protocol):
    """Erases people from every store, and goes on by itself until it is done."""

    def __call__(self, *, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> object:
        """Begin it: from now on nothing is done with their data."""
        ...


class Ask(Protocol):
    """Writes to people, asking whether their consent goes on."""

    def __call__(
        self, *, controller: int, purpose: str, subjects: Mapping[int, datetime], by: Actor, at: datetime
    ) -> Sequence[int]:
        """
        Put a message to each on its way, once per period, and return to whom one went.

        :param subjects: whom, each with the end of the period they are asked about
        """
        ...


class Tell(Protocol):
    """Writes to people what ended for them and what stays: owed by law, so outside marketing and its stops."""

    def __call__(
        self, *, controller: int, occasion: str, people: Mapping[int, Consequence], by: Actor, at: datetime
    ) -> Sequence[int]:
        """
        Put a letter to each on its way, in their language, and return to whom one goes.

        In the caller's transaction; once per person and occasion.
        """
        ...


_happened: list[Happened] = []
_erase: list[Erase] = []
_ask: list[Ask] = []
_tell: list[Tell] = []


def wire(
    *, happened: Happened | None = None, erase: Erase | None = None, ask: Ask | None = None, tell: Tell | None = None
) -> None:
    """Put implementations behind the ports; a later one takes the place of an earlier."""
    if happened is not None:
        _happened[:] = [happened]
    if erase is not None:
        _erase[:] = [erase]
    if ask is not None:
        _ask[:] = [ask]
    if tell is not None:
        _tell[:] = [tell]


def clear() -> None:
    """Forget all of them (for wiring anew)."""
    for port in (_happened, _erase, _ask, _tell):
        port.clear()


def happened() -> Happened:
    """Return what knows events."""
    if not _happened:
        raise NotWired("nothing tells retention what happened: fill the port in config/wiring.py")
    return _happened[0]


def erase() -> Erase:
    """Return what erases whole people."""
    if not _erase:
        raise NotWired("nothing erases people for retention: fill the port in config/wiring.py")
    return _erase[0]


def ask() -> Ask:
    """Return what asks people again."""
    if not _ask:
        raise NotWired("nothing asks people again for retention: fill the port in config/wiring.py")
    return _ask[0]


def tell() -> Tell:
    """Return what tells people what ended and what stays."""
    if not _tell:
        raise NotWired("nothing tells people what ended for them: fill the port in config/wiring.py")
    return _tell[0]
