"""What people are told when a purpose is over for them: what goes, what stays, on which basis, until when."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.consent import api as consent
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis, Compiled, Span
from assent.privacy.retention import holding, models, ports, running
from assent.privacy.retention.contracts import Consequence, HoldInfo, Over, Remaining, ToldBy, Why
from assent.privacy.retention.facts import Batch
from assent.privacy.retention.rules import State
from assent.privacy.retention.running import Outlook
from assent.privacy.retention.staying import last_day
from assent.privacy.subjects import api as subjects

__all__ = ["explain", "note_told", "tell_what_stays"]

AT_ONCE = 1_000
WHYS = tuple(Why)
SYSTEM = Actor.system("retention")
RESTRICTED = "restricted"
UNTOLD = [WHYS.index(Why.PERIOD), WHYS.index(Why.AGREEMENT)]


def explain(
    *, controller: int, people: Sequence[int], since: Mapping[int, datetime] | datetime, at: datetime
) -> dict[int, Consequence]:
    """
    Return what follows for people from the purposes that a word of theirs, or the end of one, ended since a moment.

    Whoever is left out, nothing ended for. That a period ran out by itself is not counted: the notice said it would.

    :param since: one moment, or one for each
    :raises NoPolicy: if the controller has published none
    """
    known = subjects.known_since(controller=controller, subjects=sorted(set(people)))
    if not known:
        return {}
    compiled = policy.current(controller=controller)
    ids = np.array(sorted(known), np.int64)
    batch = Batch(ids, np.array([known[one] for one in ids.tolist()], np.int64))
    found = running.look(controller=controller, compiled=compiled, batch=batch, at=at)
    moments = [since[one] if isinstance(since, Mapping) else since for one in ids.tolist()]
    from_ms = np.array([millis(moment) for moment in moments], np.int64)
    over: dict[int, list[Over]] = {}
    for key, one in found.serving.items():
        new = (one.state == State.ENDED) & (one.ends_ms >= from_ms) & ~np.isin(one.why, UNTOLD)
        whom = ids[new].tolist()
        if whom and compiled.policy.purposes[key].basis is Basis.CONSENT:
            # Who only ever refused has nothing that could end.
            gave = consent.gave(controller=controller, purpose=key, subjects=whom)
            new &= np.isin(ids, np.array(sorted(gave), np.int64))
        for subject, why, end in zip(ids[new].tolist(), one.why[new].tolist(), one.ends_ms[new].tolist(), strict=True):
            over.setdefault(subject, []).append(Over(key, WHYS[why], from_millis(end)))
    lasting, on = holding.lasting(controller=controller, at=at)
    holds = [(one, None if one.people is None else set(on[one.id])) for one in lasting]
    return {
        subject: _consequence(compiled, found, place, theirs, [one for one, whom in holds if whom is None or subject in whom])
        for place, subject in enumerate(ids.tolist())
        if (theirs := over.get(subject))
    }


def _consequence(
    compiled: Compiled, found: Outlook, place: int, over: Sequence[Over], holds: Sequence[HoldInfo]
) -> Consequence:
    stays = []
    for key, one in found.serving.items():
        state = State(int(one.state[place]))
        live = int(found.live[place]) >> compiled.purpose_codes[key] & 1
        if state.keeps:
            stays.append(Remaining(key, last_day(int(one.ends_ms[place]))))
        elif state is State.ENDED and (live or found.untouched[place]):
            hold = max((hold for hold in holds if hold.purpose in {"", key}), key=lambda hold: hold.until, default=None)
            stays.append(Remaining(key, hold.until, hold.reason.value) if hold else Remaining(key, None, RESTRICTED))
    purposes = compiled.policy.purposes
    kept = {item for one in stays for item in purposes[one.purpose].data}
    gone = {item for one in over for item in purposes[one.purpose].data if item not in kept}
    return Consequence(tuple(over), tuple(item for item in compiled.policy.data if item in gone), tuple(stays))


@transaction.atomic
def note_told(*, controller: int, subjects_: Sequence[int], how: ToldBy, by: Actor, at: datetime) -> None:
    """Write down that people have been told what ended for them up to this moment: no letter about that goes any more."""
    with scope.controller(controller):
        rows = [models.Told(controller_id=controller, subject=one, at_ms=millis(at)) for one in subjects_]
        models.Told.objects.bulk_create(
            rows, batch_size=200, update_conflicts=True, unique_fields=["controller", "subject"], update_fields=["at_ms"]
        )
        audit.write_bulk(
            Did.PEOPLE_TOLD_WHAT_STAYS, controller=controller, by=by, at=at, subjects=list(subjects_), detail={"how": how.value}
        )


def tell_what_stays(*, at: datetime) -> bool:
    """Write to those for whom something ended and who were told nowhere else; true if there is more."""
    more = False
    for controller, compiled in policy.in_force():
        more = _tell(controller, compiled, at=at) or more
    return more


@transaction.atomic
def _tell(controller: int, compiled: Compiled, *, at: datetime) -> bool:
    with scope.controller(controller):
        # Locked: of two workers the second finds them settled. Letters and their settling come in one transaction.
        due = models.Ending.objects.select_for_update().filter(tell_at__lte=at).order_by("tell_at")
        rows = list(due.values_list("subject", "purpose", "ended_ms")[:AT_ONCE])
        if not rows:
            return False
        people = sorted({subject for subject, _purpose, _end in rows})
        told = dict(models.Told.objects.filter(subject__in=people).values_list("subject", "at_ms"))
        whom = sorted({subject for subject, _purpose, end in rows if end > told.get(subject, 0)})
        oldest = millis(Span.read(compiled.policy.rights.deadlines.answer).before(at))
        since = {one: from_millis(max(oldest, told.get(one, 0) + 1)) for one in whom}
        found = explain(controller=controller, people=whom, since=since, at=at)
        if found:
            occasion = f"ended:{millis(at)}"
            reached = ports.tell()(controller=controller, occasion=occasion, people=found, by=SYSTEM, at=at)
            if reached:
                note_told(controller=controller, subjects_=reached, how=ToldBy.LETTER, by=SYSTEM, at=at)
        # Without an address nobody can be written to; their own pages and an access package show it all the same.
        models.Ending.objects.filter(subject__in=people, tell_at__lte=at).update(tell_at=None)
        return len(rows) == AT_ONCE
