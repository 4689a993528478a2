"""The book's table. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds


class Line(models.Model):
    """
    One thing done. Written in the transaction of what it tells of; sealed (numbered and chained) right after.

    Lines of all controllers form one chain, so the table is read through ``api.entries``, which filters.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "pseudonymous ids of people and staff, codes and counts",
        store="audit",
        ends="kept as proof (art. 5(2))",
    )

    id = models.BigAutoField(primary_key=True)
    controller_id = models.BigIntegerField(null=True)
    did = models.CharField(max_length=60)
    by = models.CharField(max_length=60)
    at_ms = models.BigIntegerField()
    about = models.BigIntegerField(null=True)
    on = models.CharField(max_length=120, default="")
    purpose = models.CharField(max_length=120, default="")
    detail = models.TextField(default="{}")
    number = models.BigIntegerField(null=True)
    hash = models.BinaryField(max_length=32, null=True)

    class Meta:
        """By controller and time, by person, by doer, and the few that wait for the sealer."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller_id", "-id"], name="audit_by_controller"),
            models.Index(fields=["controller_id", "about", "-id"], name="audit_by_person"),
            models.Index(fields=["controller_id", "by", "at_ms"], name="audit_by_doer"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(number__isnull=True)),
        ]
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["number"], name="audit_number")]

    def __str__(self) -> str:
        return f"line {self.number or self.pk}"


class Node(models.Model):
    """The hash of a complete subtree over lines (see ``tree``). Written once; every one can be computed from the lines anew."""

    holds: ClassVar = NOTHING_PERSONAL

    pk = models.CompositePrimaryKey("height", "place")
    height = models.SmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"subtree {self.place} of height {self.height}"


class Whom(models.Model):
    """
    The people a bulk line of a key or a member of staff is about: sorted ids of eight bytes each, little-endian.

    The line's digest, which is chained, is over the same ids. Read through ``api.concerned`` alone, like the lines.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "pseudonymous ids of the people a line is about",
        store="audit",
        ends="kept as proof (art. 5(2))",
    )

    line = models.BigIntegerField(primary_key=True)
    controller_id = models.BigIntegerField()
    subjects = models.BinaryField()

    def __str__(self) -> str:
        return f"people of line {self.line}"
