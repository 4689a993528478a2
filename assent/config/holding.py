"""What rights asks before it erases: what must stay of people, for a claim or by law."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assent.privacy.retention import api as retention
from assent.privacy.rights.contracts import Held

__all__ = ["held"]


def held(*, controller: int, subjects: Sequence[int], at: datetime) -> Mapping[int, Sequence[Held]]:
    """Return what stays of whom, and why."""
    found = retention.must_stay(controller=controller, people=subjects, at=at)
    return {one: [Held(stay.reason.value, stay.until, stay.purpose) for stay in theirs] for one, theirs in found.items()}
