"""How what is owed to people reaches them: as letters of the house, through the gate out."""

from datetime import datetime

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter, State, UndeclaredPurpose
from assent.privacy.rights.contracts import Told
from assent.privacy.subjects import api as subjects

__all__ = ["tell"]

# Of a message whose fate is unknown the other end may have every byte: a second one would be one too many.
BECAME = {State.SENT: Told.SENT, State.UNKNOWN: Told.SENT, State.DUE: Told.WAITING, State.HANDING_OVER: Told.WAITING,
          State.HELD: Told.WAITING}  # fmt: skip
LATEST = 200


def tell(
    *, controller: int, subject: int, occasion: str, language: str, heading: str, text: str, by: Actor, at: datetime
) -> Told:
    """Send a person an e-mail once per occasion, or say what became of it; without an address somebody has to print it."""
    for known in dispatch.messages(controller=controller, subject=subject, limit=LATEST):
        if known.occasion == occasion:
            return BECAME.get(known.state, Told.NO_WAY)
    if not subjects.addresses(controller=controller, subjects=[subject], field="email"):
        return Told.NO_WAY
    letter = Letter(language=language, subject=heading, lines=tuple(text.split("\n\n")))
    try:
        made = dispatch.tell(controller=controller, occasion=occasion, letters_to=[(subject, letter)], by=by, at=at)
    except UndeclaredPurpose:
        return Told.NO_WAY
    return Told.WAITING if made else Told.NO_WAY
