"""
Tables of the people. Private to this room; others use ``api``.

Foreign keys to ``Subject`` in this room have no constraint in the database: the controller leads every index, so the
engine's own check at the deletion of one person would read the whole table. ``erasure`` deletes them by hand and last of all
the person; a test holds it to that.
"""

import uuid
from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.ids import random_id
from assent.foundation.scope import Scoped


class State(models.TextChoices):
    """Whether anything may be done with a person's data."""

    ACTIVE = "active"
    ERASING = "erasing"
    MERGING = "merging"


class Subject(Scoped):
    """A person as one controller knows them: a random number, and nothing that says who."""

    holds: ClassVar = Holds(About.SUBJECTS, "pseudonymous id and state", store="subjects", ends="with the person's erasure")

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, default=State.ACTIVE, choices=State)
    created_at = models.DateTimeField()

    class Meta:
        """By public id, by id (pages), and the few that are on their way out."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint("controller", "public_id", name="subject_public_id"),
            models.UniqueConstraint("controller", "id", name="subject_by_controller"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "id"], name="subject_leaving", condition=~models.Q(state="active")),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Identity(Scoped):
    """
    Who a person is: every value sealed by itself under the person's key, for this person and field, in one row.

    ``sealed`` is MessagePack: field number to sealed values. One row, since ten would cost ten times as much to write.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "ids of the client, e-mail, phone, names, address, date of birth, photo, social handles, notes; sealed",
        store="subjects",
        ends="with the person's erasure",
    )

    pk = models.CompositePrimaryKey("controller_id", "subject_id")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"identity of {self.subject_id}"


class BlindIndex(Scoped):
    """A keyed hash by which a person is found without opening anything (docs/decisions/blind-indexes.md)."""

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "keyed hashes of ids, e-mail, phone and of the words of names",
        store="subjects",
        ends="with the person's erasure",
    )

    pk = models.CompositePrimaryKey("controller_id", "kind", "token", "subject_id")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    kind = models.SmallIntegerField()
    token = models.BinaryField(max_length=16)
    subject = models.ForeignKey(Subject, models.PROTECT, db_index=False, db_constraint=False, related_name="+")

    class Meta:
        """By person; and an id (kinds 1 and 2) is one person's only."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "subject"], name="blind_index_by_subject")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller", "kind", "token"], condition=models.Q(kind__lte=2), name="blind_index_one_per_id"
            ),
        ]

    def __str__(self) -> str:
        return f"kind {self.kind} of {self.subject_id}"


class NameStart(Scoped):
    """
    Which name words begin with what, both as keyed hashes: a row for each beginning of each word that somebody's name has.

    Kept by word and not by person: a million people have some ten thousand names between them.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "keyed hashes of name words and their beginnings",
        store="subjects",
        ends="with the erasure of the last person of that name",
    )

    pk = models.CompositePrimaryKey("controller_id", "start", "word")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    start = models.BinaryField(max_length=16)
    word = models.BinaryField(max_length=16)

    class Meta:
        """By word."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "word"], name="name_start_by_word")]

    def __str__(self) -> str:
        return "a name's beginning"


class Merging(Scoped):
    """
    Two people on their way to being one. The row stays until every room has moved what it keeps.

    ``moved`` is what the other was known by, sealed under the key of who stays: a restored copy can't open it from the
    other's own rows, since that key is gone for good.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS, "two pseudonymous ids, identifiers sealed", store="subjects", ends="when the merge is finished"
    )

    id = models.BigAutoField(primary_key=True)
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    into = models.ForeignKey(Subject, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    other = models.ForeignKey(Subject, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    by = models.CharField(max_length=60)
    begun_at = models.DateTimeField()
    moved = models.BinaryField(default=bytes)

    class Meta:
        """One merge of a person at a time."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller", "other"], name="merging_once")]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "into"], name="merging_by_into")]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.into_id}"


class ControllerKey(Scoped):
    """
    A controller's key, wrapped by the master key. Lies in the database ``keys``.

    ``erasures`` counts the destructions of person keys: a process that remembers keys forgets them when it has grown.
    """

    holds: ClassVar = NOTHING_PERSONAL

    controller_id = models.BigIntegerField(primary_key=True)
    wrapped = models.BinaryField()
    erasures = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"key of controller {self.controller_id}"


class PersonKey(Scoped):
    """A person's key, wrapped by the controller's. Lies in the database ``keys``; without it nothing sealed opens."""

    holds: ClassVar = Holds(About.SUBJECTS, "the person's key, wrapped", store="subjects", ends="with the person's erasure")

    pk = models.CompositePrimaryKey("controller_id", "subject")
    controller_id = models.BigIntegerField()
    subject = models.BigIntegerField()
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of {self.subject}"
