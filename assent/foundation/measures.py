"""
Checks of the security measures a policy names (art. 32), by name. ``config/wiring.py`` registers them.

A check looks at what is, not at what was meant: it opens, counts, compares, and says whether the measure holds.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

__all__ = ["Check", "Found", "clear", "named", "of_house", "register"]


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a check found.

    :param holds: None where the measure does not apply here
    :param figures: what it counted, for a sentence to people; codes and numbers only
    """

    holds: bool | None
    figures: Mapping[str, int | str] = field(default_factory=dict)


class Check(Protocol):
    """Says whether a measure holds for a controller."""

    def __call__(self, *, controller: int, at: datetime) -> Found:
        """Look and answer; raise nothing that only means no."""
        ...


_checks: dict[str, Check] = {}
_of_house: set[str] = set()


def register(checks: Mapping[str, Check], *, of_house: Collection[str] = ()) -> None:
    """
    Add checks by name.

    :param of_house: names of those that look at the house as a whole: what they find is the same for every controller
    """
    _checks.update(checks)
    _of_house.update(of_house)


def named() -> Mapping[str, Callable[..., Found]]:
    """Return the checks there are."""
    return dict(_checks)


def of_house() -> frozenset[str]:
    """Return the names of the checks that need to be made but once for all controllers."""
    return frozenset(_of_house)


def clear() -> None:
    """Forget all (for wiring anew)."""
    _checks.clear()
    _of_house.clear()
