"""Two people turn out to be one."""

import base64
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from msgspec.msgpack import decode, encode

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.foundation import crypto, scope
from assent.foundation.crypto import CannotOpen
from assent.foundation.personal import NotYet
from assent.privacy.subjects import erasure, models, people as folk, ports, rows
from assent.privacy.subjects.contracts import Field, NotActive, UnknownSubject
from assent.privacy.subjects.index import Blind
from assent.privacy.subjects.keys import Ring, ring
from assent.privacy.subjects.models import State
from assent.privacy.subjects.rules import LOOKED_UP
from assent.privacy.subjects.upsert import note

__all__ = ["finish_merges_of", "merge", "sweep_merges"]


def merge(*, controller: int, into: int, other: int, by: Actor, at: datetime, moved: bytes = b"") -> None:
    """
    Make one person of two: ``into`` stays and gains what ``other`` had, ``other`` and its key go.

    Ids, e-mail and phone of both stay known; of everything else ``into`` keeps its own value where it has one. What other
    rooms hold follows through ``ports.on_merge``, the stricter state winning there.

    In this order, so that a crash at any point is finished by ``sweep_merges``: nothing more may be done with ``other``;
    the rooms move their rows (stops and choices reach ``into`` before any address does); the identifiers move; the rooms
    look once more for what came in meanwhile; ``other`` is deleted.

    :param moved: on a restored copy, what the journal says the other was known by; used where their own key is gone
    :raises UnknownSubject: if either is unknown
    :raises NotActive: if either is being erased, or part of another merge
    :raises NotYet: if a room can't move its rows now; the merge is finished by ``sweep_merges``
    """
    if into == other:
        return
    with scope.controller(controller):
        finish_merges_of(controller, [into, other], at=at)
        with transaction.atomic():
            rows.take_turn(controller)
            states = dict(models.Subject.objects.filter(id__in=[into, other]).values_list("id", "state"))
            if len(states) < 2:
                raise UnknownSubject("one of the two people is not known here")
            if set(states.values()) != {State.ACTIVE}:
                raise NotActive("one of the two people is being erased or merged: try again when that is done")
            models.Subject.objects.filter(id=other).update(state=State.MERGING)
            row = models.Merging.objects.create(
                controller_id=controller, into_id=into, other_id=other, by=str(by), begun_at=at,
                moved=_carried(controller, into, other) or moved,
            )  # fmt: skip
            note(Did.SUBJECTS_MERGED, controller, [into, other], by=by, at=at)
            told = {"moved": base64.b64encode(row.moved).decode()}
            audit.journal(JournalKind.MERGE, controller=controller, subjects=[into, other], at=at, detail=told)
        _finish(row, at=at)


def sweep_merges(*, controller: int, at: datetime) -> int:
    """Finish merges that were interrupted and return how many; called by the worker."""
    finished = 0
    with scope.controller(controller):
        for row in models.Merging.objects.order_by("id")[: rows.MOST_PER_QUERY]:
            try:
                _finish(row, at=at)
            except NotYet:
                continue
            finished += 1
    return finished


def finish_merges_of(controller: int, subjects: list[int], *, at: datetime) -> None:
    """
    Finish the merges these people are part of, as an erasure must before it begins.

    :raises NotYet: if a room can't move its rows now
    """
    for row in models.Merging.objects.filter(controller_id=controller).order_by("id"):
        if row.into_id in subjects or row.other_id in subjects:
            _finish(row, at=at)


def _finish(row: models.Merging, *, at: datetime) -> None:
    kind, _, number = row.by.partition(":")
    by = Actor(kind, number)

    def move_rows() -> None:
        for hook in ports.merge_hooks():
            hook(controller=row.controller_id, into=row.into_id, other=row.other_id, by=by, at=at)

    move_rows()
    _move_identifiers(row, at=at)
    move_rows()
    # The key before the row that says there is still something to do.
    erasure.destroy(row.controller_id, [row.other_id])
    with transaction.atomic():
        models.Subject.objects.filter(id=row.other_id)._raw_delete("default")
        row.delete()


@transaction.atomic
def _move_identifiers(row: models.Merging, *, at: datetime) -> None:
    rows.take_turn(row.controller_id)
    keys = ring(row.controller_id)
    both = folk.load(keys, [row.into_id, row.other_id])
    into, other = both[row.into_id], both[row.other_id]
    blind = Blind(keys.indexing)
    # First, since an id may be one person's only.
    if other.key:
        moved, other.values = other.values, {}
        folk.save(keys, blind, [other], at=at)
    else:
        moved = _opened(keys, row)
        models.BlindIndex.objects.filter(controller_id=row.controller_id, subject_id=row.other_id)._raw_delete("default")
    for field, values in moved.items():
        known = into.values.get(field, [])
        if field in LOOKED_UP:
            into.values[field] = [*known, *(value for value in values if value not in known)]
        elif not known:
            into.values[field] = values
    folk.save(keys, blind, [into], at=at)


def _label(other: int) -> str:
    return f"merged/{other}"


def _carried(controller: int, into: int, other: int) -> bytes:
    """Seal what the other is known by under the key of who stays; nothing if either key is gone."""
    found = folk.load(ring(controller), [into, other])
    key, values = found[into].key, found[other].values
    if not key or not values:
        return b""
    plain = encode({folk.NUMBER_OF[field]: texts for field, texts in values.items()})
    return crypto.seal(key, plain, context=folk.context(controller, into, _label(other)))


def _opened(keys: Ring, row: models.Merging) -> dict[Field, list[str]]:
    key = keys.of([row.into_id]).get(row.into_id)
    if not key or not row.moved:
        return {}
    with suppress(CannotOpen):
        context = folk.context(row.controller_id, row.into_id, _label(row.other_id))
        packed = decode(crypto.open_sealed(key, bytes(row.moved), context=context), type=dict[int, list[str]])
        return {folk.FIELD_OF[number]: texts for number, texts in packed.items()}
    return {}
