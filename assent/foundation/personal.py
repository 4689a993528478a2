"""
The one protocol by which every room answers for the personal data it keeps.

`rights` and `retention` walk the list of stores that ``config/wiring.py`` registers, and so never import an upper room.
All verbs take sets of subjects: one or a thousand cost one pass.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

__all__ = [
    "Erased", "GivingBack", "Held", "Keep", "Narrowing", "NotYet", "Page", "PersonalDataStore", "Surplus", "clear", "register",
    "registered",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """
    One part of an export.

    :param path: where it goes inside the package, like ``events/2026.json``
    :param title: a heading for a reader
    :param rows: what is held, as JSON-ready values
    :param raw: instead of rows, a file whose every byte counts
    """

    path: str
    title: str
    rows: Sequence[dict[str, Any]]
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How many records of a kind a store holds of one person."""

    store: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did in one store: records removed, and what stays by law, with why."""

    store: str
    removed: int
    kept: int = 0
    kept_because: str = ""
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keep:
    """
    What of people may stay: the purposes that live, as bits ``1 << purpose code``.

    :param purposes: subject → bits
    :param before: bit → milliseconds: what was collected for that purpose before then is over, record by record
    """

    purposes: Mapping[int, int]
    before: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surplus:
    """Records of a kind that no live purpose holds, and of how many people they are."""

    store: str
    kind: str
    records: int
    people: int


class NotYet(Exception):
    """A store can't finish erasing now (events of the person are still on their way in); ask again later."""


class PersonalDataStore(Protocol):
    """Answers for one room's personal data. All ids are pseudonymous; the controller is in scope when called."""

    name: str

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count what is held of one person."""
        ...

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over a copy (arts. 15(3), 20)."""
        ...

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Correct or complete fields (art. 16); return how many were changed. Fields of other rooms are ignored."""
        ...

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Mark as kept but unused, or lift that (art. 18). Stores whose reads all pass the gate answer 0."""
        ...

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Delete rows and old copies (art. 17). Called again after a crash, it finishes what is left."""
        ...


@runtime_checkable
class Narrowing(Protocol):
    """A store that can part with some of a person's data: what is kept for several purposes lives as long as the last."""

    name: str

    def narrow(self, *, controller: int, keep: Keep, remove: bool, by: Any, at: Any) -> list[Surplus]:
        """
        Find what none of a person's live purposes holds, and with ``remove`` delete it, old copies included.

        Called again after a crash, it finishes what is left; where nothing is left it writes nothing.
        """
        ...


@runtime_checkable
class GivingBack(Protocol):
    """A store that can hand over, of many people at once, what it holds for some purposes (art. 28(3)(g))."""

    name: str

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> Mapping[int, list[dict[str, Any]]]:
        """Return by person, as JSON-ready rows, what is held for these purposes; whoever has nothing is left out."""
        ...


_stores: dict[str, Callable[[], PersonalDataStore]] = {}


def register(name: str, make: Callable[[], PersonalDataStore]) -> None:
    """Add a store to the list, in the order in which erasure walks it."""
    _stores[name] = make


def registered() -> list[PersonalDataStore]:
    """Return the stores in order of registration."""
    return [make() for make in _stores.values()]


def clear() -> None:
    """Forget all stores (for wiring anew)."""
    _stores.clear()
