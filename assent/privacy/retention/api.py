"""Retention: hold back what a claim needs."""

from assent.privacy.retention.holding import hold, holds, holds_on, release

__all__ = ["hold", "holds", "holds_on", "release"]
