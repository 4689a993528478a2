"""
One stretch of the log taken through the gate, exactly once.

A stretch is planned before anything comes of it: where it ends is written with the index of messages seen, so that after a
crash the same stretch is taken again, whole. Each effect (choices, rows of the lake, attributes, counts) then carries its own
position, written together with the effect, and does nothing for what it has done. The log forgets last.

In this order: choices, then what `identify` says, then the events, judged with both in force; an event counts as allowed
only if it also was when it arrived.
"""

import gc
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, InterfaceError

from assent.foundation import scope
from assent.foundation.clock import millis
from assent.foundation.crypto import CannotOpen
from assent.foundation.personal import NotYet
from assent.ingest import choices, people, rows, steps, tallies
from assent.ingest.arrival import LogEntry, LogUnavailable, Unreadable
from assent.ingest.arrive import Arrived, arrive, drop_seen
from assent.ingest.contracts import Progress, Refusal
from assent.ingest.desk import Desk, Item, Notes, Step, sift
from assent.ingest.history import plans_of
from assent.ingest.ports import Log
from assent.ingest.seen import Seen
from assent.privacy.lawfulness.contracts import Why
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import NoPolicy
from assent.records.events import api as events
from assent.records.events.contracts import Admitted
from assent.records.profiles import api as profiles

__all__ = ["TRANSIENT", "Pipeline"]

logger = logging.getLogger(__name__)

# No message is to blame for these: the stretch is taken again when the disk has room, the lock is free, the key is back.
TRANSIENT = (DatabaseError, InterfaceError, sqlite3.Error, OSError, LogUnavailable, CannotOpen, MemoryError, NotYet)
DAY_MS = 86_400_000
# Choices written in one transaction: each is two rows and its objections one each.
CHOICES_AT_ONCE = 400


