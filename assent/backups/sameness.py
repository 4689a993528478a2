"""
Who is whom after a restore: merges since the copy, also of people it does not know. Private to this room.

A merge of two whom the copy knows is done again at its place in the journal. Of one whom it does not know, nothing is there to
be merged; what the journal says of them is said of the other one, who is the same person.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

__all__ = ["Sameness"]

Person = tuple[int, int]
"""controller, subject"""


class Sameness:
    """By which number somebody goes now."""

    def __init__(self, merges: Iterable[tuple[int, int, int]], known: Callable[[int, list[int]], set[int]]) -> None:
        """
        Read what was merged since the copy, in order.

        :param merges: controller, who stayed, who went
        :param known: which of a controller's people the copy knows
        """
        merges = list(merges)
        named: dict[int, set[int]] = defaultdict(set)
        for controller, into, other in merges:
            named[controller] |= {into, other}
        here = {(controller, one) for controller, people in named.items() for one in known(controller, sorted(people))}
        self._now: dict[Person, int] = {}
        self._lingering: set[Person] = set()
        for controller, into, other in merges:
            stays, goes = self.of(controller, into), self.of(controller, other)
            if stays == goes:
                continue
            if (controller, goes) not in here:
                self._now[controller, goes] = stays
            elif (controller, stays) not in here:
                self._now[controller, stays] = goes

    def of(self, controller: int, subject: int) -> int:
        """Return who somebody is now: themselves, mostly."""
        while (controller, subject) in self._now:
            subject = self._now[controller, subject]
        return subject

    def all_of(self, controller: int, subject: int) -> list[int]:
        """Return who somebody is now, and before them who they were, as long as that merge has not ended."""
        before = [subject] if (controller, subject) in self._lingering else []
        return [*before, self.of(controller, subject)]

    def merged(self, controller: int, *, into: int, other: int, ended: bool) -> None:
        """Note that a merge was done again, or begun and left for the worker to end."""
        self._now[controller, other] = into
        if not ended:
            self._lingering.add((controller, other))
