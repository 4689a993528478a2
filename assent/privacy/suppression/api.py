"""Suppression: write down who must not be addressed, and say so. It beats every basis."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from django.db import IntegrityError, connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import columns as columnar, scope
from assent.foundation.among import clause
from assent.foundation.clock import from_millis, millis
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import CHANNEL_CODES
from assent.privacy.subjects import api as people
from assent.privacy.suppression import journaled, models, ports, rules
from assent.privacy.suppression.contracts import (
    ALL,
    BITS,
    BadSuppression,
    CannotLift,
    Kind,
    Suppression,
    UnknownSuppression,
)
from assent.privacy.suppression.rules import ANY, Rows, apply, merge

__all__ = [
    "acknowledge",
    "active",
    "apply",
    "changed_since",
    "columns",
    "columns_for",
    "history",
    "keep_no",
    "lift",
    "merge",
    "on_merge",
    "rows_for",
    "rows_of_addresses",
    "stop_again",
    "stopped_addresses",
    "suppress",
]

MOST_PER_QUERY = 1_000
COLUMNS = ("subject", "purpose", "channel", "bit", "at_ms")

# How often the acknowledgement looks again: at once in the usual case, seldom when a provider hangs.
FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.05


@transaction.atomic
def suppress(
    *,
    controller: int,
    kind: Kind,
    by: Actor,
    at: datetime,
    subject: int | None = None,
    address: tuple[str, bytes] | None = None,
    purpose: str = ALL,
    channel: str = ANY,
    reason: str = "",
) -> int:
    """
    Stop something for a person, or for an address whoever has it, and return the stop's number.

    An address is named by its field and its keyed hash (`subjects.api.address_token`). A reason is a code; anything that
    could be a person's words is not kept.

    :raises BadSuppression: if it says neither whom nor what it is about
    """
    kind = Kind(kind)
    field, token = (str(address[0]), address[1]) if address else ("", None)
    codes = policy.purpose_codes(controller=controller)
    if why := rules.fault(
        kind=kind, about_person=subject is not None, field=field, purpose=purpose, channel=channel, purposes=set(codes)
    ):
        raise BadSuppression(why)
    with scope.controller(controller):
        row = models.Suppression.objects.create(
            controller_id=controller,
            kind=kind.value,
            subject=subject,
            field=field,
            token=token,
            purpose=purpose,
            channel=channel,
            reason=rules.clean_reason(reason),
            at_ms=millis(at),
            by=str(by),
        )
        _stop([row], controller=controller, codes=codes)
        audit.write(
            Did.SUPPRESSED,
            controller=controller,
            by=by,
            at=at,
            about=subject,
            on=str(row.pk),
            purpose=purpose,
            detail={"kind": kind.value, "channel": channel, "scope": field or "person", "reason": row.reason},
        )
        hashed = _hashed(controller, row) if subject is not None and _lasts(row.kind) else {}
        journaled.write(row, controller=controller, at=at, codes=codes, lifted=False, addresses=hashed)
    return int(row.pk)


def _lasts(kind: str) -> bool:
    """Say whether a stop holds for the address, too, once nobody is there whom it could hold for."""
    return Kind(kind).own_word or Kind(kind) is Kind.LEGAL_STOP


def _hashed(controller: int, row: models.Suppression) -> dict[str, bytes]:
    """Return the keyed hashes of the addresses of a stop's person that the stop bears on, by field."""
    found: dict[str, bytes] = {}
    for field, channels in rules.CHANNEL_OF_FIELD.items():
        if row.channel in {ANY, *channels}:
            values = people.addresses(controller=controller, subjects=[row.subject or 0], field=field)
            tokens = people.address_tokens(controller=controller, field=field, values=list(values.values()))
            found |= {field: token} if (token := next(iter(tokens), b"")) else {}
    return found


