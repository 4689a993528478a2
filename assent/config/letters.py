"""Writes what rooms of the ground floor owe people, in each person's language, through the gate out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.audit.contracts import Actor
from assent.config.tongues import spoken
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter
from assent.privacy.breaches.contracts import Words

__all__ = ["OwedLetters"]


class OwedLetters:
    """Stands behind the port ``breaches.ports.Letters``."""

    def write(
        self, *, controller: int, occasion: str, people: Sequence[int], words: Mapping[str, Words], by: Actor, at: datetime
    ) -> int:
        """Put a letter per person into the outbox; whose language has no words gets the controller's, else the first."""
        letters = {language: Letter(language, one.subject, one.lines) for language, one in words.items()}
        languages = spoken(controller=controller, people=people, written=list(words))
        addressed = [(person, letters[language]) for person, language in languages.items()]
        return dispatch.tell(controller=controller, occasion=occasion, letters_to=addressed, by=by, at=at)

    def progress(self, *, controller: int, occasion: str) -> Mapping[str, int]:
        """Return how many letters of an occasion are in each state."""
        return {state.value: many for state, many in dispatch.progress(controller=controller, occasion=occasion).items()}
