"""What follows when two people turn out to be one: each room moves the rows it has. ``config/wiring.py`` fills it."""

from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor

__all__ = ["MergeHook", "clear_merge_hooks", "merge_hooks", "on_merge"]


class MergeHook(Protocol):
    """
    Moves one room's rows from ``other`` to ``into``; of two choices or stops the stricter stays.

    Called at least twice a merge and again after a crash, so a second call must find nothing left to do.

    :raises assent.foundation.personal.NotYet: if it can't be done now; the merge is finished later
    """

    def __call__(self, *, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
        """Move the rows."""
        ...


_hooks: dict[str, MergeHook] = {}


def on_merge(name: str, hook: MergeHook) -> None:
    """Add a room's part, in the order in which merges call them: what forbids first."""
    _hooks[name] = hook


def merge_hooks() -> list[MergeHook]:
    """Return the parts in order."""
    return list(_hooks.values())


def clear_merge_hooks() -> None:
    """Forget all parts (for wiring anew)."""
    _hooks.clear()
