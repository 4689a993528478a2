"""The one place that reads the wall clock. Doors call it and pass the moment on; rooms receive it."""

from datetime import UTC, datetime

__all__ = ["from_millis", "millis", "now"]


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)


def millis(at: datetime) -> int:
    """Return a moment as whole milliseconds since 1970, the unit of every stored number that is a time."""
    return int(at.timestamp() * 1000)


def from_millis(value: int) -> datetime:
    """Return the moment that ``millis`` came from."""
    return datetime.fromtimestamp(value / 1000, UTC)
