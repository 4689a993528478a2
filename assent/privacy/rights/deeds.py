"""The deeds themselves, each of which finds nothing left to do when it is done a second time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assent.audit.contracts import Actor
from assent.foundation.personal import registered
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import What
from assent.privacy.rights import models, rows, rules
from assent.privacy.rights.contracts import RequestKind, TaskKind, Via
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import ALL, Kind

__all__ = ["DEEDS", "Waits", "keep_unused", "release"]

HOW: Mapping[Via, Method] = {
    Via.PORTAL: Method.WEB_FORM, Via.EMAIL: Method.CONSOLE, Via.LETTER: Method.PAPER, Via.PHONE: Method.PHONE,
    Via.IN_PERSON: Method.CONSOLE, Via.API: Method.API, Via.OPENDSR: Method.API,
}  # fmt: skip


class Waits(Exception):
    """It can't be done yet; the text is a code or a few words without anything about a person."""


class Deed(Protocol):
    """Does one task in the caller's transaction and returns facts for the step that tells of it."""

    def __call__(self, row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
        """Do it, or raise :class:`Waits`."""
        ...


def mark(row: models.Request) -> str:
    """Return the reason by which a stop is known to belong to a request."""
    return f"request:{row.number}"


def rectify(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Write the right values into every store (art. 16)."""
    changes = dict(rows.asked_of(row).fields)
    who = row.subject or 0
    changed = 0
    for store in registered():
        changed += store.rectify(controller=row.controller_id, subject=who, changes=changes, by=by, at=at)
    return {"fields": changed}


def restrict(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Keep the data and use them no more (art. 18); while an objection is weighed, what it is about."""
    asked, found = rows.asked_of(row), rows.pinned(row).policy
    if RequestKind(row.kind) is RequestKind.OBJECTION:
        weighed = asked.purposes or rules.objectable(found)
        purposes: Sequence[str] = [key for key in weighed if not found.purposes[key].direct_marketing]
    else:
        purposes = asked.purposes or [ALL]
    return {"stops": _stops(row, Kind.RESTRICTION, purposes, by=by, at=at)}


def keep_unused(*, controller: int, subject: int, reason: str, by: Actor, at: datetime) -> int:
    """Stop every use of what must stay of a person who is to be erased."""
    return _stop(controller, subject, Kind.RESTRICTION, [ALL], reason=reason, by=by, at=at)


def object_(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Write down the person's no (art. 21); before anybody has weighed the rest, what needs no weighing."""
    asked, found = rows.asked_of(row), rows.pinned(row).policy
    purposes: Sequence[str] = asked.purposes or rules.objectable(found)
    if task.message == "marketing":
        purposes = [key for key in purposes if found.purposes[key].direct_marketing]
    elif not asked.purposes:
        purposes = [ALL]
    return {"stops": _stops(row, Kind.OBJECTION, purposes, by=by, at=at)}


def _stops(row: models.Request, kind: Kind, purposes: Sequence[str], *, by: Actor, at: datetime) -> int:
    return _stop(row.controller_id, row.subject or 0, kind, purposes, reason=mark(row), by=by, at=at)


def _stop(controller: int, subject: int, kind: Kind, purposes: Sequence[str], *, reason: str, by: Actor, at: datetime) -> int:
    there = suppression.active(controller=controller, subject=subject)
    standing = {one.purpose for one in there if one.kind is kind and one.channel == "any"}
    new = [purpose for purpose in purposes if purpose not in standing and ALL not in standing]
    for purpose in new:
        suppression.suppress(controller=controller, kind=kind, subject=subject, purpose=purpose, reason=reason, by=by, at=at)
    if kind is Kind.RESTRICTION and ALL in new:
        for store in registered():
            store.restrict(controller=controller, subject=subject, on=True, by=str(by), at=at)
    return len(new)


def release(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """End the restriction that this request made, and tell recipients; every other stop stays."""
    active = suppression.active(controller=row.controller_id, subject=row.subject or 0)
    mine = [one for one in active if one.kind is Kind.RESTRICTION and one.reason == mark(row)]
    for one in mine:
        suppression.lift(controller=row.controller_id, suppression=one.id, reason=mark(row), by=by, at=at)
    if mine and RequestKind(row.kind) is RequestKind.RESTRICTION:
        disclosures.pass_on(
            controller=row.controller_id, subjects=[row.subject or 0], what=What.RESTRICTION_LIFTED, request=mark(row),
            by=by, at=at,
        )  # fmt: skip
    # A store knows only one mark: it goes with the last restriction.
    if mine and all(one in mine for one in active if one.kind is Kind.RESTRICTION):
        for store in registered():
            store.restrict(controller=row.controller_id, subject=row.subject or 0, on=False, by=str(by), at=at)
    return {"stops": len(mine)}


def withdraw(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Take consents back (art. 7(3)): those named, or all that stand."""
    asked, controller, subject = rows.asked_of(row), row.controller_id, row.subject or 0
    standing = {(one.purpose, one.channel) for one in consent.standing(controller=controller, subject=subject)
                if one.choice is Choice.GIVEN}  # fmt: skip
    given = sorted({purpose for purpose, _ in standing})
    purposes = [purpose for purpose in asked.purposes or given if purpose in given]
    for purpose in purposes:
        consent.withdraw(
            controller=controller, subject=subject, purpose=purpose, method=HOW[Via(row.via)], source="request", by=by, at=at
        )
    return {"consents": len(purposes)}


def pass_on(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Let recipients be told (art. 19): of all, or of the purposes the request names."""
    asked, subject = rows.asked_of(row), row.subject or 0
    told = 0
    for purpose in asked.purposes or ("",):
        told += disclosures.pass_on(
            controller=row.controller_id,
            subjects=[subject],
            what=What(row.kind),
            request=mark(row),
            purpose=purpose,
            changes={subject: asked.fields} if RequestKind(row.kind) is RequestKind.RECTIFICATION else None,
            by=by,
            at=at,
        )
    return {"notices": told}


def acknowledged(row: models.Request, task: models.Task, *, by: Actor, at: datetime) -> dict[str, object]:
    """Wait until each recipient has confirmed, or it is on record that one can't be told."""
    waiting = disclosures.open_notifications(controller=row.controller_id, request=mark(row))
    if waiting:
        raise Waits(f"recipients: {waiting}")
    return {}


DEEDS: Mapping[TaskKind, Deed] = {
    TaskKind.RECTIFY: rectify,
    TaskKind.RESTRICT: restrict,
    TaskKind.OBJECT: object_,
    TaskKind.RELEASE: release,
    TaskKind.WITHDRAW: withdraw,
    TaskKind.PASS_ON: pass_on,
    TaskKind.ACKNOWLEDGED: acknowledged,
}
