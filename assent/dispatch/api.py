"""Dispatch: put messages into the outbox, hand over what may leave, and honour whoever says stop."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import gate, letters, links, models, outbox, ports, rules
from assent.dispatch.contracts import (
    LETTER,
    Letter,
    Links,
    MessageInfo,
    Progress,
    State,
    TokenInfo,
    UndeclaredPurpose,
    UnknownMessage,
    Unsubscribed,
)  # fmt: skip
from assent.dispatch.merging import on_merge
from assent.dispatch.outbox import open_claims, undelivered
from assent.dispatch.restoring import forget_marks, handed_over, mark_unknown
from assent.dispatch.rules import OPEN, ROWS_AT_ONCE
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis, Channel
from assent.privacy.subjects import api as subjects
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

__all__ = [
    "OPEN", "cancel", "enqueue", "forget_marks", "hand_over_once", "handed_over", "hold",
    "mark_unknown", "message", "messages", "on_merge", "open_claims",
    "progress", "release", "sample_links", "tell", "token_info", "undelivered", "unsubscribe",
]  # fmt: skip

NO_TOKEN = "preview"  # noqa: S105 - opens nothing: no token is this short


def enqueue(
    *,
    controller: int,
    occasion: str,
    purpose: str,
    channel: str,
    template: int,
    people: Sequence[tuple[int, Mapping[str, object]]],
    not_before: datetime,
    by: Actor,
    at: datetime,
    idempotency: str = "",
) -> int:
    """
    Put one message per person into the outbox and return how many are new: a person gets an occasion's message once.

    :param occasion: what makes it the same message, like ``campaign:7:1``; with ``idempotency`` the two together
    :param template: the renderer's number for the words
    :param people: subject ids, each with the variables of the template; ``language`` among them picks the words
    :raises UndeclaredPurpose: if the policy has no such purpose on this channel
    :raises NoPolicy: if the controller has published none
    """
    declared = policy.current(controller=controller).policy.purposes.get(purpose)
    if declared is None or channel not in {str(one) for one in declared.channels}:
        text = f"purpose {purpose!r} does not use the channel {channel!r}: declare it in the policy and publish"
        raise UndeclaredPurpose(text)
    like = models.Message(
        controller_id=controller,
        occasion=rules.occasion_key(occasion, idempotency),
        purpose=purpose,
        channel=channel,
        template=template,
        not_before_ms=millis(not_before),
        made_ms=millis(at),
    )
    with scope.controller(controller):
        parts = [dict(people[start : start + ROWS_AT_ONCE]) for start in range(0, len(people), ROWS_AT_ONCE)]
        return sum(_enqueue(like, part, by=by, at=at) for part in parts)


def tell(
    *,
    controller: int,
    occasion: str,
    letters_to: Sequence[tuple[int, Letter]],
    by: Actor,
    at: datetime,
    channel: str = "email",
    purpose: str = "",
) -> int:
    """
    Write to people on the house's own account, once per person and occasion, and return how many letters are new.

    For what the law owes them (an answer, a warning) and what they asked for (a code): no campaign, no template, no consent
    to marketing. The gate asks all the same, at hand-over.

    :param occasion: what makes it the same letter: ``rights:7:received``
    :param letters_to: subject ids, each with the letter in that person's language
    :param purpose: a purpose of the policy; empty for the one that answers people about their rights
    :raises UndeclaredPurpose: if the policy has no such purpose on this channel
    :raises NoPolicy: if the controller has published none
    """
    found = policy.current(controller=controller)
    people = [(subject, letters.variables(letter)) for subject, letter in letters_to]
    return enqueue(
        controller=controller, occasion=occasion, purpose=purpose or found.answering(channel), channel=channel,
        template=LETTER, people=people, not_before=at, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def _enqueue(like: models.Message, people: Mapping[int, Mapping[str, object]], *, by: Actor, at: datetime) -> int:
    controller = like.controller_id
    there = models.Message.objects.filter(occasion=like.occasion, channel=like.channel, subject_id__in=list(people))
    known = set(there.values_list("subject_id", flat=True)) | subjects.erasing(controller=controller, subjects=list(people))
    new = [(subject, dict(variables)) for subject, variables in people.items() if subject not in known]
    if not new:
        return 0
    languages = [str(variables.pop("language", "")) for _, variables in new]
    label = gate.variables_label(like.occasion)
    sealed = subjects.seal_many(
        controller=controller, items=[(subject, label, json.dumps(variables).encode()) for subject, variables in new]
    )
    rows = [
        models.Message(
            controller_id=controller,
            subject_id=subject,
            occasion=like.occasion,
            purpose=like.purpose,
            channel=like.channel,
            template=like.template,
            language=language[:8],
            variables=variables,
            not_before_ms=like.not_before_ms,
            made_ms=like.made_ms,
        )
        for (subject, _), language, variables in zip(new, languages, sealed, strict=True)
    ]
    models.Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
    audit.write_bulk(
        Did.MESSAGES_QUEUED,
        controller=controller,
        by=by,
        at=at,
        subjects=[subject for subject, _ in new],
        on=like.occasion,
        purpose=like.purpose,
    )
    return len(new)


def hand_over_once(*, controller: int, sender: ports.Sender, at: datetime, limit: int = rules.BATCH) -> Progress:
    """
    Hand over one batch of what is due on the sender's channel, and say what became of it.

    Claim, ask, put into words, write down, send, write down again. Nothing leaves inside a transaction, and nothing
    leaves that the book and the journal do not know of before. Any number of workers may do this at once.

    :param at: now; the claim ends ``ASSENT_SEND_TIMEOUT`` seconds after it
    :raises NotWired: if no renderer stands behind the port
    """
    renderer = ports.renderer()
    with scope.controller(controller):
        lost = outbox.expire(controller=controller, at=at)
        batch = outbox.claim(channel=sender.channel, at=at, seconds=settings.ASSENT_SEND_TIMEOUT, limit=limit)
        if not batch.rows:
            return Progress(unknown=lost)
        compiled, decided, refused = gate.decide(batch.rows, controller=controller, sender=sender, at=at)
        ready: list[gate.Ready] = []
        if compiled is not None and decided:
            ready, broken = gate.make_ready(
                decided, compiled, batch, controller=controller, renderer=renderer, at_ms=millis(at)
            )
            refused += broken
        gate.write_down(ready, refused, batch, controller=controller, sender=sender, compiled=compiled, at=at)
        done = Progress()
        if ready:
            told = gate.send(sender, [one.cleared for one in ready])
            named = {one.row.pk: one.named for one in ready if one.named}
            digest = compiled.digest if compiled else ""
            rows = [one.row for one in ready]
            done = outbox.settle(batch, rows, told, named=named, digest=digest, controller=controller, at=at)
            gate.bounce(told, ready, controller=controller, channel=sender.channel, at=at)
    ended = Counter(state for _, _, state in refused)
    return replace(
        done,
        claimed=len(batch.rows),
        refused=ended[State.REFUSED],
        failed=done.failed + ended[State.FAILED],
        unknown=done.unknown + lost,
    )


def cancel(*, controller: int, occasion: str, by: Actor, at: datetime) -> int:
    """Cancel what is still to go of an occasion and return how many messages that were."""
    changes = {"state": State.CANCELLED, "done_ms": millis(at), **outbox.NOTHING_LEFT_TO_SAY}
    return _turn(
        {State.DUE, State.HELD}, changes, Did.MESSAGES_CANCELLED, controller=controller, occasion=occasion, by=by, at=at
    )


def hold(*, controller: int, occasion: str, by: Actor, at: datetime) -> int:
    """Put off what is due of an occasion until :func:`release`, and return how many messages that were."""
    changes = {"state": State.HELD}
    return _turn({State.DUE}, changes, Did.MESSAGES_HELD, controller=controller, occasion=occasion, by=by, at=at)


def release(*, controller: int, occasion: str, by: Actor, at: datetime) -> int:
    """Make due again what was held of an occasion, and return how many messages that were."""
    changes = {"state": State.DUE}
    return _turn({State.HELD}, changes, Did.MESSAGES_RELEASED, controller=controller, occasion=occasion, by=by, at=at)


def _turn(
    before: set[State],
    changes: Mapping[str, object],
    did: Did,
    *,
    controller: int,
    occasion: str,
    by: Actor,
    at: datetime,
) -> int:
    """Change an occasion's messages in short transactions. One that is claimed at this moment stays with its sender."""
    turned = 0
    with scope.controller(controller):
        while True:
            with transaction.atomic():
                rows = models.Message.objects.filter(occasion=occasion, state__in=before).select_for_update(skip_locked=True)
                part = list(rows.values_list("pk", "subject_id")[:ROWS_AT_ONCE])
                if not part:
                    return turned
                models.Message.objects.filter(pk__in=[pk for pk, _ in part], state__in=before).update(**changes)
                who = [subject for _, subject in part]
                audit.write_bulk(did, controller=controller, by=by, at=at, subjects=who, on=occasion)
            turned += len(part)


