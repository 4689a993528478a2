"""How recipients are told: what this room needs done above it. ``config/wiring.py`` fills it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from assent.privacy.disclosures.contracts import BadWay, Form, Notice, Told, ToldHow, What

__all__ = [
    "BadWay", "Form", "Notice", "Notifier", "Told", "ToldHow", "What", "notifier", "notifiers", "wire",
]  # fmt: skip


class Notifier(Protocol):
    """
    Tells recipients over one way. Called outside any transaction; whatever it raises counts as "nothing arrived".

    Telling twice must be as telling once, since whoever is killed in between is called again: hand the notice's id on.

    :param way: the word that settings name it by
    :param most: so many people go into one notice
    :param first_question: how long after it was told a recipient is asked or reminded for the first time
    """

    way: str
    most: int
    first_question: timedelta

    def check(self, address: str) -> str:
        """
        Return an address in the form to keep.

        :raises BadWay: with the words to mend it, if it is none
        """
        ...

    def tell(self, notice: Notice) -> Told:
        """Hand a notice over."""
        ...

    def ask(self, notice: Notice) -> Told:
        """Ask how far a recipient is with what it was told, or remind it."""
        ...


_notifiers: dict[str, Notifier] = {}


def wire(notifiers: Iterable[Notifier]) -> None:
    """Put notifiers behind the port, in place of those before."""
    _notifiers.clear()
    _notifiers.update({one.way: one for one in notifiers})


def notifiers() -> list[Notifier]:
    """Return them, by way."""
    return list(_notifiers.values())


def notifier(way: str) -> Notifier | None:
    """Return what tells over a way, or None: then notices wait."""
    return _notifiers.get(way)