@transaction.atomic
def lift(*, controller: int, suppression: int, reason: str, by: Actor, at: datetime) -> None:
    """
    End a restriction, a bounce or a legal stop. The person is told before a restriction ends (art. 18(3)).

    :raises CannotLift: if it is the person's own no, if no reason is given, or if it has ended before
    :raises UnknownSuppression: if there is no such stop
    """
    with scope.controller(controller):
        row = models.Suppression.objects.filter(pk=suppression).first()
        if row is None:
            message = f"there is no stop {suppression}: `active` lists those of a person"
            raise UnknownSuppression(message)
        if Kind(row.kind).own_word:
            message = f"a person's {row.kind} is not ours to lift: only their own later explicit consent overtakes it"
            raise CannotLift(message)
        if not reason.strip():
            message = "say why the stop ends: the reason is what shows later that it was right"
            raise CannotLift(message)
        try:
            with transaction.atomic():
                models.Lift.objects.create(
                    controller_id=controller,
                    suppression=row,
                    reason=rules.clean_reason(reason),
                    at_ms=millis(at),
                    by=str(by),
                )
        except IntegrityError:
            message = f"stop {suppression} has ended before"
            raise CannotLift(message) from None
        models.Stop.objects.filter(suppression=row.pk).delete()
        detail = {"kind": row.kind, "reason": rules.clean_reason(reason)}
        audit.write(
            Did.SUPPRESSION_LIFTED, controller=controller, by=by, at=at, about=row.subject, on=str(row.pk), detail=detail
        )
        journaled.write(row, controller=controller, at=at, codes=policy.purpose_codes(controller=controller), lifted=True)


@transaction.atomic
def stop_again(*, controller: int, subject: int, detail: Mapping[str, object], by: Actor, at: datetime) -> str:
    """
    Do on a restored copy what a line of the journal says of a stop: ``made``, ``lifted``, or empty if the copy knew it.

    The no of somebody whom the copy does not know holds for their addresses.

    :param at: when it was made or lifted
    :raises ValueError: if the line can't be understood
    """
    purposes = {code: purpose for purpose, code in policy.purpose_codes(controller=controller).items()}
    said = journaled.read(subject, detail, purposes=purposes)
    if said is None:
        return ""
    field, token = said.address or ("", None)
    with scope.controller(controller):
        same = models.Suppression.objects.filter(
            kind=said.kind.value, subject=said.subject, field=field, token=token, purpose=said.purpose, channel=said.channel
        )
        if said.lifted:
            standing = models.Stop.objects.filter(suppression__in=list(same.values_list("pk", flat=True)))
            open_ = list(standing.filter(at_ms__lte=millis(at)).values_list("suppression", flat=True).distinct())
            for number in open_:
                lift(controller=controller, suppression=number, reason="restored", by=by, at=at)
            return "lifted" if open_ else ""
        if same.filter(at_ms__gte=millis(at)).exists():
            return ""
        if said.subject and not people.public_ids(controller=controller, subjects=[said.subject]):
            return _stop_addresses(said, controller=controller, by=by, at=at)
        suppress(
            controller=controller, kind=said.kind, subject=said.subject, address=said.address, purpose=said.purpose,
            channel=said.channel, reason="restored", by=by, at=at,
        )  # fmt: skip
    return "made"


def _stop_addresses(said: journaled.Said, *, controller: int, by: Actor, at: datetime) -> str:
    """Let the no of a person whom the copy does not know hold for their addresses: they may be added again."""
    word = ""
    for field, token in said.addresses:
        same = models.Suppression.objects.filter(
            kind=said.kind.value, field=field, token=token, purpose=said.purpose, channel=said.channel
        )
        if not same.filter(at_ms__gte=millis(at)).exists():
            suppress(
                controller=controller, kind=said.kind, address=(field, token), purpose=said.purpose, channel=said.channel,
                reason="restored", by=by, at=at,
            )  # fmt: skip
            word = "made"
    return word


def acknowledge(*, controller: int, subject: int, at: datetime, timeout: float = 10.0) -> bool:
    """
    Return when nothing to the person is on its way any more: True, or False if something still was after ``timeout`` seconds.

    Called after the withdrawal or the stop has been committed: from then on nothing new is claimed, so what was claimed
    before only has to end. A claim lives at most the send time-out, which is the longest this waits.
    """
    del at  # the wait is measured by a clock that nobody can set
    ends, pause = time.monotonic() + timeout, FIRST_PAUSE
    while ports.open_claims(controller=controller, subject=subject):
        if time.monotonic() >= ends:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return True


