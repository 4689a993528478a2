"""What staff, or the person, do with an open request: ask, extend, decide, take back."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.privacy.rights import answers, fulfilling, models, rows, rules
from assent.privacy.rights.contracts import (
    BadRequest,
    Identity,
    NotNow,
    Outcome,
    Refusal,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
    TaskKind,
)

__all__ = [
    "answer",
    "ask_clarification",
    "ask_identity",
    "extend",
    "letter_sent",
    "refuse",
    "release_restriction",
    "withdraw_request",
]


def _open(request: int, *, undecided: bool = False) -> models.Request:
    row = rows.locked(request)
    if not RequestState(row.state).open:
        raise NotNow("this request has ended: it is %(state)s", state=row.state.replace("_", " "))
    if undecided and row.outcome:
        raise NotNow("this request is decided and being carried out")
    return row


def _done(row: models.Request, *, at: datetime) -> RequestInfo:
    row.save()
    return rows.infos([row], at=at)[0]


def _carry_on(row: models.Request, *, at: datetime) -> RequestInfo:
    with scope.controller(row.controller_id):
        fulfilling.at_once(row, at=at)
        return rows.infos([row], at=at)[0]


def ask_identity(*, controller: int, request: int, words: str, by: Actor, at: datetime) -> RequestInfo:
    """
    Ask the person to show who they are, where there is reasonable doubt (art. 12(6)); the clock stands until they do.

    :param words: what would show it; no more than is needed
    :raises NotNow: if it is known who asks
    :raises BadRequest: if nothing is asked
    """
    return _ask(controller, request, words, RequestState.IDENTITY, StepKind.IDENTITY_ASKED, by=by, at=at)


def ask_clarification(*, controller: int, request: int, words: str, by: Actor, at: datetime) -> RequestInfo:
    """
    Ask the person what exactly they mean (recital 63); the clock stands until they say.

    :raises NotNow: if the request is decided, or has ended
    :raises BadRequest: if nothing is asked
    """
    return _ask(controller, request, words, RequestState.CLARIFICATION, StepKind.CLARIFICATION_ASKED, by=by, at=at)


def _ask(
    controller: int, request: int, words: str, state: RequestState, kind: StepKind, *, by: Actor, at: datetime
) -> RequestInfo:
    if not words.strip():
        raise BadRequest("say what you need from the person, and why")
    with scope.controller(controller), transaction.atomic():
        row = _open(request, undecided=True)
        if RequestState(row.state) in rules.PAUSED:
            raise NotNow("the person has been asked something already and has not answered")
        if state is RequestState.IDENTITY and Identity(row.identity) is not Identity.NONE:
            raise NotNow("it is known who asks")
        rows.step(row, kind, by=by, at=at, words=words)
        row.state, row.waits_for_staff = state.value, row.subject is None
        answers.ask(row, state, words, by=by, at=at)
        row.save()
    return _carry_on(row, at=at)


def extend(*, controller: int, request: int, words: str, by: Actor, at: datetime) -> RequestInfo:
    """
    Take the two further months (art. 12(3)) and tell the person why, inside the first.

    :param words: why it takes longer: how complex it is, how many requests there are
    :raises NotNow: if the first month is over, or the time was extended before
    :raises BadRequest: if no reason is given
    """
    if not words.strip():
        raise BadRequest("say why it takes longer: the person is told")
    with scope.controller(controller), transaction.atomic():
        row = _open(request)
        if row.extended:
            raise NotNow("the time was extended before, and can be once")
        rows.count_time(row, at=at)
        if at > row.first_due_at:
            raise NotNow("the first period is over: more time can only be taken inside it")
        row.extended = True
        rows.step(row, StepKind.EXTENDED, by=by, at=at, words=words)
        rows.count_time(row, at=at)
        answers.extended(row, words, by=by, at=at)
        row.save()
    return _carry_on(row, at=at)


def answer(
    *,
    controller: int,
    request: int,
    by: Actor,
    at: datetime,
    outcome: Outcome = Outcome.GRANTED,
    refusals: Collection[Refusal] = (),
    words: str = "",
) -> RequestInfo:
    """
    Grant what staff had to look at, whole or in part, and have it carried out.

    :param outcome: ``PARTLY`` with the reasons for the rest in ``refusals``; ``NOBODY`` where nothing is held of who asks
    :param words: what is added to the answer: what was looked at, what a review found, what stays
    :raises NotNow: if it is not known who asks, or it is decided
    :raises BadRequest: if a part is refused without a reason
    """
    wanted = Outcome(outcome)
    if wanted not in {Outcome.GRANTED, Outcome.PARTLY, Outcome.NOBODY}:
        raise BadRequest("an answer grants, grants in part, or says that nothing is held; `refuse` refuses")
    if (wanted is Outcome.PARTLY) != bool(refusals):
        raise BadRequest("say why a part is refused, and only then")
    with scope.controller(controller), transaction.atomic():
        row = _open(request, undecided=True)
        if wanted is Outcome.NOBODY:
            answers.nobody(row, by=by, at=at)
            return _done(row, at=at)
        if row.subject is None or RequestState(row.state) is not RequestState.IN_PROGRESS:
            raise NotNow("first it has to be settled who asks, and what they mean")
        asked = rows.asked_of(row)
        if RequestKind(row.kind) is RequestKind.HUMAN_REVIEW and not words.strip():
            raise BadRequest("say what the review found")
        _decide(row, wanted, refusals, words, by=by, at=at)
        fulfilling.plan_all(row, rules.duties(RequestKind(row.kind), asked), by=by, at=at)
        row.save()
    return _carry_on(row, at=at)


def refuse(
    *, controller: int, request: int, reasons: Collection[Refusal], by: Actor, at: datetime, words: str = ""
) -> RequestInfo:
    """
    Refuse a request; the answer names the reasons, the authority and the courts (art. 12(4)).

    :param words: how the reasons apply here
    :raises NotNow: if it is decided or has ended
    :raises BadRequest: if there is no reason, or the right knows no exception
    """
    if not reasons:
        raise BadRequest("name the reason: a refusal without one is none")
    with scope.controller(controller), transaction.atomic():
        row = _open(request, undecided=True)
        if absolute(row) and set(reasons) - {Refusal.IDENTITY_NOT_SHOWN}:
            raise BadRequest("against direct marketing an objection is absolute, and a consent can always be taken back")
        _decide(row, Outcome.REFUSED, reasons, words, by=by, at=at)
        row.state = RequestState.IN_PROGRESS.value
        fulfilling.plan_all(row, rules.refused_duties(RequestKind(row.kind)), by=by, at=at)
        rows.count_time(row, at=at)
        row.save()
    return _carry_on(row, at=at)


def absolute(row: models.Request) -> bool:
    """Say whether nothing can be weighed against it (arts. 7(3), 21(3))."""
    if RequestKind(row.kind) is RequestKind.WITHDRAWAL:
        return True
    asked = rows.asked_of(row)
    return RequestKind(row.kind) is RequestKind.OBJECTION and not rules.decided_by_staff(
        RequestKind.OBJECTION, asked, rows.pinned(row).policy
    )


def _decide(
    row: models.Request, outcome: Outcome, reasons: Collection[Refusal], words: str, *, by: Actor, at: datetime
) -> None:
    row.outcome, row.refusals = outcome.value, sorted(Refusal(one).value for one in reasons)
    row.waits_for_staff = False
    codes = {"outcome": row.outcome, "reasons": ",".join(row.refusals)}
    rows.step(row, StepKind.DECIDED, by=by, at=at, codes=codes, words=words)


def letter_sent(*, controller: int, request: int, by: Actor, at: datetime) -> RequestInfo:
    """
    Write down that the printed message was posted, or handed over: what had to be told is told.

    :raises NotNow: if no letter waits
    """
    with scope.controller(controller), transaction.atomic():
        row = rows.locked(request)
        task = fulfilling.waiting_letter(row)
        if task is None:
            raise NotNow("no letter waits to be sent")
        rows.step(row, StepKind.LETTER_SENT, by=by, at=at, codes={"message": task.message})
        row.waits_for_staff = False
        fulfilling.told(row, task, by=by, at=at)
        row.save()
    return _carry_on(row, at=at)


def release_restriction(*, controller: int, request: int, words: str, by: Actor, at: datetime) -> RequestInfo:
    """
    End the restriction a request made, once the person has been told (art. 18(3)).

    :param words: why it ends: the data were checked, the claim is settled
    :raises NotNow: if the request made none, or it was ended before
    :raises BadRequest: if no reason is given
    """
    if not words.strip():
        raise BadRequest("say why the restriction ends: the person is told")
    with scope.controller(controller), transaction.atomic():
        row = rows.locked(request)
        ended = models.Step.objects.filter(request=row, kind=StepKind.RELEASED.value).exists()
        if RequestKind(row.kind) is not RequestKind.RESTRICTION or row.outcome != Outcome.GRANTED or ended:
            raise NotNow("there is no restriction of this request to end")
        row.closed_at = None
        rows.step(row, StepKind.RELEASED, by=by, at=at, words=words)
        answers.release(row, words, by=by, at=at)
        rows.plan(row, [(TaskKind.RELEASE, "")], by=by, at=at)
        row.save()
    return _carry_on(row, at=at)


def withdraw_request(*, controller: int, request: int, by: Actor, at: datetime) -> RequestInfo:
    """
    Write down that the person no longer asks for it. What was carried out before stays so.

    :raises NotNow: if it has ended
    """
    with scope.controller(controller), transaction.atomic():
        row = _open(request)
        if row.erasure is not None:
            raise NotNow("the erasure has begun and can't be undone")
        if RequestKind(row.kind) is RequestKind.OBJECTION and row.outcome == "":
            rows.plan(row, [(TaskKind.RELEASE, "")], by=by, at=at)
        else:
            models.Task.objects.filter(request=row, done_at=None).update(done_at=at, waits_for="taken back")
        row.outcome, row.state = Outcome.TAKEN_BACK.value, RequestState.TAKEN_BACK.value
        row.answered_at, row.waits_for_staff = at, False
        rows.step(row, StepKind.TAKEN_BACK, by=by, at=at)
        rows.close_if_done(row, by=by, at=at)
        return _done(row, at=at)
