"""Finding people without opening them: by id, e-mail, phone, or the words of a name and their beginnings."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Exists, OuterRef

from assent.foundation import scope
from assent.foundation.clock import millis
from assent.foundation.columns import Ints
from assent.privacy.subjects import models, people as folk, rows, rules
from assent.privacy.subjects.contracts import BadIdentifier, Field
from assent.privacy.subjects.index import KIND, NAME, Blind
from assent.privacy.subjects.keys import Ring, ring
from assent.privacy.subjects.models import State
from assent.tenancy import api as tenancy

__all__ = ["count", "known_since", "page", "part", "search", "sharing"]

MOST_OPENED = 1_000  # for words longer than the index knows
MOST_WORDS = 8  # nobody is looked for by more; a longer text is no name
MOST_NAMES = 1_000  # that begin alike; a house of a million people has a few dozen for three letters


def search(*, controller: int, text: str, limit: int = 50, after: int = 0) -> list[int]:
    """
    Return the people a text finds, by id, the next page ``after`` the last id of this one.

    The text is a whole id, e-mail or phone, or words of a name: each whole (in any case, with or without diacritics) or its
    first 3 letters or more, all of which must fit.
    """
    with scope.controller(controller):
        keys = ring(controller)
        found = set(_exact(keys, text))
        found.update(_named(keys, rules.search_words(text), limit, after))
        active = models.Subject.objects.filter(id__in=found, id__gt=after, state=State.ACTIVE)
        return list(active.order_by("id").values_list("id", flat=True)[:limit])


def sharing(*, controller: int, field: str, value: str) -> list[int]:
    """Return everybody who has an e-mail or phone number, or an id, by their own id; nobody for what can't be one."""
    kind = Field(field)
    with scope.controller(controller), suppress(BadIdentifier):
        country = tenancy.controller_by_id(id=controller).country
        if normal := rules.normalise(kind, value, country):
            having = models.BlindIndex.objects.filter(
                kind=KIND[kind], token=Blind(ring(controller).indexing).token(KIND[kind], normal)
            )
            active = models.Subject.objects.filter(id__in=having.values("subject_id"), state=State.ACTIVE)
            return list(active.order_by("id").values_list("id", flat=True)[:MOST_OPENED])
    return []


def _exact(keys: Ring, text: str) -> list[int]:
    blind = Blind(keys.indexing)
    found: list[int] = []
    country = tenancy.controller_by_id(id=keys.controller).country
    for field, kind in KIND.items():
        with suppress(BadIdentifier):
            if normal := rules.normalise(field, text, country):
                rows_of_it = models.BlindIndex.objects.filter(kind=kind, token=blind.token(kind, normal))
                found += rows_of_it.values_list("subject_id", flat=True)[: 2 * MOST_OPENED]
    with suppress(ValueError):
        found += models.Subject.objects.filter(public_id=UUID(text.strip())).values_list("id", flat=True)
    return found


def _with_all(keys: Ring, words: Sequence[str], after: int, limit: int) -> list[int]:
    """Return active people who have, for every word, a name that begins with it."""
    blind = Blind(keys.indexing)
    # Names first, as values: nested queries over two indexes leave an engine without statistics to guess, and guess badly.
    names = []
    for word in dict.fromkeys(words):
        starting = models.NameStart.objects.filter(start=blind.word(word)).values_list("word", flat=True)
        names.append([bytes(name) for name in starting[:MOST_NAMES]])
    if not names or not all(names):
        return []
    names.sort(key=len)
    found = models.BlindIndex.objects.filter(kind=NAME, token__in=names[0], subject_id__gt=after)
    for others in names[1:]:
        bearing = models.BlindIndex.objects.filter(kind=NAME, token__in=others)
        found = found.filter(subject_id__in=bearing.values("subject_id"))
    active = models.Subject.objects.filter(id=OuterRef("subject_id"), state=State.ACTIVE)
    people = found.filter(Exists(active)).values_list("subject_id", flat=True)
    return list(people.distinct().order_by("subject_id")[:limit])


def _named(keys: Ring, words: Sequence[str], limit: int, after: int) -> list[int]:
    if not words:
        return []
    words = sorted(words, key=len, reverse=True)[:MOST_WORDS]
    found = _with_all(keys, words, after, limit)
    if found or len(words[0]) <= rules.LONGEST_PREFIX:
        return found
    # A word longer than the index knows may be the beginning of a longer one: find by its first letters, open and compare.
    starts = [word[: rules.LONGEST_PREFIX] for word in words]
    near = _with_all(keys, starts, after, MOST_OPENED)
    for person in folk.load(keys, near).values():
        names = [name for field in rules.NAMES for name in person.values.get(field, ())]
        known = [word for name in names for word in rules.search_words(name)]
        if all(any(word.startswith(wanted) for word in known) for wanted in words):
            found.append(person.id)
    return sorted(found)[:limit]


def page(*, controller: int, limit: int = 50, after: int = 0) -> list[int]:
    """Return people by id (which is random, so in no order that says anything), the next page ``after`` the last."""
    with scope.controller(controller):
        active = models.Subject.objects.filter(id__gt=after, state=State.ACTIVE)
        return list(active.order_by("id").values_list("id", flat=True)[:limit])


def part(*, controller: int, number: int, of: int, limit: int, after: int = 0) -> tuple[Ints, Ints]:
    """
    Return ids of active people, sorted, with the millisecond each became known, of one of ``of`` parts of everybody.

    Parts are those the lake keeps people's rows in, so that a walk over all reads each file once.
    """
    since = "CAST(strftime('%%s', created_at) AS INTEGER)"
    if connection.vendor == "postgresql":
        since = "CAST(extract(epoch FROM created_at) AS BIGINT)"
    with scope.controller(controller), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {since} * 1000 FROM {models.Subject._meta.db_table} "
            "WHERE controller_id = %s AND id > %s AND id %% %s = %s AND state = %s ORDER BY id LIMIT %s",
            (controller, after, of, number, State.ACTIVE.value, limit),
        )
        found = np.array(cursor.fetchall(), np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def known_since(*, controller: int, subjects: Sequence[int]) -> dict[int, int]:
    """Return the millisecond each active person became known; others are left out."""
    found: dict[int, int] = {}
    with scope.controller(controller):
        for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
            active = models.Subject.objects.filter(id__in=portion, state=State.ACTIVE).values_list("id", "created_at")
            found |= {subject: millis(at) for subject, at in active}
    return found


def count(*, controller: int) -> int:
    """Return how many people a controller knows."""
    with scope.controller(controller):
        return models.Subject.objects.count() - models.Subject.objects.exclude(state=State.ACTIVE).count()
