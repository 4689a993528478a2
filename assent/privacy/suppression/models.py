"""Stops, their ends, and those that hold now. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped

_OUTLIVES = "outlives the person, so that a no is kept (art. 21(3)): a number or a keyed hash, no identifier"


class Suppression(Scoped):
    """One stop as it was made. Written once; its end is a row of :class:`Lift`."""

    holds: ClassVar = Holds(About.SUBJECTS, "who must not be addressed, and why as a code", store="suppression", ends=_OUTLIVES)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=12)
    subject = models.BigIntegerField(null=True)
    field = models.CharField(max_length=8)
    token = models.BinaryField(max_length=32, null=True)
    purpose = models.CharField(max_length=63)
    channel = models.CharField(max_length=8)
    reason = models.CharField(max_length=120)
    at_ms = models.BigIntegerField()
    by = models.CharField(max_length=60)
    copied_from = models.BigIntegerField(null=True)

    class Meta:
        """A person's stops in the order they were made."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "subject", "at_ms"], name="suppression_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Lift(Scoped):
    """The end of a stop, with its reason. Written once."""

    holds: ClassVar = Holds(About.SUBJECTS, "when and why a stop ended", store="suppression", ends=_OUTLIVES)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    suppression = models.ForeignKey(Suppression, models.PROTECT, db_index=False, related_name="lifts")
    reason = models.CharField(max_length=120)
    at_ms = models.BigIntegerField()
    by = models.CharField(max_length=60)

    class Meta:
        """A stop ends once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "suppression"], name="suppression_lifted_once")
        ]

    def __str__(self) -> str:
        return f"end of {self.suppression_id}"


class Stop(Scoped):
    """A stop that holds now, in numbers. ``subject`` is 0 when it is about an address; ``purpose`` -1 when about all."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "stops that hold now", store="suppression", ends="erasure; stops by address outlive it"
    )

    suppression = models.BigIntegerField(primary_key=True)
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    purpose = models.SmallIntegerField()
    channel = models.SmallIntegerField()
    subject = models.BigIntegerField()
    token = models.BinaryField(max_length=32, null=True)
    bit = models.SmallIntegerField()
    at_ms = models.BigIntegerField()

    class Meta:
        """Read for everyone, for one person, and for one address."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "purpose", "channel", "subject"], name="suppression_of_purpose"),
            models.Index(fields=["controller", "subject"], name="suppression_stop_of_person"),
            models.Index(fields=["controller", "token"], name="suppression_stop_of_address"),
        ]

    def __str__(self) -> str:
        return f"stop {self.suppression}"
