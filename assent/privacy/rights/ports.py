"""What rights need done elsewhere. ``config/wiring.py`` fills it; unfilled, nothing is held and messages are printed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor
from assent.privacy.rights.contracts import Held, Told

__all__ = ["Follows", "Holds", "Tell", "clear", "follows", "holds", "tell", "wire"]


class Tell(Protocol):
    """
    Sends a message to a person over a lawful channel, outside of marketing and its stops.

    :param occasion: what makes it the same message, like ``request:K3M7-9QX2:answer``; asked again, no second one goes
    :param text: plain text, paragraphs parted by an empty line
    """

    def __call__(
        self, *, controller: int, subject: int, occasion: str, language: str, heading: str, text: str, by: Actor, at: datetime
    ) -> Told:
        """Put it on its way, or say what became of it."""
        ...


class Holds(Protocol):
    """Knows what must stay of people who ask to be erased: for a claim, or because a law says so."""

    def __call__(self, *, controller: int, subjects: Sequence[int], at: datetime) -> Mapping[int, Sequence[Held]]:
        """Return what stays of each person; whoever is left out can go whole."""
        ...


class Follows(Protocol):
    """Knows what follows for a person from what they just ended: what is deleted, what stays, on which basis."""

    def __call__(self, *, controller: int, subject: int, language: str, by: Actor, at: datetime) -> str:
        """Return it as paragraphs for the answer, noting that the person is told; empty where nothing ended."""
        ...


_tell: list[Tell] = []
_holds: list[Holds] = []
_follows: list[Follows] = []


def wire(*, tell: Tell | None = None, holds: Holds | None = None, follows: Follows | None = None) -> None:
    """Put implementations behind the ports; a later one takes the place of an earlier."""
    if tell is not None:
        _tell[:] = [tell]
    if holds is not None:
        _holds[:] = [holds]
    if follows is not None:
        _follows[:] = [follows]


def clear() -> None:
    """Forget all of them (for wiring anew)."""
    _tell.clear()
    _holds.clear()
    _follows.clear()


def tell(
    *, controller: int, subject: int, occasion: str, language: str, heading: str, text: str, by: Actor, at: datetime
) -> Told:
    """Tell a person something; where nothing can carry it, it is printed."""
    if not _tell:
        return Told.NO_WAY
    return _tell[0](
        controller=controller, subject=subject, occasion=occasion, language=language, heading=heading, text=text, by=by, at=at
    )


def holds(*, controller: int, subjects: Sequence[int], at: datetime) -> Mapping[int, Sequence[Held]]:
    """Return whose data are held, and why."""
    return _holds[0](controller=controller, subjects=subjects, at=at) if _holds else {}


def follows(*, controller: int, subject: int, language: str, by: Actor, at: datetime) -> str:
    """Return what follows for a person from what they ended."""
    if not _follows:
        return ""
    return _follows[0](controller=controller, subject=subject, language=language, by=by, at=at)
