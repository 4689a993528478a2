"""
Agreements: under what the platform works for a controller in a solution (arts. 26, 28).

A version is offered with its words, accepted by a named member of staff, superseded by the next one or ended. Nothing is
changed: each step is a row of its own.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.tenancy import models
from assent.tenancy.contracts import (
    Acceptance,
    AgreementInfo,
    AgreementKind,
    AgreementRefused,
    AgreementText,
    EndChoice,
    Ending,
    Hindrance,
    Permission,
    Role,
    Settlement,
    Term,
    TextChanged,
    UnknownAgreement,
)
from assent.tenancy.rules import permitted

__all__ = [
    "accept_agreement", "agreement", "agreement_text", "agreements", "end_agreement", "in_force", "offer_agreement",
    "settle_agreement", "terms",
]  # fmt: skip

ACCEPTED, ENDED, SETTLED = "accepted", "ended", "settled"

# As with the policy: how long another process may go on with what held before.
FRESH_SECONDS = 0.5
_seen: dict[int, tuple[float, tuple[Term, ...]]] = {}


def offer_agreement(*, controller: int, solution: str, text: AgreementText, by: Actor, at: datetime) -> AgreementInfo:
    """
    Put the words of an agreement before a controller as a new version, or return the newest if it says the same.

    What is in force stays so until the new version is accepted.

    :raises AgreementRefused: if somebody else offered one at the same moment
    """
    with _writing(controller):
        newest = models.Agreement.objects.filter(solution=solution).order_by("-version").first()
        if newest is None or (newest.kind, newest.digest) != (text.kind, text.digest) or _over(newest):
            newest = models.Agreement.objects.create(
                controller_id=controller,
                solution=solution,
                version=newest.version + 1 if newest else 1,
                kind=AgreementKind(text.kind).value,
                text=text.text,
                digest=text.digest,
                languages=list(text.languages),
                policy_number=text.policy_number,
                policy_digest=text.policy_digest,
                offered_at=at,
                offered_by=str(by),
            )
            _note(Did.AGREEMENT_OFFERED, newest, by=by, at=at)
    return agreement(controller=controller, id=newest.pk)


def accept_agreement(
    *,
    controller: int,
    agreement: int,
    digest: str,
    name: str,
    position: str,
    by: Actor,
    at: datetime,
    from_at: datetime | None = None,
) -> AgreementInfo:
    """
    Accept a version; from then, or from a later moment, it holds, and the version before it no longer does.

    :param digest: of the words that were read
    :param name: of who accepts, as they write it, and their position
    :raises UnknownAgreement: if the controller has none with this number
    :raises TextChanged: if those are not the words offered now
    :raises AgreementRefused: if it was accepted before, if who accepts may not, or if name or position are missing
    """
    name, position, from_at = _said(name, 120), _said(position, 120), from_at or at
    if from_at < at:
        raise AgreementRefused(Hindrance.BACKDATED)
    if not _may_accept(controller, by):
        raise AgreementRefused(Hindrance.MAY_NOT)
    with _writing(controller):
        row = _row(agreement)
        newest = models.Agreement.objects.filter(solution=row.solution).order_by("-version").first()
        if row.digest != digest or newest is None or newest.pk != row.pk:
            raise TextChanged
        _do(ACCEPTED, row, by=by, at=at, effective_at=from_at, digest=digest, name=name, position=position)
        _note(Did.AGREEMENT_ACCEPTED, row, by=by, at=at)
    return _told(controller, agreement)


def end_agreement(
    *,
    controller: int,
    agreement: int,
    choice: EndChoice,
    due_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    until_at: datetime | None = None,
) -> AgreementInfo:
    """
    End the agreement in force, now or at a later moment: from then on the solution refuses to work.

    :param choice: whether the data are then returned or deleted (art. 28(3)(g)), at the latest on ``due_on``
    :param reason: in a few words
    :raises UnknownAgreement: if the controller has none with this number
    :raises AgreementRefused: if it is not the one that holds, was ended before, or the days do not fit
    """
    reason, until_at = _said(reason, 500), until_at or at
    if until_at < at:
        raise AgreementRefused(Hindrance.ENDS_IN_THE_PAST)
    if due_on < until_at.date():
        raise AgreementRefused(Hindrance.DUE_BEFORE_END)
    with _writing(controller):
        row = _row(agreement)
        known = next(info for info in _infos(controller) if info.id == row.pk)
        if known.acceptance is None or (known.until_at is not None and known.until_at <= at):
            raise AgreementRefused(Hindrance.NOT_IN_FORCE)
        _do(
            ENDED, row, by=by, at=at, effective_at=until_at, reason=reason, choice=EndChoice(choice).value, due_on=due_on
        )  # fmt: skip
        _note(Did.AGREEMENT_ENDED, row, by=by, at=at, choice=EndChoice(choice).value)
        told: dict[str, str | int | bool] = {
            "agreement": row.pk,
            "digest": row.digest,
            "choice": EndChoice(choice).value,
            "due_on": due_on.isoformat(),
            "until_ms": millis(until_at),
        }
        audit.journal(JournalKind.AGREEMENT_END, controller=controller, subjects=[], at=at, detail=told)
    return _told(controller, agreement)


def settle_agreement(*, controller: int, agreement: int, by: Actor, at: datetime) -> AgreementInfo:
    """
    Write down that the data of an ended agreement were returned or deleted, as was chosen.

    :raises UnknownAgreement: if the controller has none with this number
    :raises AgreementRefused: if it has not ended, or this was written down before
    """
    with _writing(controller):
        row = _row(agreement)
        known = next(info for info in _infos(controller) if info.id == row.pk)
        if known.ending is None or known.ending.until_at > at:
            raise AgreementRefused(Hindrance.NOT_ENDED)
        _do(SETTLED, row, by=by, at=at, effective_at=at)
        _note(Did.AGREEMENT_SETTLED, row, by=by, at=at, choice=known.ending.choice.value)
    return _told(controller, agreement)


def agreement(*, controller: int, id: int) -> AgreementInfo:  # noqa: A002 - the word others use
    """
    Return one version.

    :raises UnknownAgreement: if the controller has none with this number
    """
    with scope.controller(controller):
        _row(id)
        return next(info for info in _infos(controller) if info.id == id)


def agreement_text(*, controller: int, id: int) -> str:  # noqa: A002 - the word others use
    """
    Return the words of one version, exactly as they were offered.

    :raises UnknownAgreement: if the controller has none with this number
    """
    with scope.controller(controller):
        return str(_row(id).text)


def agreements(*, controller: int) -> list[AgreementInfo]:
    """Return every version of every agreement of a controller, by solution, newest first."""
    with scope.controller(controller):
        return _infos(controller)


def in_force(*, controller: int, solution: str, at: datetime) -> AgreementInfo | None:
    """Return the agreement about a solution that holds at a moment, or None: then the solution does not work."""
    held = (info for info in agreements(controller=controller) if info.solution == solution)
    return next((info for info in held if (term := _term(info)) is not None and term.covers(at)), None)


def terms(*, controller: int) -> tuple[Term, ...]:
    """
    Return when which agreements of a controller hold, past and to come.

    What another process wrote is seen within half a second; what this one wrote at once.
    """
    # Inside a transaction the answer must be the transaction's own, so nothing remembered is used.
    remembered = None if connection.in_atomic_block else _seen.get(controller)
    if remembered and time.monotonic() - remembered[0] < FRESH_SECONDS:
        return remembered[1]
    found = tuple(term for info in agreements(controller=controller) if (term := _term(info)) is not None)
    if not connection.in_atomic_block:
        _seen[controller] = (time.monotonic(), found)
    return found


def _term(info: AgreementInfo) -> Term | None:
    if info.acceptance is None:
        return None
    return Term(info.solution, info.kind, info.acceptance.from_at, info.until_at)


def _infos(controller: int) -> list[AgreementInfo]:
    deeds: dict[int, dict[str, models.AgreementDeed]] = {}
    for deed in models.AgreementDeed.objects.all():
        deeds.setdefault(deed.agreement_id, {})[deed.deed] = deed
    found: list[AgreementInfo] = []
    later: dict[str, datetime] = {}
    offered: set[str] = set()
    for row in models.Agreement.objects.order_by("solution", "-version").defer("text"):
        mine = deeds.get(row.pk, {})
        info = _info(controller, row, mine, later.get(row.solution), offered_after=row.solution in offered)
        offered.add(row.solution)
        if info.acceptance is not None:
            # A version that begins later takes over from all before it, whenever each was accepted.
            later[row.solution] = min(info.acceptance.from_at, later.get(row.solution, info.acceptance.from_at))
        found.append(info)
    return found


def _info(
    controller: int,
    row: models.Agreement,
    deeds: Mapping[str, models.AgreementDeed],
    next_from: datetime | None,
    *,
    offered_after: bool,
) -> AgreementInfo:
    return AgreementInfo(
        id=row.pk,
        controller=controller,
        solution=row.solution,
        version=row.version,
        kind=AgreementKind(row.kind),
        digest=row.digest,
        languages=tuple(row.languages),
        policy_number=row.policy_number,
        policy_digest=row.policy_digest,
        offered_at=row.offered_at,
        offered_by=row.offered_by,
        acceptance=_acceptance(deeds.get(ACCEPTED)),
        ending=_ending(deeds.get(ENDED)),
        settlement=Settlement(done.by, done.at) if (done := deeds.get(SETTLED)) else None,
        next_from=next_from,
        offered_after=offered_after,
    )


def _acceptance(deed: models.AgreementDeed | None) -> Acceptance | None:
    if deed is None:
        return None
    staff = int(deed.by.partition(":")[2])
    return Acceptance(staff, deed.name, deed.position, deed.digest, deed.at, deed.effective_at)


def _ending(deed: models.AgreementDeed | None) -> Ending | None:
    if deed is None:
        return None
    due_on = deed.due_on or deed.at.date()
    return Ending(deed.by, deed.at, deed.effective_at, deed.reason, EndChoice(deed.choice), due_on)


def _told(controller: int, number: int) -> AgreementInfo:
    _seen.pop(controller, None)
    return agreement(controller=controller, id=number)


def _row(number: int) -> models.Agreement:
    row: models.Agreement | None = models.Agreement.objects.filter(pk=number).first()
    if row is None:
        message = f"this controller has no agreement {number}: `assent agreement list` shows those there are"
        raise UnknownAgreement(message)
    return row


def _over(row: models.Agreement) -> bool:
    """Say whether a version has ended, so that the same words must be agreed upon anew."""
    return bool(models.AgreementDeed.objects.filter(agreement=row, deed=ENDED).exists())


def _may_accept(controller: int, by: Actor) -> bool:
    if by.kind != "staff":
        return False
    held = models.Membership.objects.filter(controller_id=controller, staff_id=int(by.id), staff__is_active=True)
    return Permission.AGREEMENTS_WRITE in permitted(Role(role) for role in held.values_list("role", flat=True))


def _said(text: str, longest: int) -> str:
    found = " ".join(text.split())
    if not found or len(found) > longest or not found.isprintable():
        raise AgreementRefused(Hindrance.UNSAID)
    return found


def _do(deed: str, row: models.Agreement, **said: object) -> None:
    by = str(said.pop("by"))
    if models.AgreementDeed.objects.filter(agreement=row, deed=deed).exists():
        raise AgreementRefused(Hindrance.DONE_BEFORE)
    models.AgreementDeed.objects.create(controller_id=row.controller_id, agreement=row, deed=deed, by=by, **said)


def _note(did: Did, row: models.Agreement, *, by: Actor, at: datetime, **more: str) -> None:
    detail: dict[str, str | int | bool] = {"solution": row.solution, "version": row.version, "digest": row.digest, **more}
    audit.write(did, controller=row.controller_id, by=by, at=at, on=f"agreement:{row.pk}", detail=detail)


@contextmanager
def _writing(controller: int) -> Iterator[None]:
    """Let one write about a controller's agreements follow the other; the unique constraints see to what slips through."""
    try:
        with scope.controller(controller), transaction.atomic():
            models.Controller.objects.select_for_update(no_key=True).get(pk=controller)
            yield
    except IntegrityError:
        raise AgreementRefused(Hindrance.AT_ONCE) from None
