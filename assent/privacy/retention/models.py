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

    class Meta:
        """By when the time for an answer began."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "at_ms"], name="retention_asked_when")]

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
    tell_at = models.DateTimeField(null=True)
    """when the person is to be written to, unless they were told before; none once that is settled"""

    class Meta:
        """What is due to be told."""

        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["controller", "tell_at"], condition=models.Q(tell_at__isnull=False), name="retention_ending_to_tell"
            )
        ]

    def __str__(self) -> str:
        return f"end of {self.purpose} for {self.subject}"


class Told(Scoped):
    """Up to which moment a person has been told what ended for them and what stays."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "when a person was last told what ended for them", store="retention", ends="with the person's erasure"
    )

    pk = models.CompositePrimaryKey("controller", "subject")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"told {self.subject}"


class Run(Scoped):
    """
    One walk over everybody, resumed where it was: ``part`` and ``after`` say how far it is, ``tally`` what it did.

    A second walk then looks for what no live purpose holds, in ``scan_part`` and ``left``.

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
    scan_part = models.SmallIntegerField(default=0)
    scan_after = models.BigIntegerField(default=0)
    """how far the look for what is left over has come, once the run is done"""
    left = models.JSONField(default=dict)
    """what that look found so far: store and kind to records and people"""
    scanned_at = models.DateTimeField(null=True)
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


class Closing(Scoped):
    """
    What becomes of the data of an ended agreement, resumed where it was: ``part`` and ``after`` say how far the step is.

    ``given`` are the purposes whose data go back, ``purposes`` those of them that end.
    """

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    agreement = models.BigIntegerField()
    solution = models.CharField(max_length=63)
    choice = models.CharField(max_length=10)
    given = models.JSONField()
    purposes = models.JSONField()
    state = models.CharField(max_length=10)
    until_ms = models.BigIntegerField()
    due_on = models.DateField()
    begun_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    part = models.SmallIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    people = models.BigIntegerField(default=0)
    told = models.BigIntegerField(default=0)
    run = models.BigIntegerField(null=True)
    """number of the run that deleted"""
    report = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """One per agreement."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "agreement"], name="retention_one_closing_per_agreement")
        ]

    def __str__(self) -> str:
        return f"closing of {self.agreement}"


class Parcel(Scoped):
    """One file of data to be given back, sealed under a key of its own, which no data backup holds."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "data to be given back when an agreement has ended; sealed", store="retention",
        ends="when they were fetched and the agreement's day has come, or with the person's erasure",
    )  # fmt: skip

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    closing = models.ForeignKey(Closing, models.PROTECT, db_index=False, related_name="+")
    number = models.IntegerField()
    subjects = models.BinaryField()
    """whose data, as 64-bit numbers in the order of the lines"""
    people = models.IntegerField()
    size = models.BigIntegerField()
    apart = models.BigIntegerField()
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    fetched_by = models.CharField(max_length=60, default="")

    class Meta:
        """By agreement, in order."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "closing", "number"], name="retention_parcel_number")
        ]

    def __str__(self) -> str:
        return f"parcel {self.number} of closing {self.closing_id}"


class Come(Scoped):
    """How far consequences have been drawn from each source: by the last number seen, or the last moment (milliseconds)."""

    holds: ClassVar = NOTHING_PERSONAL

    pk = models.CompositePrimaryKey("controller", "source")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    source = models.CharField(max_length=20)
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.source} {self.position}"
