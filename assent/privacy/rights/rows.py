"""Rows of requests: written with the step and the line of the book that tell of it, and read as contracts."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.privacy.deadlines import api as deadlines
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, Span
from assent.privacy.rights import models, rules
from assent.privacy.rights.contracts import (
    Asked,
    Ground,
    Identity,
    Outcome,
    Refusal,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
    TaskKind,
    UnknownRequest,
    Via,
)
from assent.privacy.subjects import api as subjects

__all__ = [
    "actor", "asked_of", "close_if_done", "count_time", "infos", "locked", "new_number", "pinned", "plan", "put_asked",
    "put_words", "step", "words_of",
]  # fmt: skip

SILENT = {StepKind.FAILED}  # shown with the request; the book tells of deeds


def new_number() -> str:
    """Return a number nobody has yet; of 40 random bits the table itself refuses the one in a million million."""
    return rules.number_from(secrets.randbits(40))


def actor(text: str) -> Actor:
    """Return who is meant by what a row says: ``staff:7``."""
    kind, _, number = text.partition(":")
    return Actor(kind, number)


def locked(request: int) -> models.Request:
    """
    Return a request that nobody else changes until the transaction ends; its controller is in scope.

    :raises UnknownRequest: if there is none
    """
    row: models.Request | None = models.Request.objects.select_for_update().filter(id=request).first()
    if row is None:
        message = f"there is no request {request} here: `requests` lists them"
        raise UnknownRequest(message)
    return row


def pinned(row: models.Request) -> Compiled:
    """Return the policy that was in force when the request came."""
    return policy.at_digest(controller=row.controller_id, digest=row.policy_digest)


def step(
    row: models.Request,
    kind: StepKind,
    *,
    by: Actor,
    at: datetime,
    codes: Mapping[str, object] | None = None,
    words: str = "",
) -> models.Step:
    """Write down what happened, with the book's line; words are sealed, and kept only where it is known whose they are."""
    plain = {name: str(value) for name, value in (codes or {}).items()}
    made: models.Step = models.Step.objects.create(
        controller_id=row.controller_id, request=row, kind=kind.value, at=at, by=str(by), codes=plain
    )
    if words:
        put_words(row, f"step:{made.pk}", words)
    if kind not in SILENT:
        audit.write(
            Did(f"rights.request.{kind.value}"),
            controller=row.controller_id,
            by=by,
            at=at,
            about=row.subject,
            on=f"request:{row.pk}",
            detail={"kind": row.kind, **plain},
        )
    return made


def put_words(row: models.Request, what: str, words: str) -> None:
    """Seal what was said, in place of what was said there before; without a person there is no key and nothing is kept."""
    if row.subject is None:
        return
    item = (row.subject, _label(row, what), words.encode())
    sealed = subjects.seal_many(controller=row.controller_id, items=[item])[0]
    models.Words.objects.update_or_create(
        controller_id=row.controller_id, request=row, what=what, defaults={"subject": row.subject, "sealed": sealed}
    )


def _label(row: models.Request, what: str) -> str:
    return f"request/{row.number}/{what}"


def words_of(rows: Sequence[models.Request]) -> dict[tuple[int, str], str]:
    """Return what was said in some requests: (request, what) → words. What no longer opens is left out."""
    by_id = {row.pk: row for row in rows}
    kept = list(models.Words.objects.filter(request_id__in=list(by_id))) if by_id else []
    if not kept:
        return {}
    items = [(one.subject, _label(by_id[one.request_id], one.what), bytes(one.sealed)) for one in kept]
    opened = subjects.open_many(controller=kept[0].controller_id, items=items)
    return {(one.request_id, one.what): text.decode() for one, text in zip(kept, opened, strict=True) if text is not None}


def asked_of(row: models.Request, words: Mapping[tuple[int, str], str] | None = None) -> Asked:
    """Return what was asked for; of what the person wrote, as much as opens."""
    said = (words if words is not None else words_of([row])).get((row.pk, "asked"))
    found = json.loads(said) if said else {"fields": dict.fromkeys(row.plain.get("fields", []), "")}
    found |= {"purposes": tuple(row.plain.get("purposes", [])), "ground": None}
    ground = row.plain.get("ground")
    return Asked(**{**found, "ground": Ground(ground) if ground else None})


