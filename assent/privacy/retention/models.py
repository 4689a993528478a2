"""Tables of retention. Private to this room; others use ``api``."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class Hold(Scoped):
    """A legal hold. ``everyone`` says that it is on all people and not on those of ``OnHold``."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    reason = models.CharField(max_length=12)
    reference = models.CharField(max_length=60)
    purpose = models.CharField(max_length=63)
    everyone = models.BooleanField()
    until = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=60, default="")

    class Meta:
        """Those that may still last, by their end."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "until"], condition=models.Q(released_at=None), name="retention_hold_lasting")
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class OnHold(Scoped):
    """A person whom a hold is on, by bare number: a hold that is over names nobody who can be found."""

    holds: ClassVar = Holds(About.SUBJECTS, "whom a legal hold is on", store="retention", ends="with the person's erasure")

    pk = models.CompositePrimaryKey("controller", "hold", "subject")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    hold = models.ForeignKey(Hold, models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()

    class Meta:
        """By person."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "subject"], name="retention_hold_of_person")]

    def __str__(self) -> str:
        return f"hold {self.hold_id} on {self.subject}"


class Noted(Scoped):
    """A moment that a period is counted from and that no event says: one row per person, purpose and what is counted."""

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "when somebody applied, was hired, or a contract ended",
        store="retention",
        ends="with the person's erasure",
    )

    pk = models.CompositePrimaryKey("controller", "subject", "purpose", "counted")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    purpose = models.SmallIntegerField()
    counted = models.CharField(max_length=20)
    circumstance = models.CharField(max_length=63)
    at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.counted} of {self.subject}"


class Asked(Scoped):
    """That a person was asked again, for which purpose and when. Goes when they answer, or when their time is up."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "when somebody was asked for a consent again", store="retention", ends="with the answer, or the person"
    )

    pk = models.CompositePrimaryKey("controller", "subject", "purpose")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    purpose = models.SmallIntegerField()
    at_ms = models.BigIntegerField()
    sent = models.BooleanField()
    """a message was put on its way; the time runs either way"""

    def __str__(self) -> str:
        return f"asked {self.subject}"


class Ending(Scoped):
    """That keeping for a purpose ended for a person who stays, when, why, and what their data are still kept for."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "which purposes ended for a person, and why", store="retention", ends="with the person's erasure"
    )

    pk = models.CompositePrimaryKey("controller", "subject", "purpose")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    purpose = models.SmallIntegerField()
    """the purpose's code; -1 for the whole person, until their erasure takes this row too"""
    why = models.CharField(max_length=12)
    ended_ms = models.BigIntegerField()
    stays = models.BigIntegerField()
    """bits of the purposes that live"""
    run = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"end of {self.purpose} for {self.subject}"


class Run(Scoped):
    """
    One walk over everybody, resumed where it was: ``part`` and ``after`` say how far it is, ``tally`` what it did.

    Many processes may try; the lease says who works.
    """

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    part = models.SmallIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    people = models.BigIntegerField(default=0)
    erased = models.BigIntegerField(default=0)
    tally = models.JSONField(default=dict)
    foreseen = models.JSONField(default=dict)
    """how many ends lie on which day, by purpose: numbers alone"""
    lease_until = models.DateTimeField(null=True)
    by = models.CharField(max_length=60)

    class Meta:
        """Newest first, and one at a time."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "-id"], name="retention_run_newest")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller"], condition=models.Q(finished_at=None), name="retention_one_run_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Come(Scoped):
    """How far consequences have been drawn from choices and stops, by the last number seen."""

    holds: ClassVar = NOTHING_PERSONAL

    pk = models.CompositePrimaryKey("controller", "source")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    source = models.CharField(max_length=20)
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.source} {self.position}"
