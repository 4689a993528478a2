"""
What each role may do, and where an agreement stands.

Roles are apart on purpose: who writes to people does not erase them, who reads the book writes nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime

from assent.tenancy.contracts import AgreementInfo, AgreementState, Permission, Role

__all__ = ["ALLOWS", "permitted", "standing"]

ALLOWS: dict[Role, frozenset[Permission]] = {
    Role.MARKETER: frozenset(
        {
            Permission.PEOPLE_READ,
            Permission.PEOPLE_IDENTIFY,
            Permission.CONSENT_WRITE,
            Permission.SEGMENTS_READ,
            Permission.SEGMENTS_WRITE,
            Permission.CAMPAIGNS_READ,
            Permission.CAMPAIGNS_WRITE,
            Permission.CAMPAIGNS_SEND,
            # Whoever answers the telephone hears requests, too; answering them is somebody else's.
            Permission.REQUESTS_REGISTER,
            Permission.EVENTS_READ,
            Permission.POLICY_READ,
        }
    ),
    # An analyst counts people and needs no names for it (art. 25(2)).
    Role.ANALYST: frozenset(
        {
            Permission.PEOPLE_READ,
            Permission.SEGMENTS_READ,
            Permission.SEGMENTS_WRITE,
            Permission.CAMPAIGNS_READ,
            Permission.EVENTS_READ,
            Permission.POLICY_READ,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.PEOPLE_READ,
            Permission.PEOPLE_IDENTIFY,
            Permission.PEOPLE_WRITE,
            Permission.PEOPLE_EXPORT,
            Permission.PEOPLE_ERASE,
            Permission.CONSENT_WRITE,
            Permission.SEGMENTS_READ,
            Permission.CAMPAIGNS_READ,
            Permission.EVENTS_READ,
            Permission.AUDIT_READ,
            Permission.POLICY_READ,
            Permission.POLICY_WRITE,
            Permission.AGREEMENTS_WRITE,
            Permission.REQUESTS_REGISTER,
            Permission.REQUESTS_ANSWER,
            Permission.BREACHES_READ,
            Permission.BREACHES_WRITE,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.SETTINGS_WRITE,
            Permission.AUDIT_READ,
            Permission.POLICY_READ,
            Permission.EVENTS_READ,
            Permission.AGREEMENTS_WRITE,
            # Who ends a leaked key sees what it read; the officer judges.
            Permission.BREACHES_READ,
        }
    ),
}


def permitted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return all that the roles together allow; no role allows nothing."""
    return frozenset().union(*(ALLOWS[role] for role in roles))


def standing(agreement: AgreementInfo, *, at: datetime, today: date) -> AgreementState:
    """
    Return where a version of an agreement stands.

    :param today: the day, where the controller is
    """
    accepted, ending = agreement.acceptance, agreement.ending
    if accepted is None:
        return AgreementState.WITHDRAWN if agreement.offered_after else AgreementState.OFFERED
    if agreement.settlement is not None:
        return AgreementState.SETTLED
    if ending is not None and at >= ending.until_at:
        # An end is owed an answer even if a later agreement began since: what was chosen was chosen.
        return AgreementState.OVERDUE if today > ending.due_on else AgreementState.ENDED
    if agreement.next_from is not None and at >= agreement.next_from:
        return AgreementState.SUPERSEDED
    return AgreementState.IN_FORCE if at >= accepted.from_at else AgreementState.TO_COME
