"""
What a moment means for a batch of people, and letting end what is over for them.

What a batch does is worked out anew from what is there, so a batch that was cut off is simply done again: what went is gone,
what is left goes. Endings are written down before anything is deleted, each once, and the counts come from them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.clock import from_millis, millis
from assent.foundation.personal import Keep, Narrowing, Surplus, registered
from assent.foundation.sqlite3 import overwrite_deleted
from assent.privacy.consent import api as consent
from assent.privacy.policy.contracts import Basis, Channel, Compiled, Counted, Span, Then
from assent.privacy.retention import agreements, holding, models, ports, rules
from assent.privacy.retention.contracts import Why
from assent.privacy.retention.facts import Batch, Facts
from assent.privacy.retention.rules import State

__all__ = ["Outlook", "keep_of", "left_over", "look", "settle", "to_be_told", "wait"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PARTS = 64  # as the lake parts its rows: each of its files is read once a run
BATCH = 20_000
LEASE = timedelta(minutes=10)
HORIZON_DAYS = 732
DAY_MS = 86_400_000
PERSON = -1
SYSTEM = Actor.system("retention")
WHYS = tuple(Why)

# Whoever chose on a page of ours reads there what follows; only to those who did not, a letter goes.
ON_THE_PAGE = timedelta(minutes=2)


@dataclass(slots=True)
class Outlook:
    """
    What a moment means for a batch of people.

    :param live: bits of the purposes their data may stay for, holds included
    :param untouched: those of whom nothing is erased: on hold, or restricted
    :param kept: why data stay past their end → how many people
    """

    batch: Batch
    live: Ints
    untouched: Bools
    alone: Bools
    serving: dict[str, rules.Serving]
    kept: Counter[str] = field(default_factory=Counter)

    @property
    def gone(self) -> Ints:
        """Return the people of whom nothing is left to keep."""
        return self.batch.subjects[(self.live == 0) & ~self.untouched]


def wait(compiled: Compiled) -> Span:
    """Return how long somebody who was asked again has to answer: as long as people are told ahead of a change."""
    return Span.read(compiled.policy.rights.deadlines.notice_before_change)


def look(*, controller: int, compiled: Compiled, batch: Batch, at: datetime) -> Outlook:
    """Work out what lives and what is over for a batch of people. Changes nothing."""
    facts = Facts(controller, compiled, batch, at=at)
    zone, answer = compiled.policy.controller.time_zone, wait(compiled)
    answering = {compiled.answering(str(channel)) for one in compiled.policy.purposes.values() for channel in one.channels}
    over = agreements.closed(controller=controller, compiled=compiled, at=at)
    found = Outlook(batch, batch.zeros(), facts.restricted(), facts.alone(), {})
    found.kept["restricted"] = int(found.untouched.sum())
    if not found.kept["restricted"]:
        del found.kept["restricted"]
    for key, purpose in compiled.policy.purposes.items():
        moments = facts.moments(key, alone=found.alone, answers=key in answering)
        one = rules.serving(
            purpose, facts.said(key), moments, at_ms=millis(at), zone=zone, wait=answer, answers=key in answering
        )
        if key in over:
            one = rules.closed(one, over[key])
        found.serving[key] = one
        for state, why in ((State.WAITING, "waiting"), (State.POLICY, "policy")):
            if count := int((one.state == state).sum()):
                found.kept[why] += count
        keeps = np.isin(one.state, [state for state in State if state.keeps])
        restricted = (one.state == State.ENDED) & facts.restricted(key)
        if count := int(restricted.sum()):
            found.kept["restricted"] += count
        keeps |= restricted
        found.live |= np.where(keeps, 1 << compiled.purpose_codes[key], 0)
    _hold_back(found, compiled, controller=controller, at=at)
    return found


def _hold_back(found: Outlook, compiled: Compiled, *, controller: int, at: datetime) -> None:
    lasting, people = holding.lasting(controller=controller, at=at)
    for one in lasting:
        on = np.ones(len(found.live), np.bool_)
        if one.people is not None:
            on = np.isin(found.batch.subjects, np.array(people[one.id], np.int64))
        if not one.purpose:
            found.untouched = found.untouched | on
        else:
            over = found.serving.get(one.purpose)
            if over is None:
                # The statement no longer has the purpose, so what was kept for it can't be told apart: all of it stays.
                found.untouched = found.untouched | on
                continue
            on = on & (over.state == State.ENDED)
            found.live = np.where(on, found.live | (1 << compiled.purpose_codes[one.purpose]), found.live)
        if count := int(on.sum()):
            found.kept[f"hold:{one.reason.value}"] += count


def keep_of(found: Outlook, compiled: Compiled, *, controller: int, at: datetime) -> Keep:
    """Return what of the batch's people may stay, those aside who go whole or are held back whole."""
    stay = (found.live != 0) & ~found.untouched
    held = {one.purpose for one in holding.lasting(controller=controller, at=at)[0]}
    before = {
        1 << compiled.purpose_codes[key]: rules.before(at, purpose.retention.span)
        for key, purpose in compiled.policy.purposes.items()
        if purpose.retention.counted_from is Counted.COLLECTED and key not in held
    }
    return Keep(dict(zip(found.batch.subjects[stay].tolist(), found.live[stay].tolist(), strict=True)), before)


