"""Claims on messages, and what becomes of them: a few short transactions per batch, whatever its size."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections, router, transaction
from django.db.models import F

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import models, rules, telling
from assent.dispatch.contracts import Handover, Outcome, Progress, State, Stopped
from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.clock import millis, now
from assent.foundation.ids import random_id
from assent.privacy.disclosures import api as disclosures

__all__ = ["Batch", "claim", "edge_ref", "expire", "open_claims", "refuse", "settle", "undelivered"]

DISPATCH = Actor.system("dispatch")
NOTHING_LEFT_TO_SAY = {"variables": b"", "claim_until_ms": None}
DONE = {State.SENT, State.FAILED, State.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages one sender has claimed, and until when."""

    claim: int
    until_ms: int
    rows: Sequence[models.Message]


def edge_ref(message: int) -> str:
    """Return by which name a message's disclosure is settled."""
    return f"message:{message}"


def open_claims(*, controller: int, subject: int) -> bool:
    """Return whether a message to this person is being handed over at this moment (asked of the clock, and of no cache)."""
    with scope.controller(controller):
        claimed = models.Message.objects.filter(subject_id=subject, state=State.HANDING_OVER)
        return claimed.filter(claim_until_ms__gt=millis(now())).exists()


def undelivered(*, controller: int, occasion: str, channel: str, subjects: Sequence[int]) -> set[int]:
    """Return those of some people whose message of an occasion ended without being sent, as far as is known."""
    with scope.controller(controller):
        rows = among(models.Message.objects.filter(occasion=occasion, channel=channel), "subject_id", subjects)
        return set(rows.exclude(state__in=[*rules.OPEN, State.SENT]).values_list("subject_id", flat=True))


def claim(*, channel: str, at: datetime, seconds: int, limit: int) -> Batch:
    """
    Claim what is due. The controller is in scope.

    The claim is committed before anybody's choice is read: a withdrawal either commits before that reading and is seen,
    or looks for claims after this commit and waits. Neither needs a lock on the other, on either engine.
    """
    at_ms = millis(at)
    number, until = random_id(), at_ms + seconds * 1000
    with transaction.atomic():
        due = models.Message.objects.filter(channel=channel, state=State.DUE, not_before_ms__lte=at_ms)
        rows = list(due.order_by("not_before_ms", "id").select_for_update(skip_locked=True)[:limit])
        models.Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.HANDING_OVER, claim=number, claim_until_ms=until, attempt=F("attempt") + 1
        )
    return Batch(number, until, rows)


def expire(*, controller: int, at: datetime) -> int:
    """
    Mark what a sender claimed and never told of (it was killed) as unknown, and return how many.

    It may have left. Sending it again could be a second copy; not sending it is an offer missed.
    """
    with transaction.atomic():
        open_rows = models.Message.objects.filter(state=State.HANDING_OVER, claim_until_ms__lt=millis(at))
        lost = list(open_rows.values_list("pk", "subject_id")[: rules.BATCH * 10])
        if lost:
            models.Message.objects.filter(pk__in=[pk for pk, _ in lost], state=State.HANDING_OVER).update(
                state=State.UNKNOWN, code="claim", done_ms=millis(at), **NOTHING_LEFT_TO_SAY
            )
            refs = [edge_ref(pk) for pk, _ in lost]
            disclosures.settle(controller=controller, unknown=refs, by=DISPATCH, at=at)
            _told(controller, [subject for _, subject in lost], {"unknown": len(lost)}, at)
    return len(lost)


def refuse(
    refused: Sequence[tuple[models.Message, str, State]], *, controller: int, claim: int, digest: str, at: datetime
) -> None:
    """End messages that may not or can't leave, with the reason; in the caller's transaction."""
    groups: dict[tuple[str, State], list[models.Message]] = defaultdict(list)
    for row, why, state in refused:
        groups[why, state].append(row)
    for (why, state), rows in groups.items():
        models.Message.objects.filter(pk__in=[row.pk for row in rows], claim=claim).update(
            state=state, why=why, policy_digest=digest, done_ms=millis(at), **NOTHING_LEFT_TO_SAY
        )
        subjects = [row.subject_id for row in rows]
        detail: dict[str, str | int | bool] = {"why": why, "policy": digest}
        audit.write_bulk(Did.MESSAGES_REFUSED, controller=controller, by=DISPATCH, at=at, subjects=subjects, detail=detail)


@transaction.atomic
def settle(
    batch: Batch,
    rows: Sequence[models.Message],
    told: Mapping[int, Handover],
    *,
    named: Mapping[int, Sequence[str]],
    digest: str,
    controller: int,
    at: datetime,
) -> Progress:
    """
    Write down what a sender knows of its messages. Whoever holds the claim knows best, even after it has run out.

    A message the sender did not speak of may have left: unknown.

    :param named: the sources of people's data that messages tell them of, by number: whoever gets one was told
    :param digest: of the policy in whose words
    """
    values = []
    counts: Counter[str] = Counter()
    left: list[models.Message] = []
    edges: dict[str, list[str]] = {"left": [], "unknown": [], "stayed": []}
    for row in rows:
        handover = told.get(row.pk) or Handover(row.pk, Outcome.UNKNOWN, code="silent")
        untried = handover.outcome is Outcome.UNTRIED
        attempt = row.attempt if untried else row.attempt + 1
        state, pause = rules.settle(handover.outcome, attempt)
        done = state in DONE
        given_up = state is State.FAILED and handover.outcome is Outcome.TEMPORARY
        counts["untried" if untried else state] += 1
        if state is State.SENT:
            left.append(row)
        edges[_edge(handover)].append(edge_ref(row.pk))
        values.append(
            (
                state.value,
                attempt,
                millis(at + pause) if pause else row.not_before_ms,
                Stopped.GIVEN_UP.value if given_up else "",
                handover.code[:60],
                handover.reference[:120],
                millis(at) if done else None,
                b"" if done else bytes(row.variables),
                controller,
                row.pk,
                batch.claim,
            )
        )
    table = models.Message._meta.db_table
    with connections[router.db_for_write(models.Message)].cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET state = %s, attempt = %s, not_before_ms = %s, why = %s, code = %s, reference = %s,"
            " done_ms = %s, variables = %s, claim_until_ms = NULL WHERE controller_id = %s AND id = %s AND claim = %s",
            values,
        )
    if named:
        telling.write_down(left, named, controller=controller, digest=digest, by=DISPATCH, at=at)
    if rows:
        disclosures.settle(controller=controller, by=DISPATCH, at=at, **edges)
        _told(controller, [row.subject_id for row in rows], dict(counts), at)
    return Progress(
        sent=counts[State.SENT], again=counts[State.DUE], failed=counts[State.FAILED], unknown=counts[State.UNKNOWN],
        untried=counts["untried"],
    )  # fmt: skip


def _edge(handover: Handover) -> str:
    """Say what an attempt was to the recipient: whoever refuses a message has read whom it is for."""
    if handover.outcome is Outcome.UNKNOWN:
        return "unknown"
    return "left" if handover.named else "stayed"


def _told(controller: int, subjects: Sequence[int], counts: Mapping[str, int], at: datetime) -> None:
    audit.write_bulk(Did.MESSAGES_DONE, controller=controller, by=DISPATCH, at=at, subjects=subjects, detail=dict(counts))
