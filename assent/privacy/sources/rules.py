"""When somebody has to be told where their data came from, and when the house looks whether they were. Pure."""

from datetime import datetime, timedelta

from assent.privacy.deadlines import api as deadlines
from assent.privacy.policy.contracts import Policy, Span
from assent.privacy.sources.contracts import ELSEWHERE, UnknownSource

__all__ = ["LOOKS", "ends", "horizon", "told_by_law", "which"]

LOOKS = 4
"""How often the house looks after somebody: at half of the time, and at each further half of what is left."""


def which(policy: Policy, source: str) -> str:
    """
    Return a source as the policy declares it.

    :raises UnknownSource: if it does not
    """
    if source in policy.sources:
        return source
    known = ", ".join(policy.sources) or "none yet"
    raise UnknownSource(
        f"the policy has no source {source[:63]!r}: use one of {known}, or declare it under sources and publish"
    )


def told_by_law(policy: Policy, source: str) -> bool:
    """Say whether what comes from a source is told by art. 14: it is not the person, nor the person's device."""
    found = policy.sources.get(source)
    return found is None or found.kind in ELSEWHERE


def ends(policy: Policy, obtained: datetime) -> datetime:
    """Return the last moment to tell somebody whose data were obtained at one (art. 14(3)(a))."""
    where = policy.controller
    return deadlines.due(
        obtained, Span.read(policy.rights.deadlines.tell_source), country=str(where.country), zone=where.time_zone
    )


def horizon(policy: Policy, at: datetime, looks: int) -> datetime:
    """
    Return up to which end people are looked at who were looked at so often before.

    The first half of the time is left to a first message of the controller's own; then a letter goes, and the rest is for
    seeing whether it came to something.
    """
    left: timedelta = (ends(policy, at) - at) / 2 ** (looks + 1)
    return at + left
