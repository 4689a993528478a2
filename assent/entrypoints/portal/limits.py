"""How often something was tried, counted in the cache all web processes share. Its keys are hashed (``config.caching``)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.cache import cache

from assent.entrypoints.portal.rules import Limit
from assent.foundation.clock import millis

__all__ = ["count", "spent"]


def _key(limit: Limit, whose: Mapping[str, str]) -> str:
    return f"portal:{limit.name}:{limit.per}:{whose['controller']}:{'' if limit.per == 'controller' else whose[limit.per]}"


def spent(limits: Sequence[Limit], whose: Mapping[str, str], *, at: datetime) -> bool:
    """
    Say whether one of the limits is used up.

    :param whose: ``address`` (a keyed hash), ``network`` and ``controller``
    """
    return any(_counted(limit, whose, at)[0] >= limit.most for limit in limits)


def count(limits: Sequence[Limit], whose: Mapping[str, str], *, at: datetime) -> None:
    """Count one try. The window begins with the first and is not drawn out by further ones."""
    for limit in limits:
        tried, ends_ms = _counted(limit, whose, at)
        left = (ends_ms - millis(at)) // 1000 + 1
        cache.set(_key(limit, whose), (tried + 1, ends_ms), left)


def _counted(limit: Limit, whose: Mapping[str, str], at: datetime) -> tuple[int, int]:
    """Return how often within the window, and when that ends."""
    found = cache.get(_key(limit, whose))
    if found is None or found[1] <= millis(at):
        return 0, millis(at) + limit.seconds * 1000
    return int(found[0]), int(found[1])