def progress(*, controller: int, occasion: str) -> dict[State, int]:
    """Return how many messages of an occasion are in each state; states with none are there with 0."""
    with scope.controller(controller):
        rows = models.Message.objects.filter(occasion=occasion).values_list("state").annotate(n=Count("*"))
        counted = dict(rows)
    return {state: counted.get(state.value, 0) for state in State}


def message(*, controller: int, id: int) -> MessageInfo:  # noqa: A002 - the word others use
    """
    Return one message, explained.

    :raises UnknownMessage: if the controller has none with this number
    """
    with scope.controller(controller):
        row = models.Message.objects.filter(pk=id).defer("variables").first()
    if row is None:
        text = f"this controller has no message {id}"
        raise UnknownMessage(text)
    return _info(row)


def messages(*, controller: int, subject: int, limit: int = 50, before: datetime | None = None) -> list[MessageInfo]:
    """Return a person's messages, newest first."""
    with scope.controller(controller):
        rows = models.Message.objects.filter(subject_id=subject).defer("variables")
        if before is not None:
            rows = rows.filter(made_ms__lt=millis(before))
        return [_info(row) for row in rows.order_by("-made_ms", "-pk")[:limit]]


def _info(row: models.Message) -> MessageInfo:
    return MessageInfo(
        id=row.pk,
        subject=row.subject_id,
        occasion=row.occasion,
        purpose=row.purpose,
        channel=row.channel,
        language=row.language,
        template=row.template,
        state=State(row.state),
        why=row.why,
        code=row.code,
        reference=row.reference,
        attempt=row.attempt,
        basis=row.basis,
        policy_digest=row.policy_digest,
        made_at=from_millis(row.made_ms),
        not_before=from_millis(row.not_before_ms),
        done_at=None if row.done_ms is None else from_millis(row.done_ms),
    )


