"""
The end of a person here: key, sealed values, index entries, and last of all the pseudonymous id.

What ids, e-mail and phone hash to stays until the very end: events of the person that are still on their way in must be
recognised as theirs and refused, not taken for somebody new.
"""

from collections.abc import Sequence

from django.db import transaction

from assent.privacy.subjects import models, rows
from assent.privacy.subjects.index import NAME, unlearn
from assent.privacy.subjects.keys import ring
from assent.privacy.subjects.models import State

__all__ = ["destroy", "forget", "leaving"]

ROWS_OF_A_PERSON = 40  # rarely more, names nobody else has included; cuts work into transactions of about 1,500 rows


def leaving(controller: int, subjects: Sequence[int]) -> list[int]:
    """Return those of the people whose erasure has begun. Nothing is deleted of anybody else, whoever asks."""
    gone: list[int] = []
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        known = models.Subject.objects.filter(controller_id=controller, state=State.ERASING, id__in=portion)
        gone += known.values_list("id", flat=True)
    return gone


def destroy(controller: int, subjects: Sequence[int]) -> int:
    """
    Destroy the keys, then delete sealed values and what search finds; return how many records went.

    The key goes first and for good: whatever a crash leaves behind opens no more, and the next call deletes it.
    """
    removed = ring(controller).destroy(subjects)
    for portion in rows.portions(list(subjects), rows.MOST_PER_TRANSACTION // ROWS_OF_A_PERSON):
        with transaction.atomic():
            rows.take_turn(controller)
            of_them = {"controller_id": controller, "subject_id__in": portion}
            removed += models.Identity.objects.filter(**of_them)._raw_delete("default")
            names = models.BlindIndex.objects.filter(**of_them, kind=NAME)
            words = {bytes(token) for token in names.values_list("token", flat=True)}
            removed += names._raw_delete("default")
            removed += unlearn(controller, words)
    return removed


def forget(controller: int, subjects: Sequence[int]) -> int:
    """
    Delete all that is left, the people themselves last; return how many records went.

    :raises django.db.IntegrityError: if another room still has rows of theirs
    """
    removed = destroy(controller, subjects)
    for portion in rows.portions(list(subjects), rows.MOST_PER_TRANSACTION // ROWS_OF_A_PERSON):
        with transaction.atomic():
            index = models.BlindIndex.objects.filter(controller_id=controller, subject_id__in=portion)
            removed += index._raw_delete("default")
            # Past Django's own collector, which would read every room's table for rows of theirs; the database's
            # constraints say no at the commit if there are any.
            removed += models.Subject.objects.filter(controller_id=controller, id__in=portion)._raw_delete("default")
    return removed
