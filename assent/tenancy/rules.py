"""What each role may do. Apart on purpose: who writes to people does not erase them, who reads the book writes nothing."""

from collections.abc import Iterable

from assent.tenancy.contracts import Permission, Role

__all__ = ["ALLOWS", "permitted"]

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
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {Permission.SETTINGS_WRITE, Permission.AUDIT_READ, Permission.POLICY_READ, Permission.EVENTS_READ}
    ),
}


def permitted(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return all that the roles together allow; no role allows nothing."""
    return frozenset().union(*(ALLOWS[role] for role in roles))