def sample_links(*, controller: int, purpose: str, language: str) -> Links:
    """Return what a message for a purpose would carry, with a link that leads nowhere, for previews."""
    compiled = policy.current(controller=controller)
    declared = compiled.policy.purposes.get(purpose)
    if declared is None:
        return Links()
    shared = links.links(compiled, declared, language=language)
    return links.with_way_out(shared, NO_TOKEN) if links.offers_way_out(declared) else shared


def token_info(*, token: str) -> TokenInfo:
    """
    Return what an opt-out token stands for.

    :raises UnknownToken: if it is none of ours, or its person was erased
    """
    return links.look_up(token)


def unsubscribe(*, token: str, by: Actor, at: datetime, method: Method = Method.ONE_CLICK) -> Unsubscribed:
    """
    End the messages a token stands for, and return when nothing for the person is on its way any more.

    Consent is withdrawn (art. 7(3)); where the basis is another, the person's objection stops it (art. 21(2)).
    Committed first, acknowledged after: at the latest when the send time-out has passed.

    :raises UnknownToken: if the token is none of ours
    """
    found = links.look_up(token)
    purpose = policy.current(controller=found.controller).policy.purposes.get(found.purpose)
    if purpose is not None and purpose.basis is Basis.CONSENT:
        channel = found.channel if purpose.per_channel_choice else "any"
        consent.withdraw(
            controller=found.controller, subject=found.subject, purpose=found.purpose, channel=channel, method=method,
            source=f"message:{found.message}", by=by, at=at,
        )  # fmt: skip
    else:
        suppression.suppress(
            controller=found.controller, kind=Kind.UNSUBSCRIBE, subject=found.subject, purpose=found.purpose,
            channel=Channel(found.channel).value, reason=f"message:{found.message}", by=by, at=at,
        )  # fmt: skip
    acknowledged = suppression.acknowledge(
        controller=found.controller, subject=found.subject, at=at, timeout=float(settings.ASSENT_SEND_TIMEOUT)
    )
    return Unsubscribed(found, acknowledged)