def active(*, controller: int, subject: int, tokens: Sequence[bytes] = ()) -> list[Suppression]:
    """Return the stops that hold for a person, or for one of the addresses with these hashes, oldest first."""
    with scope.controller(controller):
        mine = models.Stop.objects.filter(subject=subject)
        if tokens:
            mine = mine | models.Stop.objects.filter(subject=0, token__in=list(tokens))
        numbers = list(mine.values_list("suppression", flat=True))
        return [_contract(row) for row in models.Suppression.objects.filter(pk__in=numbers).order_by("at_ms", "id")]


def changed_since(*, controller: int, suppression: int, limit: int) -> list[tuple[int, int]]:
    """Return stops about people made after a number, each with whom it is about, in order."""
    with scope.controller(controller):
        rows = models.Suppression.objects.filter(id__gt=suppression, subject__isnull=False).order_by("id")
        return list(rows.values_list("id", "subject")[:limit])


def history(*, controller: int, subject: int) -> list[Suppression]:
    """Return every stop a person ever had, ended ones with when and why, oldest first."""
    with scope.controller(controller):
        rows = models.Suppression.objects.filter(subject=subject).order_by("at_ms", "id")
        ends = {end.suppression_id: end for end in models.Lift.objects.filter(suppression__in=list(rows))}
        return [_contract(row, ends.get(row.pk)) for row in rows]


def columns(*, controller: int, purpose: str, channel: str) -> pa.Table:
    """
    Return ``subject, bits, objected_ms, restricted_ms, unsubscribed_ms`` of all whom a stop meets there.

    Stops by address are not in it: who has the address is known only at hand-over (see :func:`rows_of_addresses`).
    """
    code = policy.purpose_codes(controller=controller).get(purpose, rules.ALL_CODE)
    with scope.controller(controller):
        found = columnar.read(
            using="default",
            numbers={"subject": "subject", "bit": "bit", "at_ms": "at_ms"},
            rows=f"FROM {models.Stop._meta.db_table} WHERE controller_id = %s AND purpose IN (%s, %s) "
            "AND channel IN (%s, %s) AND subject > 0",
            values=(controller, code, rules.ALL_CODE, CHANNEL_CODES[channel], CHANNEL_CODES[ANY]),
        )
    return pa.table(merge(found))


def columns_for(*, controller: int, subjects: Sequence[int], tokens: Sequence[bytes] = ()) -> pa.Table:
    """Return ``subject, purpose, channel, bit, at_ms`` of the stops of some people; of addresses with subject 0."""
    found = rows_for(controller=controller, subjects=subjects)
    if tokens:
        _, of_addresses = rows_of_addresses(controller=controller, tokens=tokens)
        found = {name: np.concatenate([found[name], of_addresses[name]]) for name in COLUMNS}
    return pa.table(found)


def rows_for(*, controller: int, subjects: Sequence[int]) -> Rows:
    """Return ``subject, purpose, channel, bit, at_ms`` of the stops of some people."""
    them, people = clause(subject for subject in subjects if subject)
    with scope.controller(controller), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM {models.Stop._meta.db_table} WHERE controller_id = %s AND subject {them}",
            (controller, people),
        )
        return _arrays(cursor.fetchall())


def rows_of_addresses(*, controller: int, tokens: Sequence[bytes]) -> tuple[list[bytes], Rows]:
    """Return the stops of addresses with these hashes: the hashes found, and rows aligned with them."""
    found: list[tuple[int, ...]] = []
    whose: list[bytes] = []
    with scope.controller(controller):
        for start in range(0, len(tokens), MOST_PER_QUERY):
            some = models.Stop.objects.filter(token__in=list(tokens[start : start + MOST_PER_QUERY]), subject=0)
            for *row, token in some.values_list(*COLUMNS, "token"):
                found.append(tuple(row))
                whose.append(bytes(token))
    return whose, _arrays(found)


