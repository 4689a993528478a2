"""What sources need of rooms above them. ``config/wiring.py`` fills it; what is unfilled is refused, never passed over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor

__all__ = ["Letters", "NotWired", "letters", "wire"]


class NotWired(RuntimeError):
    """Nothing stands behind the port."""


class Letters(Protocol):
    """Writes to people where their data came from."""

    def __call__(self, *, controller: int, source: str, subjects: Sequence[int], by: Actor, at: datetime) -> Collection[int]:
        """
        Put a letter to each on its way, once per person and source, and return to whom one is on its way or came.

        Whoever has no address, or whose letter came to nothing, is not among them.
        """
        ...


_letters: list[Letters] = []


def wire(*, letters: Letters | None = None) -> None:
    """Put an implementation behind the port; None takes it away."""
    _letters[:] = [] if letters is None else [letters]


def letters() -> Letters:
    """Return what writes to people."""
    if not _letters:
        raise NotWired("nothing tells people where their data came from: fill the port in config/wiring.py")
    return _letters[0]
