"""Impact assessment: the signs of a high risk that a policy declares."""

from assent.privacy.impact.rules import findings

__all__ = ["findings"]
