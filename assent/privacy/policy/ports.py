"""What follows a publication in the same transaction. ``config/wiring.py`` fills it."""

from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor

__all__ = ["PublicationHook", "clear_publication_hooks", "on_publication", "publication_hooks"]


class PublicationHook(Protocol):
    """Does one room's part when a version was put in force; if it raises, the version is not."""

    def __call__(self, *, controller: int, number: int, by: Actor, at: datetime) -> None:
        """Do it."""
        ...


_hooks: dict[str, PublicationHook] = {}


def on_publication(name: str, hook: PublicationHook) -> None:
    """Add a room's part, in the order in which publications call them."""
    _hooks[name] = hook


def publication_hooks() -> list[PublicationHook]:
    """Return the parts in order."""
    return list(_hooks.values())


def clear_publication_hooks() -> None:
    """Forget all parts (for wiring anew)."""
    _hooks.clear()
