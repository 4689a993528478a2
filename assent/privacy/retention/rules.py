"""
When keeping ends, for many people at once. Pure: moments go in, ends come out, all in milliseconds since 1970.

``policy.Retention.ends`` says it for one person; this says the same for arrays (a test holds one against the other).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from assent.privacy.policy.contracts import Basis, Counted, Purpose, Span, Then
from assent.privacy.retention.contracts import Why

__all__ = ["NEVER", "Moments", "Said", "Serving", "State", "after", "before", "closed", "serving", "year_end"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = np.int64(2**62)
"""An end that has not begun to be counted."""
DAY_MS = 86_400_000
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
WHYS = tuple(Why)


class State(IntEnum):
    """What a purpose is for a person."""

    NONE = 0
    """nothing of the person is there for it"""
    LIVE = 1
    ENDED = 2
    ASK = 3
    """the period is over, and the person is to be asked again"""
    WAITING = 4
    """asked; the time for an answer runs"""
    POLICY = 5
    """the period is over, and the policy holds the data for staff to decide"""

    @property
    def keeps(self) -> bool:
        """Whether data may stay for it."""
        return self not in {State.NONE, State.ENDED}


@dataclass(frozen=True, slots=True)
class Said:
    """
    What people said to one purpose, aligned with the people; 0 where nothing.

    :param yes_ms: when a consent that stands was given
    :param no_ms: when the last way in was closed: taken back, run out, objected
    :param why: index of ``Why`` for that
    """

    yes_ms: Ints
    no_ms: Ints
    why: Ints


@dataclass(frozen=True, slots=True)
class Moments:
    """
    What happened to people for one purpose, aligned with the people; 0 where nothing.

    :param known_ms: since when the person is known
    :param received_ms: the last record collected for it
    :param deed_ms: the last thing the person did for it (a ``track`` event), which opens a contract and is an application
    :param touch_ms: the last interaction the policy declares as one, admitted for this purpose
    :param noted: what staff or another system noted, by what is counted
    :param circumstances: the override that came about, by its key
    :param asked_ms: when the person was asked again
    :param alone: nothing speaks for any purpose: known, and no more
    """

    known_ms: Ints
    received_ms: Ints
    deed_ms: Ints
    touch_ms: Ints
    asked_ms: Ints
    alone: Bools
    noted: Mapping[Counted, Ints] = field(default_factory=dict)
    circumstances: Mapping[str, Bools] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Serving:
    """
    What one purpose is for people.

    :param ends_ms: when keeping ends, or ended; ``NEVER`` while nothing counts
    :param why: index of ``Why``; meant where the state is ``ENDED``
    """

    state: Ints
    ends_ms: Ints
    why: Ints


def after(start_ms: Ints, span: Span) -> Ints:
    """Return the moments so long after others, on the calendar of UTC, as :meth:`Span.after` counts."""
    start = start_ms.astype("datetime64[ms]")
    months = start.astype("datetime64[M]")
    into = start - months.astype("datetime64[ms]")
    day = into // np.timedelta64(1, "D")
    rest = into - day * np.timedelta64(1, "D")
    then = months + np.timedelta64(span.months, "M")
    longest = ((then + 1).astype("datetime64[D]") - then.astype("datetime64[D]")).astype(np.int64)
    kept = np.minimum(day.astype(np.int64), longest - 1)
    ended = then.astype("datetime64[ms]") + kept * np.timedelta64(1, "D") + rest
    found: Ints = ended.astype(np.int64) + (span.days * DAY_MS + span.seconds * 1000)
    return found


def before(at: datetime, span: Span) -> int:
    """
    Return the earliest moment whose period is not over at ``at``.

    The last moment of the day counts for days a month lacks: 28 February ends what began on the 29th, 30th and 31st.
    """
    at_ms = (at - EPOCH) // MILLISECOND
    low = (span.before(at.astimezone(UTC)) - EPOCH) // MILLISECOND - 5 * DAY_MS
    high = low + 10 * DAY_MS
    while low < high:
        middle = (low + high) // 2
        if int(after(np.array([middle], np.int64), span)[0]) <= at_ms:
            low = middle + 1
        else:
            high = middle
    return low


def year_end(moments_ms: Ints, zone: str) -> Ints:
    """Return the last millisecond of the year each moment lies in, where the controller is; 0 stays 0."""
    here = ZoneInfo(zone)
    if not len(moments_ms):
        return moments_ms
    first, last = (datetime.fromtimestamp(int(edge) / 1000, here).year for edge in (moments_ms.min(), moments_ms.max()))
    begins = [int(datetime(year, 1, 1, tzinfo=here).timestamp() * 1000) for year in range(first + 1, last + 2)]
    found = np.array(begins, np.int64)[np.searchsorted(begins, moments_ms, side="right")] - 1
    return np.where(moments_ms > 0, found, 0)


def serving(
    purpose: Purpose, said: Said, moments: Moments, *, at_ms: int, zone: str, wait: Span, answers: bool = False
) -> Serving:
    """
    Say what a purpose is for each person at a moment.

    :param wait: how long somebody who was asked again has to answer
    :param answers: the purpose under which people's choices and requests are kept
    """
    there = _there(purpose, said, moments, answers=answers)
    starts = _starts(purpose, said, moments, zone=zone)
    rule = purpose.retention
    ends, then = _over(starts[rule.counted_from], rule.span), np.full(len(there), list(Then).index(rule.then))
    for key, override in rule.overrides.items():
        came = moments.circumstances.get(key)
        if came is not None and came.any():
            # Only what was noted starts an exception: an event says nothing of being hired.
            other = _over(moments.noted.get(override.counted_from, starts[override.counted_from]), Span.read(override.duration))
            ends, then = np.where(came, other, ends), np.where(came, list(Then).index(override.then), then)
    over = ends <= at_ms
    asked = moments.asked_ms > 0
    waits = after(np.maximum(moments.asked_ms, 0), wait)
    asks = then == list(Then).index(Then.ASK_AGAIN)
    state = np.select(
        [~there, ~over, then == list(Then).index(Then.HOLD), asks & ~asked, asks & (waits > at_ms)],
        [State.NONE, State.LIVE, State.POLICY, State.ASK, State.WAITING],
        State.ENDED,
    )
    why = np.where(asks, WHYS.index(Why.UNANSWERED), WHYS.index(Why.PERIOD))
    ends = np.where(asks & asked, np.maximum(ends, waits), ends)
    closed = said.no_ms > 0
    return Serving(
        np.where(closed, State.ENDED, state),
        np.where(closed, said.no_ms, np.where(there, ends, NEVER)),
        np.where(closed, said.why, why),
    )


def closed(one: Serving, until_ms: int) -> Serving:
    """Return the same where the agreement that carried the purpose has ended: over for whom something is there."""
    there = ~np.isin(one.state, [State.NONE, State.ENDED])
    return Serving(
        np.where(there, State.ENDED, one.state),
        np.where(there, until_ms, one.ends_ms),
        np.where(there, WHYS.index(Why.AGREEMENT), one.why),
    )


def _there(purpose: Purpose, said: Said, moments: Moments, *, answers: bool) -> Bools:
    """Say of whom something is there for the purpose."""
    if purpose.basis is Basis.CONSENT:
        return said.yes_ms > 0
    there = (moments.received_ms > 0) | np.any([ms > 0 for ms in moments.noted.values()] or [moments.touch_ms < 0], axis=0)
    if answers:
        there |= moments.touch_ms > 0
    if purpose.basis in {Basis.CONTRACT, Basis.LEGITIMATE_INTERESTS}:
        there = there | moments.alone
    return np.asarray(there, np.bool_)


def _starts(purpose: Purpose, said: Said, moments: Moments, *, zone: str) -> Mapping[Counted, Ints]:
    """Return from when each period would be counted; 0 while it has not begun."""

    def noted(counted: Counted) -> Ints:
        return moments.noted.get(counted, np.zeros_like(moments.known_ms))

    collected = np.maximum.reduce([moments.received_ms, said.yes_ms, noted(Counted.COLLECTED)])
    collected = np.where(collected > 0, collected, moments.known_ms)
    touched = np.maximum.reduce([moments.touch_ms, said.yes_ms, noted(Counted.LAST_INTERACTION)])
    opened, ended = moments.deed_ms, noted(Counted.CONTRACT_ENDED)
    # A contract is open until somebody says it ended; one that nothing was ever done under is counted from what was collected.
    contract = np.where(ended >= opened, ended, 0)
    contract = np.where((contract == 0) & (opened == 0), collected, contract)
    applied = np.maximum(noted(Counted.APPLIED), moments.deed_ms)
    return {
        Counted.COLLECTED: collected,
        Counted.LAST_INTERACTION: np.where(touched > 0, touched, collected),
        Counted.CONSENT_GIVEN: said.yes_ms,
        Counted.APPLIED: np.where(applied > 0, applied, collected),
        Counted.HIRED: noted(Counted.HIRED),
        Counted.CONTRACT_ENDED: contract,
        Counted.YEAR_ENDED: year_end(collected, zone),
    }


def _over(start: Ints, span: Span) -> Ints:
    return np.where(start > 0, after(np.maximum(start, 0), span), NEVER)
