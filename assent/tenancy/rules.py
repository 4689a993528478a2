"""What each role may do. Separate on purpose: who writes to people does not erase them, who reads the book does not write in it."""

from collections.abc import Iterable

from assent.tenancy.contracts import Permission as P, Role

__all__ = ["ALLOWS", "permitted"]

ALLOWS: dict[Role, frozenset[P]] = {
    Role.MARKETER: frozenset(
        {
            P.PEOPLE_READ,
            P.PEOPLE_IDENTIFY,
            P.CONSENT_WRITE,
            P.SEGMENTS_READ,
            P.SEGMENTS_WRITE,
            P.CAMPAIGNS_READ,
            P.CAMPAIGNS_WRITE,
            P.CAMPAIGNS_SEND,
            P.EVENTS_READ,
            P.POLICY_READ,
        }
    ),
    # An analyst counts people and needs no names for it (art. 25(2)).
    Role.ANALYST: frozenset({P.PEOPLE_READ, P.SEGMENTS_READ, P.SEGMENTS_WRITE, P.CAMPAIGNS_READ, P.EVENTS_READ, P.POLICY_READ}),
    Role.PRIVACY_OFFICER: frozenset(
        {
            P.PEOPLE_READ,
            P.PEOPLE_IDENTIFY,
            P.PEOPLE_WRITE,
            P.PEOPLE_EXPORT,
            P.PEOPLE_ERASE,
            P.CONSENT_WRITE,
            P.SEGMENTS_READ,
            P.CAMPAIGNS_READ,
            P.EVENTS_READ,
            P.AUDIT_READ,
            P.POLICY_READ,
        }
    ),
    Role.ADMINISTRATOR: frozenset({P.SETTINGS_WRITE, P.AUDIT_READ, P.POLICY_READ, P.EVENTS_READ}),
}


def permitted(roles: Iterable[Role]) -> frozenset[P]:
    """Return all that the roles together allow; no role allows nothing."""
    return frozenset().union(*(ALLOWS[role] for role in roles))
