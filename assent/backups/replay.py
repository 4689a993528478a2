"""
The journal done again on a restored copy, before anybody is served. Private to this room.

In this order: what must no longer be allowed (agreements, keys, roles), what people said no to and who turned out to be whom,
as it came; what had begun to leave; and then the erasures, for which the arrival log is taken through the gate that now refuses
what was taken back. Each step finds out what the copy knows already, so that doing all of it twice is doing it once.
"""

import logging
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from assent.audit import api as audit
from assent.audit.contracts import Actor, JournalKind
from assent.backups.contracts import Replayed
from assent.backups.sameness import Sameness
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import HandedOver
from assent.foundation.clock import from_millis
from assent.foundation.personal import NotYet
from assent.ingest import api as ingest
from assent.privacy.consent import api as consent
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import NotActive, UnknownSubject
from assent.privacy.suppression import api as suppression
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementRefused, EndChoice, Role, UnknownAgreement

__all__ = ["replay"]

log = logging.getLogger(__name__)

US = Actor.system("restore")
ERASED_AT_ONCE = 1_000
TWO_AND_WHERE = 3  # controller, who stayed, who went
SWEEPS = 20  # an erasure that still waits then is blocked from use, and the worker finishes it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal, taken apart."""

    kind: JournalKind
    controller: int
    subjects: tuple[int, ...]
    at: datetime
    detail: Mapping[str, Any]


def replay(*, after: int, at: datetime) -> Replayed:
    """
    Do again what the journal says from this byte on, and return what was new to the copy.

    :raises Exception: whatever a store raises; nothing is lost, begin again
    """
    counts: Counter[str] = Counter()
    known = {info.id for info in tenancy.controllers()}
    lines = [line for raw in audit.journal_lines(after=after) if (line := _read(raw, counts)) and line.controller in known]
    counts["lines"] = len(lines)
    same = _sameness(lines)
    for line in lines:
        if line.kind is JournalKind.MERGE:
            _try(line, counts, lambda one: counts.update(_merge(one, same)))
        elif line.kind in DO:
            _do(line, same, counts)
    erased, in_part = (_whom(lines, kind, same) for kind in (JournalKind.ERASURE, JournalKind.ERASURE_IN_PART))
    _hand_overs([line for line in lines if line.kind is JournalKind.HANDOVER], same, erased, counts, at)
    _erasures(erased, counts, at)
    _in_part(in_part, counts, at)
    return Replayed(**counts)


def _whom(lines: Sequence[Line], kind: JournalKind, same: Sameness) -> dict[int, dict[int, None]]:
    """Return by controller whom the lines of a kind name, under each id they have by now, in order."""
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for line in lines:
        if line.kind is kind:
            found[line.controller] |= dict.fromkeys(who for one in line.subjects for who in same.all_of(line.controller, one))
    return found


def _sameness(lines: Sequence[Line]) -> Sameness:
    def known(controller: int, people: list[int]) -> set[int]:
        return set(subjects.public_ids(controller=controller, subjects=people))

    merges = [(line.controller, *line.subjects) for line in lines if line.kind is JournalKind.MERGE]
    return Sameness([(one[0], one[1], one[2]) for one in merges if len(one) == TWO_AND_WHERE], known)


def _merge(line: Line, same: Sameness) -> dict[str, int]:
    """Make one of two whom the copy knows; of anybody else there is nothing to be merged."""
    into, other = (same.of(line.controller, one) for one in line.subjects)
    if into == other:
        return {}
    try:
        # What the other was known by is sealed for who stays: by the key of the same two the journal names, or not at all.
        moved = b64decode(str(line.detail.get("moved", ""))) if (into, other) == line.subjects else b""
        subjects.merge(controller=line.controller, into=into, other=other, moved=moved, by=US, at=line.at)
    except NotActive:
        return {}  # one is being erased
    except UnknownSubject:
        # The copy merged them, or was about to, or knows neither.
        if not subjects.public_ids(controller=line.controller, subjects=[into]):
            return {}
        same.merged(line.controller, into=into, other=other, ended=True)
        return {}
    except NotYet:
        same.merged(line.controller, into=into, other=other, ended=False)
    else:
        same.merged(line.controller, into=into, other=other, ended=True)
    return {"merges": 1}


def _hand_overs(
    lines: Sequence[Line], same: Sameness, erased: Mapping[int, Collection[int]], counts: Counter[str], at: datetime
) -> None:
    """Mark what began to leave as unknown: it is never sent again."""
    handed: dict[int, list[HandedOver]] = defaultdict(list)
    for line in lines:
        _try(line, counts, lambda one: handed[one.controller].extend(_handed(one)))
    for controller, found in handed.items():
        gone = erased.get(controller, ())
        people = [
            # Of whom was erased since, not even the mark of an address comes back.
            replace(one, subject=who, mark=b"" if who in gone else one.mark)
            for one in found
            for who in same.all_of(controller, one.subject)
        ]
        counts["handed_over"] += dispatch.mark_unknown(controller=controller, handed_over=people, by=US, at=at)


