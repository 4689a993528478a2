"""Decisions about disclosures that need no database: when to try again, in which portions, which identifiers a notice has."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from assent.privacy.disclosures.contracts import Form, NoticeState, Told, ToldHow

__all__ = ["LAST_QUESTION", "digest_of", "next_pause", "portions", "settled", "told_of", "written"]

T = TypeVar("T")

# A recipient that is down for a minute is told a minute later; one that is down for a day is asked a dozen times.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)

# Whoever was told and has not answered is asked in the end once a week; how soon at first, its way knows.
LAST_QUESTION = timedelta(days=7)

IDENTIFIERS = ("email", "phone", "user_id")


def next_pause(state: NoticeState, attempts: int, first_question: timedelta = LAST_QUESTION) -> timedelta:
    """Return how long to wait after an attempt (counted from 1 in each state)."""
    first, longest = (first_question, LAST_QUESTION) if state is NoticeState.SENT else (FIRST_PAUSE, LONGEST_PAUSE)
    doubled: timedelta = first * 2 ** min(max(attempts, 1) - 1, 16)
    return min(doubled, longest)


def settled(state: NoticeState, told: Told) -> NoticeState:
    """
    Return the state of a notice after what was learnt. It never goes back, and no machine declares it impossible.

    A recipient that was told and answers nonsense when asked was told all the same.
    """
    if told.how is ToldHow.ACKNOWLEDGED:
        return NoticeState.ACKNOWLEDGED
    if told.how is ToldHow.SENT:
        return NoticeState.SENT
    return state


def portions(people: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Cut people into sets of at most so many."""
    for start in range(0, len(people), most):
        yield people[start : start + most]


def digest_of(subjects: Iterable[int]) -> str:
    """Return the name of a set of people, by which the same notice is known again."""
    return hashlib.sha256(",".join(str(one) for one in sorted(subjects)).encode()).hexdigest()


def told_of(items: Iterable[str], traits: Mapping[str, str], fields: Iterable[str]) -> list[str]:
    """
    Return the fields a recipient may read in a notice: those whose data item it received before, so that it learns nothing new.

    :param traits: data item by field name
    """
    had = set(items)
    return [name for name in fields if traits.get(name) in had]


def written(value: str, form: Form) -> str:
    """Return an identifier, in its normal form, as a notice writes it."""
    return value if form is Form.RAW else hashlib.sha256(value.encode()).hexdigest()
