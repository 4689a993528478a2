"""What rights asks before it erases: whether people's data are held for a claim."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.privacy.retention import api as retention
from assent.privacy.rights.contracts import Held

__all__ = ["held"]


def held(*, controller: int, subjects: Sequence[int], at: datetime) -> Mapping[int, Sequence[Held]]:
    """Return the legal holds on people; a house without one that lasts, which is most of them, is asked once."""
    if not retention.holds(controller=controller, at=at, lasting_only=True, limit=1):
        return {}
    found = {one: retention.holds_on(controller=controller, subject=one, at=at) for one in subjects}
    return {
        one: [Held(reason=hold.reason.value, until=hold.until) for hold in theirs] for one, theirs in found.items() if theirs
    }