def _erasures(erased: Mapping[int, Collection[int]], counts: Counter[str], at: datetime) -> None:
    """Erase again; what still waits in the arrival log passes the gate, which drops what these people sent."""
    for controller, whom in erased.items():
        people = list(whom)
        for start in range(0, len(people), ERASED_AT_ONCE):
            rights.erase(controller=controller, subjects=people[start : start + ERASED_AT_ONCE], by=US, at=at)
        counts["erasures"] += len(people)
    counts["events"] = ingest.drain(at=at)
    for _ in range(SWEEPS):
        if not rights.sweep_erasures(at=at):
            return


def _in_part(asked: Mapping[int, Collection[int]], counts: Counter[str], at: datetime) -> None:
    """Erase again what nothing holds back now; whom nothing holds any more go whole."""
    for controller, found in asked.items():
        people = list(found)
        for start in range(0, len(people), ERASED_AT_ONCE):
            rights.erase_unheld(controller=controller, subjects=people[start : start + ERASED_AT_ONCE], by=US, at=at)
        counts["erasures"] += len(people)


def _read(raw: Mapping[str, Any], counts: Counter[str]) -> Line | None:
    try:
        subjects = tuple(int(subject) for subject in raw["subjects"])
        return Line(JournalKind(raw["kind"]), int(raw["controller"]), subjects, from_millis(int(raw["at_ms"])), raw["detail"])
    except (KeyError, ValueError, TypeError):
        counts["unread"] += 1
        log.error("a line of the journal can't be understood and is left out", extra={"safe": True})  # noqa: TRY400 - no values
        return None


def _do(line: Line, same: Sameness, counts: Counter[str]) -> None:
    now = tuple(same.of(line.controller, subject) for subject in line.subjects)
    if now != line.subjects and line.detail.get("lifted"):
        return  # the end of a stop that one of two had says nothing about those of the other: the stricter stays
    _try(replace(line, subjects=now), counts, lambda one: counts.update(DO[one.kind](one)))


def _try(line: Line, counts: Counter[str], work: Callable[[Line], object]) -> None:
    """Leave out a line that can't be understood, and count it; what a store raises goes on up."""
    try:
        work(line)
    except NoPolicy:
        return  # the copy is from before the controller's first policy: there is nothing to take back in it
    except (KeyError, ValueError, TypeError, IndexError):
        counts["unread"] += 1
        log.error("a line of the journal can't be understood and is left out", extra={"safe": True})  # noqa: TRY400 - as above


def _handed(line: Line) -> list[HandedOver]:
    if "occasions" not in line.detail:
        return []  # another kind of hand-over than a message's
    return dispatch.handed_over(subjects=line.subjects, detail=line.detail, at=line.at)


def _no(line: Line) -> dict[str, int]:
    if "choices" in line.detail:
        done = consent.take_back_again(
            controller=line.controller, subjects=line.subjects, detail=line.detail, by=US, at=line.at
        )
        return {"withdrawals": done}
    word = suppression.stop_again(controller=line.controller, subject=line.subjects[0], detail=line.detail, by=US, at=line.at)
    return {"stops": int(word == "made"), "lifted": int(word == "lifted")}


def _agreement(line: Line) -> dict[str, int]:
    said = line.detail
    try:
        if tenancy.agreement(controller=line.controller, id=int(said["agreement"])).digest != said["digest"]:
            return {}
        tenancy.end_agreement(
            controller=line.controller, agreement=int(said["agreement"]), choice=EndChoice(said["choice"]),
            due_on=date.fromisoformat(said["due_on"]), reason="restored", by=US, at=line.at,
            until_at=from_millis(int(said["until_ms"])),
        )  # fmt: skip
    except (UnknownAgreement, AgreementRefused):
        return {}  # the copy does not know it, or knows that it ended
    return {"ended": 1}


def _key(line: Line) -> dict[str, int]:
    key = int(line.detail["key"])
    if line.detail["kind"] == "api":
        tenancy.revoke_api_key(controller=line.controller, key=key, by=US, at=line.at)
    else:
        tenancy.revoke_write_key(controller=line.controller, key=key, by=US, at=line.at)
    return {"ended": 1}


def _role(line: Line) -> dict[str, int]:
    staff, role = int(line.detail["staff"]), Role(line.detail["role"])
    tenancy.revoke(staff=staff, controller=line.controller, role=role, by=US, at=line.at)
    return {"ended": 1}


DO: Mapping[JournalKind, Callable[[Line], Mapping[str, int]]] = {
    JournalKind.WITHDRAWAL: _no,
    JournalKind.RESTRICTION: _no,
    JournalKind.AGREEMENT_END: _agreement,
    JournalKind.KEY_REVOKED: _key,
    JournalKind.ROLE_REVOKED: _role,
}
