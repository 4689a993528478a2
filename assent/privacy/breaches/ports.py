"""What breaches need done above: letters to people. ``config/wiring.py`` fills it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor
from assent.privacy.breaches.contracts import Words

__all__ = ["Letters", "NotWired", "letters", "wire"]


class Letters(Protocol):
    """Writes to people what the law owes them, outside marketing: each person once per occasion."""

    def write(
        self, *, controller: int, occasion: str, people: Sequence[int], words: Mapping[str, Words], by: Actor, at: datetime
    ) -> int:
        """Put a letter per person into the outbox, in their language, and return how many are new."""
        ...

    def progress(self, *, controller: int, occasion: str) -> Mapping[str, int]:
        """Return how many letters of an occasion are in each state."""
        ...


class NotWired(RuntimeError):
    """Nothing stands behind the port: ``config/wiring.py`` names what does."""


_letters: list[Letters] = []


def wire(*, letters: Letters) -> None:
    """Put an implementation behind the port."""
    _letters[:] = [letters]


def letters() -> Letters:
    """
    Return what writes letters.

    :raises NotWired: if nothing does
    """
    if not _letters:
        message = "nothing writes letters for breaches: call breaches.ports.wire(letters=...) in config/wiring.py"
        raise NotWired(message)
    return _letters[0]