def left_over(*, controller: int, compiled: Compiled, batch: Batch, at: datetime) -> list[Surplus]:
    """Find what of a batch's people no live purpose holds; whom nothing holds count as ``person``. Changes nothing."""
    found = look(controller=controller, compiled=compiled, batch=batch, at=at)
    over = [Surplus("subjects", "person", len(found.gone), len(found.gone))] if len(found.gone) else []
    keep = keep_of(found, compiled, controller=controller, at=at)
    for store in registered() if keep.purposes else ():
        if isinstance(store, Narrowing):
            over += store.narrow(controller=controller, keep=keep, remove=False, by=SYSTEM, at=at)
    return over


def settle(
    *, controller: int, compiled: Compiled, batch: Batch, by: Actor, at: datetime, run: models.Run | None = None
) -> Outlook:
    """
    Let end what is over for a batch: write down what ended and why, ask again, then erase what no live purpose holds.

    Done twice it is done once: endings that are known are not written again, and what is gone is not there to be erased.
    """
    found = look(controller=controller, compiled=compiled, batch=batch, at=at)
    reached = _ask_again(found, controller=controller, by=by, at=at)
    with scope.controller(controller):
        with transaction.atomic():
            ended = _write_down(found, compiled, controller=controller, by=by, at=at, run=run)
            asked = _write_asked(reached, compiled, controller=controller, by=by, at=at)
            if run is not None:
                # Who goes is counted here, in one transaction with the ending: a walk that is done again meets them no more.
                gone_now = ended.pop("person")
                run.erased, run.people = run.erased + gone_now, run.people + gone_now
                _tally(run, "ended", ended)
                _tally(run, "asked", asked)
                run.save(update_fields=["erased", "people", "tally"])
        removed: Counter[str] = Counter()
        gone = found.gone.tolist()
        if gone:
            ports.erase()(controller=controller, subjects=gone, by=by, at=at)
        keep = keep_of(found, compiled, controller=controller, at=at)
        for store in registered() if keep.purposes else ():
            if isinstance(store, Narrowing):
                went: Counter[str] = Counter()
                for one in store.narrow(controller=controller, keep=keep, remove=True, by=by, at=at):
                    went[one.store] += one.records
                removed += went
                if run is not None and went:
                    # At once: what a process removed before it was killed belongs into the report as well.
                    _tally(run, "removed", went)
                    run.save(update_fields=["tally"])
        if removed:
            overwrite_deleted()
    if run is not None:
        _tally(run, "kept", found.kept)
        _foresee(run, found, compiled, at=at)
    return found


def _ask_again(found: Outlook, *, controller: int, by: Actor, at: datetime) -> dict[str, dict[int, bool]]:
    """Ask those whose period is over, and return by purpose whom, and whether a message went to them."""
    asked: dict[str, dict[int, bool]] = {}
    for key, one in found.serving.items():
        due = (one.state == State.ASK) & ~found.untouched
        people, ends = found.batch.subjects[due].tolist(), one.ends_ms[due].tolist()
        if people:
            whom = {subject: from_millis(end) for subject, end in zip(people, ends, strict=True)}
            reached = set(ports.ask()(controller=controller, purpose=key, subjects=whom, by=by, at=at))
            asked[key] = {subject: subject in reached for subject in people}
    return asked


def _write_asked(
    asked: Mapping[str, Mapping[int, bool]], compiled: Compiled, *, controller: int, by: Actor, at: datetime
) -> Counter[str]:
    for key, whom in asked.items():
        rows = [
            models.Asked(
                controller_id=controller, subject=subject, purpose=compiled.purpose_codes[key], at_ms=millis(at), sent=sent
            )
            for subject, sent in whom.items()
        ]  # fmt: skip
        models.Asked.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
        audit.write_bulk(
            Did.ASKED_AGAIN, controller=controller, by=by, at=at, subjects=sorted(whom), purpose=key,
            detail={"sent": sum(whom.values())},
        )  # fmt: skip
    return Counter({key: len(whom) for key, whom in asked.items()})


