"""Requests come in, and it is found out whose they are."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Policy
from assent.privacy.rights import answers, fulfilling, models, rows, rules
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Identity,
    NotNow,
    Outcome,
    Received,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
    TaskKind,
    Via,
)
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field, UnknownSubject

__all__ = ["clarified", "confirm_identity", "receive"]

# To stop what one has agreed to, or to say no to advertising, takes no proof: it must be as easy as it was to agree
# (art. 7(3)), and whoever does it for somebody else does them no harm that a word could not undo.
HARMLESS = {RequestKind.WITHDRAWAL, RequestKind.OBJECTION}


def receive(
    *,
    controller: int,
    kind: RequestKind,
    subject: int | None,
    via: Via,
    by: Actor,
    at: datetime,
    asked: Asked | None = None,
    identity: Identity = Identity.NONE,
    address: tuple[str, str] | None = None,
    language: str = "",
    received_at: datetime | None = None,
) -> Received:
    """
    Register a request, or let it join the open one about the same, and begin with what can begin.

    A withdrawal, a restriction and an objection to marketing hold when this returns. Whoever is not known by the address they
    give gets the honest answer that nothing is held under it. Where several people share it, staff find out whose it is.

    :param subject: who asks, if that is known
    :param identity: how it is known; with ``NONE`` staff confirm it, but for what harms nobody
    :param address: instead of a subject: ``("email", "ada@example.org")`` or ``("phone", ...)``; it is looked up, not kept
    :param received_at: when it reached the controller, if that was before now (a letter); the time is counted from then
    :raises BadRequest: if it does not say what it must, or came in the future
    :raises UnknownSubject: if there is no such person (any more)
    :raises NoPolicy: if the controller has published none
    """
    wanted, kind, moment = asked or Asked(), RequestKind(kind), received_at or at
    found = policy.current(controller=controller)
    _check(controller, kind, wanted, found.policy)
    if moment > at:
        raise BadRequest("it can't have been received in the future: give the day on the envelope or of the call")
    with scope.controller(controller), transaction.atomic():
        candidates = _whose(controller, subject, address)
        who = candidates[0] if len(candidates) == 1 else None
        same = _open_one(who, kind, rules.topic(kind, wanted))
        if same is not None:
            return _joined(same, wanted, by=by, at=at)
        row = models.Request(
            controller_id=controller,
            number=rows.new_number(),
            subject=who,
            candidates=[str(one) for one in candidates] if who is None else [],
            kind=kind.value,
            topic=rules.topic(kind, wanted),
            state=RequestState.RECEIVED.value,
            via=Via(via).value,
            identity=Identity(identity).value if who else Identity.NONE.value,
            language=language if language in found.policy.controller.languages else found.policy.controller.languages[0],
            policy_digest=found.digest,
            received_at=moment,
        )
        rows.count_time(row, at=at)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            # The same was registered at this very moment, by a second click or another door.
            same = _open_one(who, kind, row.topic)
            if same is None:
                raise
            return _joined(same, wanted, by=by, at=at)
        rows.put_asked(row, wanted)
        rows.step(row, StepKind.RECEIVED, by=by, at=at, codes={"via": row.via, "identity": row.identity})
        if who is not None and _settled(kind, wanted, found.policy, Identity(row.identity)):
            _begin(row, wanted, found.policy, by=by, at=at)
        elif not candidates and address is not None:
            answers.nobody(row, by=by, at=at)
        else:
            row.waits_for_staff = True
        row.save()
    with scope.controller(controller):
        fulfilling.at_once(row, at=at)
        return Received(rows.infos([row], at=at)[0], joined=False)


def _check(controller: int, kind: RequestKind, asked: Asked, found: Policy) -> None:
    rules.check(kind, asked, found)
    known = {name: value for name, value in asked.fields.items() if name in set(Field) and value}
    for fault in subjects.faults(controller=controller, identifiers=known):
        raise BadRequest(str(fault))


def _whose(controller: int, subject: int | None, address: tuple[str, str] | None) -> list[int]:
    if subject is not None:
        if subjects.erasing(controller=controller, subjects=[subject]):
            raise UnknownSubject("nobody has this id here, or they are being erased")
        return [subject]
    return subjects.sharing(controller=controller, field=address[0], value=address[1]) if address else []


def _settled(kind: RequestKind, asked: Asked, found: Policy, identity: Identity) -> bool:
    """Say whether enough is known of who asks, for what is asked (art. 12(6))."""
    return identity is not Identity.NONE or (kind in HARMLESS and not rules.decided_by_staff(kind, asked, found))


def _open_one(who: int | None, kind: RequestKind, topic: str) -> models.Request | None:
    if who is None:
        return None
    alike = models.Request.objects.select_for_update().filter(subject=who, kind=kind.value, topic=topic, answered_at=None)
    found: models.Request | None = alike.first()
    return found


def _joined(row: models.Request, asked: Asked, *, by: Actor, at: datetime) -> Received:
    before = rows.asked_of(row)
    said = "" if asked == before else "\n".join(filter(None, [asked.statement, asked.words, *_lines(asked)]))
    rows.step(row, StepKind.REPEATED, by=by, at=at, words=said)
    return Received(rows.infos([row], at=at)[0], joined=True)


def _lines(asked: Asked) -> Sequence[str]:
    return [f"{name}: {value}" for name, value in asked.fields.items()]


def _begin(row: models.Request, asked: Asked, found: Policy, *, by: Actor, at: datetime) -> None:
    """Go to work on it, or give it to staff; what staff weigh is not used meanwhile (arts. 18(1)(d), 21(1))."""
    kind = RequestKind(row.kind)
    row.state, row.waits_for_staff = RequestState.IN_PROGRESS.value, False
    if not rules.decided_by_staff(kind, asked, found):
        row.outcome = Outcome.GRANTED.value
        fulfilling.plan_all(row, rules.duties(kind, asked), by=by, at=at)
        return
    row.waits_for_staff = True
    if kind is RequestKind.OBJECTION:
        rows.plan(row, [(TaskKind.OBJECT, "marketing"), (TaskKind.RESTRICT, "weighed")], by=by, at=at)


def confirm_identity(
    *,
    controller: int,
    request: int,
    by: Actor,
    at: datetime,
    subject: int | None = None,
    identity: Identity = Identity.CHECKED,
    asked: Asked | None = None,
) -> RequestInfo:
    """
    Write down that it is known who asks, and begin.

    :param subject: who it is, where that was not known
    :param asked: what they ask, told again: words of somebody not yet known were not kept
    :raises NotNow: if it is known already, or the request has ended
    :raises BadRequest: if it is still not said who it is
    :raises UnknownSubject: if there is no such person
    """
    with scope.controller(controller), transaction.atomic():
        row = rows.locked(request)
        if RequestState(row.state) not in {RequestState.RECEIVED, RequestState.IDENTITY}:
            raise NotNow("who asks is settled: the request is %(state)s", state=row.state.replace("_", " "))
        who = subject if subject is not None else row.subject
        if who is None or (row.subject is not None and who != row.subject):
            raise BadRequest("say who it is: the request names nobody yet, or somebody else")
        _whose(controller, who, None)
        found = rows.pinned(row).policy
        wanted = asked or rows.asked_of(row)
        _check(controller, RequestKind(row.kind), wanted, found)
        if row.subject is None and (same := _open_one(who, RequestKind(row.kind), rules.topic(RequestKind(row.kind), wanted))):
            raise NotNow(
                "this person has an open request about the same, %(number)s: take this one back, that one goes on",
                number=same.number,
            )
        row.subject, row.candidates, row.topic = who, [], rules.topic(RequestKind(row.kind), wanted)
        row.identity = Identity(identity).value
        row.save()
        rows.put_asked(row, wanted)
        rows.step(row, StepKind.IDENTITY_CONFIRMED, by=by, at=at, codes={"identity": row.identity})
        _begin(row, wanted, found, by=by, at=at)
        rows.count_time(row, at=at)
        row.save()
    with scope.controller(controller):
        fulfilling.at_once(row, at=at)
        return rows.infos([row], at=at)[0]


def clarified(*, controller: int, request: int, words: str, by: Actor, at: datetime, asked: Asked | None = None) -> RequestInfo:
    """
    Write down what the person said when they were asked for more; the clock goes on.

    :param asked: what they ask now, if it has changed
    :raises NotNow: if they were not asked
    """
    with scope.controller(controller), transaction.atomic():
        row = rows.locked(request)
        if RequestState(row.state) is not RequestState.CLARIFICATION:
            raise NotNow("nothing was asked of the person: the request is %(state)s", state=row.state.replace("_", " "))
        wanted, found = asked or rows.asked_of(row), rows.pinned(row).policy
        _check(controller, RequestKind(row.kind), wanted, found)
        row.topic = rules.topic(RequestKind(row.kind), wanted)
        row.save()
        rows.put_asked(row, wanted)
        rows.step(row, StepKind.CLARIFIED, by=by, at=at, words=words)
        if Identity(row.identity) is Identity.NONE:
            row.state, row.waits_for_staff = RequestState.RECEIVED.value, True
        else:
            _begin(row, wanted, found, by=by, at=at)
        rows.count_time(row, at=at)
        row.save()
    with scope.controller(controller):
        fulfilling.at_once(row, at=at)
        return rows.infos([row], at=at)[0]