def stopped_addresses(*, controller: int, field: str, tokens: Sequence[bytes]) -> set[bytes]:
    """
    Return the hashes of addresses to which nothing at all may be sent: bounced, or under a legal stop.

    A no said for an address (objection, unsubscribe, complaint) depends on the purpose: the question answers it, asked
    with the address's hash.
    """
    channels = [CHANNEL_CODES[channel] for channel in (ANY, *sorted(rules.CHANNEL_OF_FIELD[str(field)]))]
    whose, rows = rows_of_addresses(controller=controller, tokens=tokens)
    stops = (rows["bit"] & (BITS[Kind.BOUNCE] | BITS[Kind.LEGAL_STOP])) != 0
    stops &= np.isin(rows["channel"], channels)
    return {token for token, stopped in zip(whose, stops, strict=True) if stopped}


@transaction.atomic
def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """Let every stop of ``other`` hold for ``into`` too, since the moment it was made. A second call finds nothing to do."""
    del at
    with scope.controller(controller):
        stops = models.Stop.objects.filter(subject=other)
        rows = list(models.Suppression.objects.filter(pk__in=list(stops.values_list("suppression", flat=True))).order_by("id"))
        for row in rows:
            row.copied_from, row.pk, row.subject, row.by = row.pk, None, into, str(by)
        models.Suppression.objects.bulk_create(rows)
        _stop(rows, controller=controller, codes=policy.purpose_codes(controller=controller))
        stops.delete()


def keep_no(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> int:
    """
    Repeat people's own no, and legal stops, for the addresses they have, and return how many were new.

    Called before an erasure begins, while the addresses still open: whoever brings the same address back from an old list
    must not start again where the person said no. A second call finds nothing to do.
    """
    made = 0
    with scope.controller(controller), transaction.atomic():
        stops = models.Stop.objects.filter(subject__in=list(subjects)).values_list("suppression", flat=True)
        lasting = [kind.value for kind in Kind if _lasts(kind.value)]
        rows = list(models.Suppression.objects.filter(pk__in=list(stops), kind__in=lasting).order_by("id"))
        whose = sorted({row.subject for row in rows if row.subject})
        for field, channels in rules.CHANNEL_OF_FIELD.items() if whose else ():
            values = people.addresses(controller=controller, subjects=whose, field=field)
            tokens = people.address_tokens(controller=controller, field=field, values=list(values.values()))
            token_of = dict(zip(values, tokens, strict=True))
            for row in rows:
                token = token_of.get(row.subject or 0)
                if token and row.channel in {ANY, *channels} and not _known(row, token):
                    suppress(
                        controller=controller, kind=Kind(row.kind), address=(field, token), purpose=row.purpose,
                        channel=row.channel, reason="kept after erasure", by=by, at=min(at, from_millis(row.at_ms)),
                    )  # fmt: skip
                    made += 1
    return made


def _known(row: models.Suppression, token: bytes) -> bool:
    same = models.Suppression.objects.filter(kind=row.kind, token=token, purpose=row.purpose, channel=row.channel)
    return bool(same.filter(at_ms__gte=row.at_ms).exists())


def _stop(rows: Sequence[models.Suppression], *, controller: int, codes: dict[str, int]) -> None:
    models.Stop.objects.bulk_create(
        models.Stop(
            suppression=row.pk,
            controller_id=controller,
            purpose=rules.ALL_CODE if row.purpose == ALL else codes[row.purpose],
            channel=CHANNEL_CODES[row.channel],
            subject=row.subject or 0,
            token=row.token,
            bit=BITS[Kind(row.kind)],
            at_ms=row.at_ms,
        )
        for row in rows
    )


def _arrays(found: Sequence[tuple[int, ...]]) -> Rows:
    values = np.array(found, np.int64).reshape(len(found), len(COLUMNS))
    return {name: values[:, place] for place, name in enumerate(COLUMNS)}


def _contract(row: models.Suppression, end: models.Lift | None = None) -> Suppression:
    return Suppression(
        id=row.pk,
        kind=Kind(row.kind),
        subject=row.subject,
        field=row.field,
        token=None if row.token is None else bytes(row.token),
        purpose=row.purpose,
        channel=row.channel,
        reason=row.reason,
        at=from_millis(row.at_ms),
        by=row.by,
        lifted_at=from_millis(end.at_ms) if end else None,
        lifted_because=end.reason if end else "",
    )
