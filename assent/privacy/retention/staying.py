"""What must stay although a person asks to be erased: what a hold is on, and what a law obliges to keep (art. 17(3))."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from assent.foundation.clock import from_millis
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis, NoPolicy, Policy
from assent.privacy.retention import holding, running
from assent.privacy.retention.contracts import HoldReason, Stay
from assent.privacy.retention.facts import Batch
from assent.privacy.retention.rules import NEVER, State
from assent.privacy.subjects import api as subjects

__all__ = ["last_day", "must_stay"]


def must_stay(*, controller: int, people: Sequence[int], at: datetime) -> dict[int, list[Stay]]:
    """
    Return what an erasure on request leaves of people, and why; whoever is left out can go whole.

    A hold on a purpose keeps what is there for it and stops nothing else. Answering people about their rights is a legal duty
    too, but its proof needs no data of theirs, so it keeps none back.
    """
    lasting, on = holding.lasting(controller=controller, at=at)
    found: dict[int, list[Stay]] = defaultdict(list)
    asked = sorted(set(people))
    for one in lasting:
        if not one.purpose:
            for subject in _whom(on.get(one.id), asked):
                found[subject].append(Stay("", one.reason, one.until))
    try:
        compiled = policy.current(controller=controller)
    except NoPolicy:
        return dict(found)
    laws = _laws(compiled.policy)
    narrow = [one for one in lasting if one.purpose]
    rest = [subject for subject in asked if subject not in found]
    known = subjects.known_since(controller=controller, subjects=rest) if rest and (laws or narrow) else {}
    if not known:
        return dict(found)
    ids = np.array(sorted(known), np.int64)
    batch = Batch(ids, np.array([known[one] for one in ids.tolist()], np.int64))
    seen = running.look(controller=controller, compiled=compiled, batch=batch, at=at)
    for one in narrow:
        of = seen.serving.get(one.purpose)
        there = np.ones(len(ids), np.bool_) if of is None else of.state != State.NONE
        # The statement no longer has the purpose, so what was kept for it can't be told apart: all of it stays.
        what = one.purpose if of is not None else ""
        for subject in _whom(on.get(one.id), ids[there].tolist()):
            found[subject].append(Stay(what, one.reason, one.until))
    for key in laws:
        of = seen.serving[key]
        kept = np.isin(of.state, [state for state in State if state.keeps])
        for subject, end in zip(ids[kept].tolist(), of.ends_ms[kept].tolist(), strict=True):
            found[subject].append(Stay(key, HoldReason.OBLIGATION, last_day(end)))
    return dict(found)


def _laws(found: Policy) -> list[str]:
    return [key for key, one in found.purposes.items() if one.basis is Basis.LEGAL_OBLIGATION and not one.answers_people]


def _whom(on: Sequence[int] | None, people: Sequence[int]) -> Sequence[int]:
    """Return those of some people whom a hold is on; None is everyone."""
    return people if on is None else sorted(set(on) & set(people))


def last_day(end_ms: int) -> date | None:
    """Return the day on which keeping ends, on the calendar that ends are counted on (UTC); None if it is not known yet."""
    return None if end_ms >= int(NEVER) else from_millis(end_ms).date()
