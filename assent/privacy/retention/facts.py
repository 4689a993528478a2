"""What is known of a batch of people, read in a few queries and laid out as arrays aligned with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.clock import millis
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice
from assent.privacy.policy.contracts import CHANNEL_CODES, Basis, Compiled, Counted, Purpose, Span
from assent.privacy.retention import models, ports, rules
from assent.privacy.retention.contracts import Why
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import BITS, Kind

__all__ = ["Batch", "Facts"]

Ints = npt.NDArray[np.int64]
Rows = dict[str, Ints]

DAY_MS = 86_400_000
WHYS = tuple(Why)
WITHDRAWN, EXPIRED, OBJECTED = (WHYS.index(why) for why in (Why.WITHDRAWN, Why.EXPIRED, Why.OBJECTED))
OWN_NO = BITS[Kind.OBJECTION] | BITS[Kind.UNSUBSCRIBE] | BITS[Kind.COMPLAINT]
RESTRICTED = BITS[Kind.RESTRICTION]
OPEN_TO_A_NO = (Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK)


@dataclass(frozen=True, slots=True)
class Batch:
    """People, sorted by id, with the millisecond each became known."""

    subjects: Ints
    known_ms: Ints

    def places(self, subjects: Ints) -> Ints:
        """Return where people stand in the batch."""
        return np.searchsorted(self.subjects, subjects)

    def zeros(self) -> Ints:
        """Return a 0 for each."""
        return np.zeros(len(self.subjects), np.int64)

    def latest(self, rows: Ints, moments: Ints) -> Ints:
        """Return the latest moment of each person; 0 for those without."""
        found = self.zeros()
        np.maximum.at(found, self.places(rows), moments)
        return found


class Facts:
    """Everything the ends of a batch are worked out from."""

    def __init__(self, controller: int, compiled: Compiled, batch: Batch, *, at: datetime) -> None:
        people = batch.subjects.tolist()
        self._compiled, self._batch, self._at_ms = compiled, batch, millis(at)
        self._events = _events(controller, compiled, people)
        self._choices = consent.expire(_sorted(consent.rows_for(controller=controller, subjects=people)), at_ms=self._at_ms)
        self._stops = suppression.rows_for(controller=controller, subjects=people)
        self._noted = _noted(controller, _circumstances(compiled), people)
        self._asked = _asked(controller, people)
        self._contested = _contested(compiled, at)

    def restricted(self, key: str = "") -> npt.NDArray[np.bool_]:
        """
        Say whose data are restricted, all of them or those for one purpose.

        They are kept unused, and not erased either, since that may be against the person's will (art. 18).
        """
        purpose = self._compiled.purpose_codes[key] if key else -1
        mine = ((self._stops["bit"] & RESTRICTED) != 0) & (self._stops["purpose"] == purpose)
        return np.isin(self._batch.subjects, self._stops["subject"][mine])

    def alone(self) -> npt.NDArray[np.bool_]:
        """
        Say of whom nothing is known that speaks for any purpose: no event, no choice, no stop, no noted moment.

        Whoever became known within a day counts too: what they did may still be on its way in.
        """
        spoken = np.concatenate(
            [self._events["subject"], self._choices["subject"], self._stops["subject"], self._noted["subject"]]
        )
        new = self._batch.known_ms > self._at_ms - DAY_MS
        return ~np.isin(self._batch.subjects, spoken) | new

    def said(self, key: str) -> rules.Said:
        """Return what people said to a purpose: of all ways they can be addressed for it, whether one is still open."""
        purpose, batch = self._compiled.policy.purposes[key], self._batch
        code = self._compiled.purpose_codes[key]
        yes, no, why = batch.zeros(), batch.zeros(), batch.zeros()
        mine = self._choices["purpose"] == code
        choices = {name: column[mine] for name, column in self._choices.items()}
        for channel in [str(one) for one in purpose.channels] or ["any"]:
            given, ended, because = self._by_channel(purpose, code, CHANNEL_CODES[channel], choices)
            yes = np.maximum(yes, given)
            why = np.where(ended > no, because, why)
            no = np.maximum(no, ended)
        open_still = yes > 0
        if purpose.basis is Basis.CONSENT:
            return rules.Said(yes, np.where(open_still, 0, no), why)
        # On another basis nobody has to say yes; a no closes it where each way is closed.
        return rules.Said(np.where(yes == 1, 0, yes), np.where(open_still, 0, no), why)

    def _by_channel(self, purpose: Purpose, code: int, channel: int, choices: Rows) -> tuple[Ints, Ints, Ints]:
        """Return, of one channel: since when it is open (1 where nobody has to ask), when it was closed, and by what."""
        batch = self._batch
        agreed, ended, why, explicit = batch.zeros(), batch.zeros(), batch.zeros(), batch.zeros()
        if purpose.basis is Basis.CONSENT:
            row = consent.effective(choices, channel=channel)
            places, choice = batch.places(row["subject"]), row["choice"]
            agreed[places] = np.where(choice == Choice.GIVEN, np.maximum(row["at_ms"], 1), 0)
            ended[places] = np.select(
                [choice == Choice.WITHDRAWN, choice == Choice.EXPIRED], [row["at_ms"], row["expires_ms"]], 0
            )
            why[places] = np.where(choice == Choice.EXPIRED, EXPIRED, WITHDRAWN)
            explicit[places] = agreed[places] * (row["explicit"] != 0)
        else:
            agreed += 1
        stopped = self._stopped(purpose, code, channel)
        stopped = np.where(stopped >= np.maximum(explicit, 1), stopped, 0)
        why = np.where(stopped > ended, OBJECTED, why)
        return np.where(stopped > 0, 0, agreed), np.maximum(stopped, ended), why

    def _stopped(self, purpose: Purpose, code: int, channel: int) -> Ints:
        if not purpose.direct_marketing and purpose.basis not in OPEN_TO_A_NO:
            return self._batch.zeros()
        bits = OWN_NO if purpose.direct_marketing else BITS[Kind.OBJECTION]
        mine = ((self._stops["bit"] & bits) != 0) & np.isin(self._stops["purpose"], [code, -1])
        mine &= np.isin(self._stops["channel"], [0, channel])
        if not purpose.direct_marketing:
            # What is weighed (art. 21(1)) ends only when the time to weigh it is over; until then it is merely not used.
            mine &= self._stops["at_ms"] <= self._contested
        return self._batch.latest(self._stops["subject"][mine], self._stops["at_ms"][mine])

    def moments(self, key: str, *, alone: npt.NDArray[np.bool_], answers: bool) -> rules.Moments:
        """Return what happened to people for a purpose."""
        code, batch, events = self._compiled.purpose_codes[key], self._batch, self._events
        mine = (events["purposes"] >> code & 1) != 0
        subjects, received = events["subject"][mine], events["received_ms"][mine]
        deed, touch = (events["deed"][mine] != 0), (events["touch"][mine] != 0)
        touched = batch.latest(subjects[touch], events["occurred_ms"][mine][touch])
        if answers:
            touched = np.maximum.reduce([touched, *self._spoken()])
        rows = self._noted
        noted_here = rows["purpose"] == code
        return rules.Moments(
            known_ms=batch.known_ms,
            received_ms=batch.latest(subjects, received),
            deed_ms=batch.latest(subjects[deed], received[deed]),
            touch_ms=touched,
            asked_ms=batch.latest(*_pick(self._asked, self._asked["purpose"] == code)),
            alone=alone,
            noted={
                counted: batch.latest(*_pick(rows, noted_here & (rows["counted"] == place)))
                for place, counted in enumerate(Counted)
                if (noted_here & (rows["counted"] == place)).any()
            },
            circumstances=self._circumstances(key, noted_here),
        )

    def _spoken(self) -> list[Ints]:
        """Return when people last chose or stopped something: that is what the purpose of answering them is about."""
        return [
            self._batch.latest(self._choices["subject"], self._choices["at_ms"]),
            self._batch.latest(self._stops["subject"], self._stops["at_ms"]),
        ]

    def _circumstances(self, key: str, here: npt.NDArray[np.bool_]) -> Mapping[str, npt.NDArray[np.bool_]]:
        found = {}
        for name in self._compiled.policy.purposes[key].retention.overrides:
            came = here & (self._noted["circumstance"] == _circumstances(self._compiled).index(name))
            if came.any():
                found[name] = self._batch.latest(*_pick(self._noted, came)) > 0
        return found


def _pick(rows: Rows, which: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    return rows["subject"][which], rows["at_ms"][which]


def _contested(compiled: Compiled, at: datetime) -> int:
    clocks = compiled.policy.rights.deadlines
    first = Span.read(clocks.extension).before(at)
    return millis(Span.read(clocks.answer).before(first))


def _events(controller: int, compiled: Compiled, people: Sequence[int]) -> Rows:
    found = ports.happened()(controller=controller, subjects=people)
    columns: Rows = {
        name: found[name].to_numpy().astype(np.int64) for name in ("subject", "purposes", "occurred_ms", "received_ms")
    }
    kinds, names = found["kind"].to_pylist(), found["event"].to_pylist()
    declared = {pair: compiled.event(*pair) for pair in set(zip(kinds, names, strict=True))}
    touches = {pair: event is not None and event.counts_as_interaction for pair, event in declared.items()}
    columns["deed"] = np.array([kind == "track" for kind in kinds], np.int64)
    columns["touch"] = np.array([touches[pair] for pair in zip(kinds, names, strict=True)], np.int64)
    return columns


def _sorted(rows: Rows) -> Rows:
    order = np.argsort(rows["subject"], kind="stable")
    return {name: column[order] for name, column in rows.items()}


def _circumstances(compiled: Compiled) -> list[str]:
    """Return the keys of all exceptions; their places stand for them in columns."""
    return ["", *sorted({key for one in compiled.policy.purposes.values() for key in one.retention.overrides})]


def _noted(controller: int, circumstances: Sequence[str], people: Sequence[int]) -> Rows:
    counted = {one.value: place for place, one in enumerate(Counted)}
    found = [
        (subject, purpose, counted[what], circumstances.index(came) if came in circumstances else 0, at_ms)
        for subject, purpose, what, came, at_ms in _rows(
            controller, models.Noted, people, "subject", "purpose", "counted", "circumstance", "at_ms"
        )
    ]
    values = np.array(found, np.int64).reshape(-1, 5)
    return {name: values[:, place] for place, name in enumerate(("subject", "purpose", "counted", "circumstance", "at_ms"))}


def _asked(controller: int, people: Sequence[int]) -> Rows:
    values = np.array(_rows(controller, models.Asked, people, "subject", "purpose", "at_ms"), np.int64).reshape(-1, 3)
    return {name: values[:, place] for place, name in enumerate(("subject", "purpose", "at_ms"))}


def _rows(controller: int, model: type[scope.Scoped], people: Sequence[int], *columns: str) -> list[tuple[Any, ...]]:
    with scope.controller(controller):
        return list(among(model.objects.all(), "subject", people).values_list(*columns))