def put_asked(row: models.Request, asked: Asked) -> None:
    """Keep what was asked for: codes in the row, words sealed."""
    row.plain = {"purposes": list(asked.purposes), "ground": asked.ground or "", "fields": sorted(asked.fields)}
    said = {name: value for name, value in asdict(asked).items() if name not in {"purposes", "ground"}}
    put_words(row, "asked", json.dumps({**said, "fields": dict(asked.fields)}))


def plan(row: models.Request, kinds: Iterable[tuple[TaskKind, str]], *, by: Actor, at: datetime) -> None:
    """Add things to do, behind those there are: pairs of a task and, of a message, which."""
    last = models.Task.objects.filter(request=row).order_by("-place").values_list("place", flat=True).first() or 0
    models.Task.objects.bulk_create(
        models.Task(
            controller_id=row.controller_id,
            request=row,
            place=last + place,
            kind=kind.value,
            message=message,
            by=str(by),
            next_at=at,
        )
        for place, (kind, message) in enumerate(kinds, start=1)
    )


def close_if_done(row: models.Request, *, by: Actor, at: datetime) -> None:
    """End a request that is answered and for which nothing is left to do."""
    if row.answered_at is None or row.closed_at is not None:
        return
    if models.Task.objects.filter(request=row, done_at=None).exists():
        return
    row.closed_at, row.waits_for_staff = at, False
    step(row, StepKind.CLOSED, by=by, at=at)


def count_time(row: models.Request, *, at: datetime) -> None:
    """Count the ends anew: when it came, what the policy of that day gives, how long the person was waited for."""
    found = pinned(row).policy
    terms = found.rights.deadlines
    where = {"country": found.controller.country, "zone": found.controller.time_zone}
    answer, extension = Span.read(terms.answer), Span.read(terms.extension)
    happened = [(StepKind(kind), moment) for kind, moment in _moments([row.pk])[row.pk]] if row.pk else []
    stood = rules.pauses(happened, at=at)
    row.first_due_at = deadlines.due(row.received_at, answer, pauses=stood, **where)
    row.due_at = row.first_due_at
    if row.extended:
        row.due_at = deadlines.due(row.received_at, deadlines.joined(answer, extension), pauses=stood, **where)
    to_come = [one for one in deadlines.reminders(row.received_at, row.due_at, **where) if one > at]
    row.remind_at = to_come[0] if to_come else row.due_at


def _moments(requests: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    happened: dict[int, list[tuple[str, datetime]]] = {request: [] for request in requests}
    steps = models.Step.objects.filter(request_id__in=list(requests)).order_by("id")
    for request, kind, moment in steps.values_list("request_id", "kind", "at"):
        happened[request].append((kind, moment))
    return happened


def infos(rows: Sequence[models.Request], *, at: datetime) -> list[RequestInfo]:
    """Return requests as others see them; a clock that stands is shown as if it went on now."""
    for row in rows:
        if RequestState(row.state) in rules.PAUSED:
            count_time(row, at=at)
    zones = {one.policy_digest: one for one in rows}
    zone_of = {digest: pinned(one).policy.controller.time_zone for digest, one in zones.items()}
    return [_info(row, at, zone_of[row.policy_digest]) for row in rows]


def _info(row: models.Request, at: datetime, zone: str) -> RequestInfo:
    state = RequestState(row.state)
    return RequestInfo(
        id=row.pk,
        number=row.number,
        kind=RequestKind(row.kind),
        state=state,
        clock=rules.clock(state, row.due_at, at=at),
        via=Via(row.via),
        identity=Identity(row.identity),
        subject=row.subject,
        language=row.language,
        received_at=row.received_at,
        due_at=row.due_at,
        last_day=deadlines.last_day(row.due_at, zone=zone),
        spent=rules.spent(row.received_at, row.due_at, at=row.answered_at or at),
        extended=row.extended,
        waits_for_staff=row.waits_for_staff,
        outcome=Outcome(row.outcome) if row.outcome else None,
        refusals=tuple(Refusal(one) for one in row.refusals),
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        policy_digest=row.policy_digest,
    )