def _write_down(
    found: Outlook, compiled: Compiled, *, controller: int, by: Actor, at: datetime, run: models.Run | None
) -> Counter[str]:
    """Write endings that are not known yet, and one line in the book per purpose and reason."""
    ended: Counter[str] = Counter()
    for key, one in found.serving.items():
        code, over = compiled.purpose_codes[key], one.state == State.ENDED
        people = found.batch.subjects[over]
        known = _known(controller, code, people.tolist())
        new = np.array([known.get(int(s)) != int(ms) for s, ms in zip(people, one.ends_ms[over], strict=True)], np.bool_)
        if compiled.policy.purposes[key].basis is Basis.CONSENT and new.any():
            # Who only ever refused has nothing that could end.
            gave = consent.gave(controller=controller, purpose=key, subjects=people[new].tolist())
            new &= np.isin(people, np.array(sorted(gave), np.int64))
        whys, ends, live = one.why[over][new], one.ends_ms[over][new], found.live[over][new]
        rows = [
            models.Ending(
                controller_id=controller, subject=int(subject), purpose=code, why=WHYS[int(why)].value, ended_ms=int(end),
                stays=int(stays), run=run.pk if run else None,
                tell_at=at + ON_THE_PAGE if to_be_told(compiled, key, WHYS[int(why)], int(end), at=at) else None,
            )
            for subject, why, end, stays in zip(people[new], whys, ends, live, strict=True)
        ]  # fmt: skip
        _put(rows)
        for why in sorted(set(whys.tolist())):
            whom = people[new][whys == why].tolist()
            ended[f"{key}:{WHYS[why].value}"] += len(whom)
            audit.write_bulk(
                Did.PURPOSE_ENDED, controller=controller, by=by, at=at, subjects=whom, purpose=key,
                detail={"why": WHYS[why].value, "clause": WHYS[why].clause},
            )  # fmt: skip
        _forget_answered(controller, code, one, found)
    gone = found.gone.tolist()
    before = _known(controller, PERSON, gone)
    rows = [
        models.Ending(
            controller_id=controller, subject=subject, purpose=PERSON, why=Why.PERIOD.value, ended_ms=millis(at), stays=0,
            run=run.pk if run else None,
        )
        for subject in gone
        if subject not in before
    ]  # fmt: skip
    _put(rows)
    ended["person"] = len(rows)
    return ended


def _put(rows: Sequence[models.Ending]) -> None:
    models.Ending.objects.bulk_create(
        rows, batch_size=200, update_conflicts=True, unique_fields=["controller", "subject", "purpose"],
        update_fields=["why", "ended_ms", "stays", "run", "tell_at"],
    )  # fmt: skip


def to_be_told(compiled: Compiled, key: str, why: Why, ended_ms: int, *, at: datetime) -> bool:
    """
    Say whether somebody is told by letter that a purpose is over for them.

    That a period runs out stood in the notice; of an agreement that ended, the controller tells, who has the data. What
    concerns a device only is said there, and what is older than the time for an answer is news to nobody.
    """
    if why in {Why.PERIOD, Why.AGREEMENT} or set(compiled.policy.purposes[key].channels) == {Channel.ONSITE}:
        return False
    return ended_ms >= millis(Span.read(compiled.policy.rights.deadlines.answer).before(at))


def _known(controller: int, code: int, people: Sequence[int]) -> dict[int, int]:
    rows = models.Ending.objects.filter(controller_id=controller, purpose=code)
    return dict(among(rows, "subject", people).values_list("subject", "ended_ms"))


def _forget_answered(controller: int, code: int, one: rules.Serving, found: Outlook) -> None:
    """Whoever answered, or whose time is up, is not waited for any more; asked again another time, they are asked anew."""
    over = found.batch.subjects[np.isin(one.state, [State.LIVE, State.ENDED, State.NONE])].tolist()
    waiting = models.Asked.objects.filter(controller_id=controller, purpose=code)
    if waiting.exists():
        among(waiting, "subject", over).delete()


def _tally(run: models.Run, name: str, counted: Counter[str]) -> None:
    run.tally[name] = dict(Counter(run.tally.get(name, {})) + counted)


def _foresee(run: models.Run, found: Outlook, compiled: Compiled, *, at: datetime) -> None:
    """Count on which day what lives now will end, if nothing else happens."""
    answer = wait(compiled)
    now_ms, last = millis(at), np.full(len(found.live), 0, np.int64)
    for key, one in found.serving.items():
        alive = np.isin(one.state, [State.LIVE, State.ASK, State.WAITING])
        ends = np.where(alive, one.ends_ms, 0)
        if compiled.policy.purposes[key].retention.then is Then.ASK_AGAIN:
            # Somebody who is asked again keeps their data as long as they have to answer.
            runs = alive & (one.state != State.WAITING) & (ends < rules.NEVER)
            ends = np.where(runs, rules.after(np.where(runs, np.maximum(ends, now_ms), 0), answer), ends)
        ends = np.where(one.state == State.POLICY, rules.NEVER, ends)
        last = np.maximum(last, ends)
        _add(run, key, ends[alive], now_ms)
    _add(run, "", last[(last > 0) & ~found.untouched & (found.live != 0)], now_ms)


def _add(run: models.Run, key: str, ends_ms: Ints, now_ms: int) -> None:
    days = ends_ms[ends_ms < now_ms + HORIZON_DAYS * DAY_MS] // DAY_MS
    found = run.foreseen.setdefault(key, {})
    for day, count in zip(*np.unique(days, return_counts=True), strict=True):
        found[str(int(day))] = found.get(str(int(day)), 0) + int(count)
