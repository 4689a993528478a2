"""What is noted of a stretch for staff: counts, names of gaps, and messages set aside; with the audit line, once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import crypto, keys
from assent.foundation.clock import from_millis
from assent.ingest import models, positions
from assent.ingest.contracts import GapKind
from assent.ingest.desk import Notes
from assent.ingest.rules import readable_name
from assent.ingest.steps import INGEST

__all__ = ["EFFECT", "KEPT_ASIDE", "note", "opened"]

EFFECT = "tallies"
HOUR_MS = 3_600_000
# Long enough to look into what broke and mend it; an unknown person's message has no claim to be kept longer.
KEPT_ASIDE = timedelta(days=30)
# All gaps a controller keeps: what is noted first is mended first, and a flood of names fills no disk.
MOST_GAPS = 500


def note(notes: Notes, *, upto: Mapping[str, int], people: Iterable[int]) -> None:
    """Write down the counts, gaps and messages set aside of a stretch, unless that was done before a crash."""
    done = positions.get(notes.controller, EFFECT)
    if upto and all(done.get(partition, 0) >= positions.end(seq) for partition, seq in upto.items()):
        return
    with transaction.atomic():
        for (hour, event, reason), count in notes.tally.items():
            _add_tally(notes.controller, hour, event, reason, count)
        _add_gaps(notes)
        _keep_asides(notes)
        subjects = sorted(set(people))
        if subjects:
            audit.write_bulk(Did.EVENTS_ADMITTED, controller=notes.controller, by=INGEST, at=notes.at, subjects=subjects)
        positions.put_end(notes.controller, EFFECT, upto)


def _add_tally(controller: int, hour: int, event: str, reason: str, count: int) -> None:
    key = {"controller_id": controller, "hour": from_millis(hour * HOUR_MS), "event": event, "reason": reason}
    if not models.Tally.objects.filter(**key).update(count=F("count") + count):
        models.Tally.objects.create(**key, count=count)


def _add_gaps(notes: Notes) -> None:
    room = MOST_GAPS - models.Gap.objects.count() if notes.gaps else 0
    found: Counter[tuple[GapKind, str, str]] = Counter()
    for (kind, event, name), count in notes.gaps.items():
        found[kind, event, readable_name(name)] += count
    for (kind, event, name), count in found.items():
        key = {"controller_id": notes.controller, "kind": kind.value, "event": event, "name": name}
        if models.Gap.objects.filter(**key).update(count=F("count") + count, last_at=notes.at):
            continue
        if room > 0:
            models.Gap.objects.create(**key, count=count, first_at=notes.at, last_at=notes.at)
            room -= 1


def _keep_asides(notes: Notes) -> None:
    for aside in notes.asides:
        item = aside.item
        key = crypto.new_key()
        place = f"{notes.controller}:{item.entry.partition}:{item.entry.seq}:{item.place}"
        _, made = models.SetAside.objects.get_or_create(
            controller_id=notes.controller,
            partition=item.entry.partition,
            seq=item.entry.seq,
            place=item.place,
            defaults={
                "subject": item.subject,
                "reason": aside.reason,
                "wrapped_key": keys.master().wrap(key, context=f"aside:{place}".encode()),
                "sealed": crypto.seal(key, bytes(memoryview(item.raw)), context=place.encode()),
                "at": notes.at,
                "until": notes.at + KEPT_ASIDE,
            },
        )
        if made:
            audit.write(
                Did.BATCH_SET_ASIDE,
                controller=notes.controller,
                by=INGEST,
                at=notes.at,
                on=place,
                detail={"reason": aside.reason},
            )


def opened(row: models.SetAside) -> bytes:
    """Return a message set aside, as it was sent: for the person's own copy of their data."""
    place = f"{row.controller_id}:{row.partition}:{row.seq}:{row.place}"
    key = keys.master().unwrap(bytes(row.wrapped_key), context=f"aside:{place}".encode())
    return crypto.open_sealed(key, bytes(row.sealed), context=place.encode())
