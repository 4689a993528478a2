"""Which part stands behind which port, and which stores answer for personal data. The only list of its kind."""

__all__ = ["wire"]


def wire() -> None:
    """Fill the ports. Called once when Django is ready; again in a test that wants it anew."""
