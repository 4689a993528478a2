"""What rights asks before it erases: whether the person's data are held for a claim."""

from collections.abc import Sequence
from datetime import datetime

from assent.privacy.retention import api as retention
from assent.privacy.rights.contracts import Held

__all__ = ["held"]


def held(*, controller: int, subject: int, at: datetime) -> Sequence[Held]:
    """Return the legal holds on one person."""
    found = retention.holds_on(controller=controller, subject=subject, at=at)
    return [Held(reason=one.reason.value, until=one.until) for one in found]
