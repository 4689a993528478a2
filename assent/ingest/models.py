"""Tables of the gate in. Private to this room; others use ``api``."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class IngestPosition(Scoped):
    """How far into a partition one effect has come, written in the transaction of the effect."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    partition = models.CharField(max_length=64)
    effect = models.CharField(max_length=16)
    position = models.BigIntegerField()

    class Meta:
        """One position per effect."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "partition", "effect"], name="ingest_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.partition} {self.effect} {self.position}"


class Tally(Scoped):
    """How many events of a kind met one fate in one hour; an empty reason is admission."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    hour = models.DateTimeField()
    event = models.CharField(max_length=64)
    reason = models.CharField(max_length=40)
    count = models.BigIntegerField()

    class Meta:
        """One number per hour, event and reason."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "hour", "event", "reason"], name="ingest_tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.reason or 'admitted'}"


class Gap(Scoped):
    """A name clients send that the policy does not declare: escaped, bounded, and never a value."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=8)
    event = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        """A name once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "kind", "event", "name"], name="ingest_gap_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} gap"


class SetAside(Scoped):
    """A message that could not be processed, sealed under a key of its own that goes with the row."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "one message as sent, sealed", store="arrival", ends="after 30 days, or with the person's erasure"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    partition = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    place = models.IntegerField()
    subject = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=100)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        """One row per message; found by person and by age."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "partition", "seq", "place"], name="ingest_set_aside_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "subject"], name="ingest_set_aside_of_person"),
            models.Index(fields=["controller", "until"], name="ingest_set_aside_until"),
        ]

    def __str__(self) -> str:
        return f"{self.partition}:{self.seq}:{self.place}"


class ErasureMark(Scoped):
    """How long the log was when a person's erasure began: what came before must have passed the gate."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "pseudonymous id, positions in the log", store="arrival", ends="40 days after the erasure began"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    partition = models.CharField(max_length=64)
    upto = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """One mark per person and partition."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "subject", "partition"], name="ingest_erasure_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.partition}:{self.upto}"
