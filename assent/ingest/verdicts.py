"""The question asked for a batch: for whom each purpose is allowed, as bits, and why not where it isn't."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from assent.ingest.desk import Desk, Item
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import ANY, Codes, Operation, Why

__all__ = ["Verdicts"]

DataOf = Mapping[str, frozenset[str]]


@cache
def _why(code: int) -> str:
    return lawfulness.verdict_of(code).why.value


class Verdicts:
    """
    Answers for all people and purposes of a batch, about data that are no special category.

    :ivar allowed: purposes allowed by subject, as bits of their codes; subject 0 is somebody nobody knows yet
    """

    def __init__(self, desk: Desk, subjects: Sequence[int], purposes: Sequence[str]) -> None:
        """Ask for each of these people and purposes at once."""
        self._desk = desk
        self._column = {subject: at for at, subject in enumerate(subjects)}
        self._row = {purpose: at for at, purpose in enumerate(purposes)}
        self._subjects = np.array(subjects, np.int64)
        self._codes = self._ask({purpose: desk.plans.ordinary[purpose] for purpose in purposes})
        masks = self._masks(self._codes, purposes)
        self.allowed: dict[int, int] = dict(zip(subjects, masks.tolist(), strict=True))
        self._of_special: dict[tuple[tuple[str, frozenset[str]], ...], dict[int, int]] = {}

    @classmethod
    def ask(cls, items: Iterable[Item], desk: Desk, purposes: Iterable[str] = ()) -> "Verdicts":
        """Ask for the people and purposes of these messages, and for further purposes if named."""
        items = list(items)
        wanted = {purpose for plan in {item.plan for item in items} if plan is not None for purpose in plan.purposes}
        return cls(desk, sorted({item.subject for item in items}), sorted(wanted.union(purposes)))

    def with_special(self, subject: int, data: DataOf) -> int:
        """
        Return the purposes allowed to keep special data (art. 9), as bits; purposes that are not named keep theirs.

        :param data: by purpose, the data it would keep
        """
        key = tuple(sorted(data.items()))
        if key not in self._of_special:
            named = sum(self._desk.plans.bits[purpose] for purpose in data)
            masks = self._masks(self._ask(data), list(data)) | ~np.int64(named)
            self._of_special[key] = dict(zip(self._column, masks.tolist(), strict=True))
        return self.allowed[subject] & self._of_special[key][subject]

    def why(self, item: Item) -> str:
        """Return why none of an event's purposes is allowed: the reason of the first that says no."""
        if item.plan is None or not item.plan.purposes:
            return Why.UNDECLARED_PURPOSE.value
        allowed, column = self.allowed[item.subject], self._column[item.subject]
        for purpose in item.plan.purposes:
            if not allowed & item.plan.bits[purpose]:
                return _why(int(self._codes[self._row[purpose], column]))
        return Why.NO_EXPLICIT_CONSENT.value

    def _ask(self, data: DataOf) -> Codes:
        if not data or not len(self._subjects):
            return np.zeros((len(data), len(self._subjects)), np.uint8)
        return lawfulness.ask_many(
            controller=self._desk.controller,
            subjects=self._subjects,
            purposes=list(data),
            channel=ANY,
            operation=Operation.STORE,
            at=self._desk.at,
            data=data,
        )

    def _masks(self, codes: Codes, purposes: Sequence[str]) -> npt.NDArray[np.int64]:
        bits = np.array([self._desk.plans.bits[purpose] for purpose in purposes], np.int64).reshape(-1, 1)
        masks: npt.NDArray[np.int64] = np.bitwise_or.reduce(np.where(lawfulness.is_yes(codes), bits, 0), axis=0, initial=0)
        return masks
