"""What the worker runs: start campaigns that are due and fill the outbox."""

from datetime import datetime

from assent.campaigns import api

__all__ = ["sweep"]


def sweep(at: datetime) -> bool:
    """Do a few seconds of what is due and say whether there is more."""
    return api.sweep(at=at)
