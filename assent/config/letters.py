"""Writes what rooms of the ground floor owe people, in each person's language, through the gate out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter
from assent.privacy.breaches.contracts import Words
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy

__all__ = ["OwedLetters"]


class OwedLetters:
    """Stands behind the port ``breaches.ports.Letters``."""

    def write(
        self, *, controller: int, occasion: str, people: Sequence[int], words: Mapping[str, Words], by: Actor, at: datetime
    ) -> int:
        """Put a letter per person into the outbox; whose language has no words gets the controller's, else the first."""
        house = tenancy.controller_by_id(id=controller).language
        known = profiles.get(controller=controller, subjects=people)
        fallback = house if house in words else next(iter(words))
        letters = {language: Letter(language, one.subject, one.lines) for language, one in words.items()}
        addressed = []
        for person in people:
            spoken = str(known.get(person, {}).get("language") or "").replace("_", "-").split("-")[0].lower()
            addressed.append((person, letters[spoken if spoken in letters else fallback]))
        return dispatch.tell(controller=controller, occasion=occasion, letters_to=addressed, by=by, at=at)

    def progress(self, *, controller: int, occasion: str) -> Mapping[str, int]:
        """Return how many letters of an occasion are in each state."""
        return {state.value: many for state, many in dispatch.progress(controller=controller, occasion=occasion).items()}
