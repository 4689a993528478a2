"""
Whom the lines are about: the ids behind the one line that bulk work writes.

The line itself holds how many people and a digest of who, and is chained. The ids lie beside it, eight bytes a person, so that
the people a leaked key read can be named exactly; whoever alters them no longer fits the digest in the chain.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from assent.audit import models
from assent.audit.contracts import Actor, Concerned, Watched
from assent.audit.rules import people_digest
from assent.foundation import columns
from assent.foundation.clock import millis

__all__ = ["concerned", "keep", "watched"]

# Whoever can be taken over: a key is stolen, a colleague's password guessed. What the system itself does to millions
# follows from its own tables, and ids of all that would be most of the book.
NAMED = frozenset({"key", "staff"})
AS_KEPT = np.dtype("<i8")


def keep(line: int, *, controller: int | None, by: Actor, subjects: Sequence[int]) -> None:
    """Keep the ids of a bulk line of a key or a member of staff, in the transaction that writes the line."""
    if by.kind in NAMED and controller is not None:
        ids = np.array(sorted(subjects), AS_KEPT).tobytes()
        models.Whom.objects.create(line=line, controller_id=controller, subjects=ids)


def concerned(*, controller: int, by: Sequence[str], did: Sequence[str], since: datetime, until: datetime) -> list[Concerned]:
    """
    Return whom the lines of some doers are about, one answer for each word that was found.

    :param by: as lines name them: ``key:7``, ``staff:3``; empty for every key and member of staff
    :param did: words of :class:`Did`
    :param until: the first moment that no longer counts
    """
    found = []
    for word in did:
        singly = _singly(controller, by, word, since, until)
        bulk = _in_bulk(controller, by, word, since, until)
        if len(singly) or bulk.lines:
            people = np.unique(np.concatenate([singly, bulk.subjects]))
            found.append(Concerned(word, len(singly) + bulk.lines, people, bulk.unnamed, bulk.altered))
    return found


def _singly(controller: int, by: Sequence[str], word: str, since: datetime, until: datetime) -> columns.Ints:
    doers = f'"by" IN ({", ".join(["%s"] * len(by))})' if by else "(\"by\" LIKE 'key:%%' OR \"by\" LIKE 'staff:%%')"
    within = "controller_id = %s AND at_ms >= %s AND at_ms < %s AND did = %s AND about IS NOT NULL"
    where = f"FROM audit_line WHERE {within} AND {doers}"
    values = [controller, millis(since), millis(until), word, *by]
    return columns.read(using="default", numbers={"about": "about"}, rows=where, values=values)["about"]


def _in_bulk(controller: int, by: Sequence[str], word: str, since: datetime, until: datetime) -> Concerned:
    rows = models.Line.objects.filter(
        controller_id=controller, at_ms__gte=millis(since), at_ms__lt=millis(until), did=word, about__isnull=True
    )
    if by:
        rows = rows.filter(by__in=list(by))
    parts, lines, unnamed, altered = [np.empty(0, AS_KEPT)], 0, 0, 0
    found = list(rows.values_list("id", "by", "detail"))
    for start in range(0, len(found), 500):
        portion = [row for row in found[start : start + 500] if by or row[1].partition(":")[0] in NAMED]
        kept = dict(models.Whom.objects.filter(line__in=[line for line, _, _ in portion]).values_list("line", "subjects"))
        for line, _, detail in portion:
            said = json.loads(detail)
            if "people" not in said:
                continue
            lines += 1
            ids = np.frombuffer(bytes(kept[line]), AS_KEPT) if line in kept else None
            if ids is None:
                unnamed += int(said["people"])
            elif people_digest(ids.tolist()) != said["digest"]:
                altered += 1
            else:
                parts.append(ids)
    return Concerned(word, lines, np.concatenate(parts), unnamed, altered)


def watched(*, after: int, did: Sequence[str], limit: int) -> tuple[list[Watched], int]:
    """
    Return lines of some words, of every controller, among the ``limit`` sealed ones that follow a number; and the last number.

    By number and not by id: a line gets its number when it is visible, so nothing slips in behind a place already passed.
    """
    sealed = models.Line.objects.filter(number__gt=after, number__lte=after + limit)
    last = sealed.order_by("-number").values_list("number", flat=True).first()
    rows = sealed.filter(did__in=list(did), controller_id__isnull=False).order_by("number")
    found = [
        Watched(word, int(controller or 0), by, on, at_ms, int(json.loads(detail).get("people", 1)) if about is None else 1)
        for word, controller, by, on, at_ms, about, detail in rows.values_list(
            "did", "controller_id", "by", "on", "at_ms", "about", "detail"
        ).iterator(chunk_size=2_000)
    ]
    return found, last or after
