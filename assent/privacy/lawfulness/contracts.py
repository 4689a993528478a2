"""The question (may this be done, with these data, for this purpose, to this person, now) and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from assent.privacy.lawfulness.whys import Answer, Why
from assent.privacy.policy.contracts import Basis, Operation

__all__ = [
    "ANY", "NOBODY_ELSE", "Answer", "Codes", "Columns", "EndingSafeguard", "ExplainedRow", "NotAgreed", "Operation",
    "Question", "Verdict", "Why", "code_of", "is_yes", "verdict_of",
]  # fmt: skip

ANY = "any"
"""The channel of a question about the purpose as such: nobody is addressed by it."""

NOBODY_ELSE = "self"
"""The recipient when data do not leave the controller; empty means the same."""

Codes = npt.NDArray[np.uint8]


class NotAgreed(RuntimeError):
    """The platform may not work for a purpose: no agreement that carries it is in force. ``why`` says which is missing."""

    def __init__(self, purpose: str, why: Why) -> None:
        self.purpose, self.why = purpose, why
        super().__init__(f"{purpose}: {why.sentence('en')} Accept one under Agreements, or with `assent agreement accept`.")


@dataclass(frozen=True, slots=True)
class Question:
    """
    What somebody wants to do.

    :param purpose: key of the policy's purpose
    :param data: data items concerned; none named means all that the purpose declares
    :param channel: over which the person is addressed; ``any`` if they are not
    :param recipient: who receives the data; empty or ``self`` if nobody else does
    :param feature: what the recipient would do with them, where its instructions exclude something
    :param tokens: keyed hashes of the addresses concerned, for stops that hold by address
    """

    operation: Operation
    purpose: str
    subject: int
    at: datetime
    data: frozenset[str] = frozenset()
    channel: str = ANY
    recipient: str = ""
    feature: str = ""
    tokens: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    An answer with its reason.

    :param clause: the article behind it
    :param basis: what allows it; None unless the answer is yes
    """

    answer: Answer
    why: Why
    clause: str
    basis: Basis | None = None

    @property
    def yes(self) -> bool:
        """Whether it may be done."""
        return self.answer is Answer.YES


# A verdict in one byte. 0 is a refusal, so that memory nobody has written to allows nothing.
_FIRST_YES = 128
_VERDICTS: Mapping[int, Verdict] = MappingProxyType(
    {code: Verdict(why.answer, why, why.clause) for code, why in enumerate(Why) if why is not Why.ALLOWED}
    | {_FIRST_YES + place: Verdict(Answer.YES, Why.ALLOWED, basis.clause, basis) for place, basis in enumerate(Basis)}
)
_CODES: Mapping[Verdict, int] = MappingProxyType({verdict: code for code, verdict in _VERDICTS.items()})


def verdict_of(code: int) -> Verdict:
    """
    Return the verdict a code stands for.

    :raises KeyError: if it stands for none
    """
    return _VERDICTS[int(code)]


def code_of(verdict: Verdict) -> int:
    """Return the code of a verdict, below 128 unless it is a yes."""
    return _CODES[verdict]


def is_yes(codes: Codes) -> npt.NDArray[np.bool_]:
    """Tell of each code whether it is a yes."""
    return codes >= _FIRST_YES


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """
    The answer for everyone of a controller.

    :param subjects: those about whom something is written down, sorted
    :param verdicts: their codes, aligned
    :param default: the code of everybody else
    """

    subjects: npt.NDArray[np.int64]
    verdicts: Codes
    default: int

    def of(self, subjects: npt.NDArray[np.int64]) -> Codes:
        """Return the codes of some people, in their order."""
        codes = np.full(len(subjects), self.default, np.uint8)
        if len(self.subjects):
            place = np.minimum(np.searchsorted(self.subjects, subjects), len(self.subjects) - 1)
            known = self.subjects[place] == subjects
            codes[known] = self.verdicts[place[known]]
        return codes


@dataclass(frozen=True, slots=True)
class EndingSafeguard:
    """
    A recipient outside the European Economic Area whose safeguard ends soon, or has ended (arts. 44 to 49).

    :param recipient: key of the policy's recipient
    :param last_day: on which data may still go there; None if no safeguard holds at all
    :param days: from today until that day; negative once it has passed
    :param purposes: for which data go there
    """

    recipient: str
    last_day: date | None
    days: int
    purposes: tuple[str, ...]

    @property
    def lapsed(self) -> bool:
        """Whether nothing is handed over any more."""
        return self.days < 0


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """
    What may be done with a person for one purpose on one channel, for a page that explains it.

    :param choice: ``none``, ``given``, ``withdrawn`` or ``expired``
    :param stops: kinds of the stops that bear on it, whether or not they decide
    """

    purpose: str
    channel: str
    basis: Basis
    keep: Verdict
    use: Verdict
    choice: str
    explicit: bool
    stops: tuple[str, ...]
