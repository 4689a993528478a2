"""What a stop needs to know from above: whether a message is leaving at this moment. ``config/wiring.py`` fills it."""

from typing import Protocol

__all__ = ["OpenClaims", "open_claims", "wire"]


class OpenClaims(Protocol):
    """Tells, from committed rows and the wall clock, whether a message to the person is being handed over now."""

    def __call__(self, *, controller: int, subject: int) -> bool:
        """Return whether one is."""
        ...


def _nothing_leaves(*, controller: int, subject: int) -> bool:
    """Stand in where nothing sends: then nothing can be on its way."""
    del controller, subject
    return False


_open_claims: list[OpenClaims] = [_nothing_leaves]


def wire(*, open_claims: OpenClaims | None = None) -> None:
    """Put the sender's answer behind the port; None puts back the one for a house that sends nothing."""
    _open_claims[:] = [open_claims or _nothing_leaves]


def open_claims(*, controller: int, subject: int) -> bool:
    """Return whether a message to the person is being handed over now."""
    return _open_claims[0](controller=controller, subject=subject)
