"""Names of the staff of a controller, for lines that say who did something."""

from assent.tenancy import api as tenancy

__all__ = ["names"]


def names(controller: int) -> dict[str, str]:
    """Return the names of a controller's staff by the id the audit trail writes."""
    return {str(member.id): member.name for member in tenancy.members(controller=controller)}