class Pipeline:
    """Walks the log. There is one at a time; its caller holds the lease."""

    def __init__(self, log: Log, seen: Seen) -> None:
        """Take the log and the index of messages seen."""
        self._log = log
        self._seen = seen

    def run(self, *, at: datetime, limit_bytes: int) -> Progress:
        """
        Take the next stretch through the gate.

        :raises assent.ingest.pipeline.TRANSIENT: if something below is unavailable; nothing is lost, call again
        """
        entries, more = self._next(limit_bytes)
        if not entries:
            return Progress()
        with _without_collector():
            return self._take(entries, more, at)

    def _take(self, entries: Sequence[LogEntry | Unreadable], more: bool, at: datetime) -> Progress:  # noqa: FBT001 - handed on
        upto = {entry.partition: entry.seq for entry in entries}
        readable = [entry for entry in entries if isinstance(entry, LogEntry)]
        if lost := len(entries) - len(readable):
            # Whose they were is sealed with them, so they are in nobody's counts.
            logger.error("%d entries of the arrival log can't be opened and are passed over", lost)
        arrived, keys = arrive(readable)
        # From here on the stretch is planned: it is this one, whole, that comes again after a crash.
        seen = self._seen.claim(keys, upto=upto, day=millis(at) // DAY_MS)
        done = Progress(read=lost, refused=lost, more=more)
        for controller in sorted(arrived):
            drop_seen(arrived[controller], seen)
            with scope.controller(controller):
                done += _work(controller, arrived[controller], upto, at)
        for partition, seq in upto.items():
            self._log.consume(partition, seq)
        return done

    def _next(self, limit_bytes: int) -> tuple[list[LogEntry | Unreadable], bool]:
        """Return the next entries: those of the stretch that was planned when a crash came, else as many as fit."""
        consumed = self._log.consumed()
        planned = {name: end for name in consumed if (end := self._seen.planned(name)) > consumed[name]}
        entries = self._log.read(consumed, limit_bytes=limit_bytes)
        while entries and any(_last(entries, name, consumed) < end for name, end in planned.items()):
            after = {name: _last(entries, name, consumed) for name in consumed}
            further = self._log.read(after, limit_bytes=limit_bytes)
            if not further:
                break
            entries += further
        if planned:
            return [entry for entry in entries if entry.seq <= planned.get(entry.partition, 0)], True
        size = sum(len(entry.body) for entry in entries if isinstance(entry, LogEntry))
        return entries, size >= limit_bytes


@contextmanager
def _without_collector() -> Iterator[None]:
    """
    Let Python's search for cycles rest: a stretch makes a hundred thousand objects, none in a cycle, all gone at its end.

    Walking through them over and over took a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _last(entries: Sequence[LogEntry | Unreadable], partition: str, consumed: Mapping[str, int]) -> int:
    return max((entry.seq for entry in entries if entry.partition == partition), default=consumed[partition])


def _work(controller: int, arrived: Arrived, upto: Mapping[str, int], at: datetime) -> Progress:
    """Take one controller's messages through the gate and keep what comes out."""
    read = len(arrived.items) + len(arrived.refused)
    try:
        desk = Desk(controller, at, plans=plans_of(controller, policies.current(controller=controller)))
    except NoPolicy:
        notes = Notes(controller, at)
        notes.refuse([*arrived.refused, *((item, Why.NO_POLICY) for item in arrived.items)])
        tallies.note(notes, upto=upto, people=())
        return Progress(read, refused=read)
    desk.refuse(arrived.refused)
    items = _step(steps.match_event, arrived.items, desk)
    items = _step(steps.claim, items, desk)
    chosen = _choose([item for item in items if item.choice is not None], items, desk)
    kept = [item for item in items if item.choice is None]
    kept = _identify(kept, desk)
    for step in steps.STEPS:
        kept = _step(step, kept, desk)
    desk.count(kept)
    for partition, seq in sorted(upto.items()):
        _keep([item for item in kept if item.entry.partition == partition], desk, f"arrival:{partition}", seq)
    tallies.note(desk, upto=upto, people={item.subject for item in kept})
    return Progress(read, len(kept), read - len(kept) - chosen, chosen, len(desk.asides))


def _step(step: Step, items: list[Item], desk: Desk) -> list[Item]:
    kept, refused = sift(step, items, desk, transient=TRANSIENT)
    desk.refuse(refused)
    return kept


def _choose(chosen: list[Item], everything: Iterable[Item], desk: Desk) -> int:
    """Let the choices of the stretch take effect; return how many did."""
    if not chosen:
        return 0
    choices.order(everything)
    for step in (choices.read, steps.recognise, choices.trust, steps.pseudonymise):
        chosen = _step(step, chosen, desk)
    applied = 0
    for start in range(0, len(chosen), CHOICES_AT_ONCE):
        done = _step(choices.apply, chosen[start : start + CHOICES_AT_ONCE], desk)
        desk.count(done)
        applied += len(done)
    return applied


def _identify(items: list[Item], desk: Desk) -> list[Item]:
    """Take in what `identify` says of people. It goes on as an event too; whoever is refused here is refused there."""
    said = [item for item in items if item.kind == "identify"]
    if not said:
        return items
    known, _ = sift(steps.recognise, said, desk, transient=TRANSIENT)
    sift(people.take_in, known, desk, transient=TRANSIENT)
    broken = {aside.item for aside in desk.asides}
    desk.refuse([(item, Refusal.SET_ASIDE) for item in said if item in broken])
    return [item for item in items if item not in broken]


def _keep(kept: list[Item], desk: Desk, source: str, position: int) -> None:
    """Hand admitted events to the lake and their contributions to the profiles; each does it once per position."""
    if not kept:
        return
    admitted = Admitted(desk.controller, rows.table(kept, desk.plans.digest))
    events.append(admitted=admitted, source=source, position=position)
    deltas = rows.deltas(kept)
    if deltas:
        profiles.fold(controller=desk.controller, source=source, position=position, deltas=deltas)
