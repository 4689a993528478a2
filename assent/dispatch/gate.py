"""
The gate out: the question asked again about each message, and the only place where ``Cleared`` is made.

Steps take a batch and return what may go on and what may not, with why.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Did, JournalKind
from assent.dispatch import letters, links, models, rules, telling
from assent.dispatch.contracts import LETTER, Cleared, Handover, Links, NotRendered, Rendered, State, Stopped
from assent.dispatch.outbox import DISPATCH, Batch, edge_ref, refuse
from assent.dispatch.ports import Renderer, Sender
from assent.foundation.clock import millis
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import NOBODY_ELSE, Operation, Why
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import Owed
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

__all__ = [
    "ADDRESS_OF", "Decided", "Ready", "Refused", "bounce", "decide", "make_ready", "send", "variables_label", "write_down",
]  # fmt: skip

log = logging.getLogger(__name__)

# Which identifier a channel writes to. A channel that is not here can't be sent over.
ADDRESS_OF = {"email": Field.EMAIL, "sms": Field.PHONE, "phone": Field.PHONE}

Refused = tuple[models.Message, str, State]


@dataclass(frozen=True, slots=True)
class Decided:
    """A message that may leave: its address with its mark, the basis that allows it, and where the person's data came from."""

    row: models.Message
    address: str
    basis: str
    mark: bytes
    owed: tuple[Owed, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """
    A message in words, cleared to leave; ``token`` is its opt-out, empty where there is none.

    :param named: the sources of the person's data that it tells them of
    """

    row: models.Message
    basis: str
    mark: bytes
    token: str
    cleared: Cleared
    named: tuple[str, ...] = ()


def variables_label(occasion: str) -> str:
    """Return what a message's sealed variables are bound to besides the person."""
    return f"dispatch.variables:{occasion}"


def decide(
    rows: Sequence[models.Message], *, controller: int, sender: Sender, at: datetime
) -> tuple[Compiled | None, list[Decided], list[Refused]]:
    """Ask for all messages at once whether this person may be written to, for this purpose, over this channel, now."""
    try:
        compiled = policy.current(controller=controller)
    except NoPolicy:
        return None, [], [(row, Why.NO_POLICY.value, State.REFUSED) for row in rows]
    field = ADDRESS_OF[sender.channel]
    people = [row.subject_id for row in rows]
    addresses = subjects.addresses(controller=controller, subjects=people, field=field)
    tokens = subjects.address_tokens(controller=controller, field=field, values=[addresses.get(one, "") for one in people])
    purposes = sorted({row.purpose for row in rows})
    trait = compiled.policy.traits.get(field.value)
    outside = sender.recipient != NOBODY_ELSE
    codes = lawfulness.ask_many(
        controller=controller,
        subjects=np.array(people, np.int64),
        purposes=purposes,
        channel=sender.channel,
        operation=Operation.DISCLOSE if outside else Operation.USE,
        at=at,
        data=frozenset({trait.data} if trait else ()),
        recipient=sender.recipient if outside else "",
        tokens=[(token,) if token else () for token in tokens],
    )
    owed = sources.owed(controller=controller, subjects=people)
    verdicts = {int(code): lawfulness.verdict_of(int(code)) for code in np.unique(codes)}
    marks = [
        rules.mark(token, occasion=row.occasion, channel=row.channel) if row.template != LETTER else b""
        for row, token in zip(rows, tokens, strict=True)
    ]
    had = _had_before(marks)
    decided: list[Decided] = []
    refused: list[Refused] = []
    for column, row in enumerate(rows):
        verdict = verdicts[int(codes[purposes.index(row.purpose), column])]
        if not verdict.yes:
            refused.append((row, verdict.why.value, State.REFUSED))
        elif row.subject_id not in addresses:
            refused.append((row, Stopped.NO_ADDRESS.value, State.REFUSED))
        elif marks[column] in had:
            refused.append((row, Stopped.HAD_IT.value, State.REFUSED))
        else:
            found = tuple(owed.get(row.subject_id, ()))
            decided.append(Decided(row, addresses[row.subject_id], str(verdict.basis), marks[column], found))
    return compiled, decided, refused


def _had_before(marks: Sequence[bytes]) -> set[bytes]:
    """Return which of these marks the last restore left: one look-up a batch, in a table that is mostly empty."""
    wanted = [mark for mark in marks if mark]
    return {bytes(mark) for mark in models.HadBefore.objects.filter(mark__in=wanted).values_list("mark", flat=True)}


def make_ready(
    decided: Sequence[Decided], compiled: Compiled, batch: Batch, *, controller: int, renderer: Renderer, at_ms: int
) -> tuple[list[Ready], list[Refused]]:
    """Put allowed messages into words, add the way out, and clear them."""
    key = links.key(controller)
    items = [(one.row.subject_id, variables_label(one.row.occasion), bytes(one.row.variables)) for one in decided]
    opened = subjects.open_many(controller=controller, items=items)
    # The first nine tenths of the claim, counted from when it began.
    deadline_ms = at_ms + int((batch.until_ms - at_ms) * rules.LEAVES_WITHIN)
    shared: dict[tuple[str, str], Links] = {}
    lines = telling.Lines(compiled, controller=controller)
    ready: list[Ready] = []
    refused: list[Refused] = []
    for one, plain in zip(decided, opened, strict=True):
        row = one.row
        if plain is None:
            refused.append((row, Stopped.ERASED.value, State.REFUSED))
            continue
        purpose = compiled.policy.purposes[row.purpose]
        if (row.purpose, row.language) not in shared:
            shared[row.purpose, row.language] = links.links(compiled, purpose, language=row.language)
        added, token = shared[row.purpose, row.language], ""
        if links.offers_way_out(purpose):
            token = rules.token(key, controller=controller, message=row.pk)
            added = links.with_way_out(added, token)
        line, named = lines.of(one.owed, row.language) if one.owed else ("", ())
        if line:
            added = telling.with_line(added, line)
        try:
            rendered = _rendered(row, json.loads(plain), controller=controller, renderer=renderer, added=added)
        except NotRendered:
            refused.append((row, Stopped.NOT_RENDERED.value, State.FAILED))
            continue
        if purpose.direct_marketing and not links.carries(rendered, added):
            refused.append((row, Stopped.NO_WAY_OUT.value, State.FAILED))
            continue
        if line and not telling.tells(rendered, line, added.contact):
            refused.append((row, Stopped.NO_SOURCE.value, State.FAILED))
            continue
        cleared = Cleared(
            id=row.pk,
            controller=controller,
            subject=row.subject_id,
            purpose=row.purpose,
            channel=row.channel,
            language=row.language,
            address=one.address,
            reference=rules.reference(key, controller=controller, message=row.pk),
            rendered=rendered,
            headers=links.headers(added),
            deadline_ms=deadline_ms,
        )
        ready.append(Ready(row, one.basis, one.mark, token, cleared, named))
    return ready, refused


def _rendered(
    row: models.Message, given: Mapping[str, object], *, controller: int, renderer: Renderer, added: Links
) -> Rendered:
    if row.template == LETTER:
        return letters.rendered(given, language=row.language, links=added)
    return renderer.render(controller=controller, template=row.template, language=row.language, variables=given, links=added)


def write_down(
    ready: Sequence[Ready],
    refused: Sequence[Refused],
    batch: Batch,
    *,
    controller: int,
    sender: Sender,
    compiled: Compiled | None,
    at: datetime,
) -> None:
    """Write who is refused and who is about to get something from whom (art. 19), then the journal: now it may leave."""
    digest = compiled.digest if compiled else ""
    trait = compiled.policy.traits.get(ADDRESS_OF[sender.channel].value) if compiled else None
    groups: dict[tuple[str, str], list[models.Message]] = defaultdict(list)
    for one in ready:
        groups[one.row.purpose, one.basis].append(one.row)
    with transaction.atomic():
        refuse(refused, controller=controller, claim=batch.claim, digest=digest, at=at)
        for (purpose, basis), rows in groups.items():
            mine = models.Message.objects.filter(pk__in=[row.pk for row in rows], claim=batch.claim)
            mine.update(policy_digest=digest, basis=basis[:32])
            audit.write_bulk(
                Did.MESSAGES_HANDED_OVER,
                controller=controller,
                by=DISPATCH,
                at=at,
                subjects=[row.subject_id for row in rows],
                purpose=purpose,
                detail={"recipient": sender.recipient, "channel": sender.channel, "basis": basis, "policy": digest},
            )
            if sender.recipient != NOBODY_ELSE:
                disclosures.record(
                    controller=controller, recipient=sender.recipient, way=Way.CONNECTOR, part=sender.channel,
                    subjects=[row.subject_id for row in rows], refs=[edge_ref(row.pk) for row in rows], leaving=True,
                    purpose=purpose, items=[trait.data] if trait else [], by=DISPATCH, at=at,
                )  # fmt: skip
        links.remember([(one.row, one.token) for one in ready if one.token], at_ms=millis(at))
    if ready:
        occasions = list(dict.fromkeys((one.row.occasion, one.row.purpose) for one in ready))
        audit.journal(
            JournalKind.HANDOVER,
            controller=controller,
            subjects=[one.row.subject_id for one in ready],
            at=at,
            detail={
                "messages": ",".join(str(one.row.pk) for one in ready),
                "channel": sender.channel,
                # What makes a second copy impossible is the occasion: a restored copy may know none of these numbers.
                "occasions": json.dumps(occasions),
                "of": ",".join(str(occasions.index((one.row.occasion, one.row.purpose))) for one in ready),
                # And for whom it does not know, the address, hashed for this occasion alone.
                "marks": ",".join(one.mark.hex() for one in ready),
            },
        )


def send(sender: Sender, messages: Sequence[Cleared]) -> dict[int, Handover]:
    """Hand over, outside any transaction, and return what the sender knows of each message."""
    told: dict[int, Handover] = {}
    try:
        for done in sender.hand_over(messages):
            told[done.id] = done
    except Exception:
        # Whatever broke, messages may have left before it did: those without an answer become unknown, not due.
        log.exception("a sender broke off; messages it gave no answer for count as unknown")
    return told


def bounce(told: Mapping[int, Handover], ready: Sequence[Ready], *, controller: int, channel: str, at: datetime) -> None:
    """Write to no address again that its own server says does not exist."""
    field = ADDRESS_OF[channel]
    for one in ready:
        done = told.get(one.row.pk)
        if done and done.address_refused:
            token = subjects.address_token(controller=controller, field=field, value=one.cleared.address)
            suppression.suppress(
                controller=controller,
                kind=Kind.BOUNCE,
                address=(field, token),
                channel=channel,
                reason=done.code,
                by=DISPATCH,
                at=at,
            )
