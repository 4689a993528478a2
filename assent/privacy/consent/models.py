"""Choices and what stands of them. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped


class ConsentRecord(Scoped):
    """
    The proof of one choice. Written once; a later choice is a later row.

    It holds the person's bare number: after an erasure nothing says any more whose it was. The book commits to it by a
    salted hash; the salt goes with the person, and with it the last link between the two.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "choices, when and how they were made, digests of what was shown; no identifier",
        store="consent",
        ends="outlives the person as proof (art. 17(3)(b) and (e)), by then about nobody who can be found",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    purpose = models.CharField(max_length=63)
    channel = models.CharField(max_length=8)
    choice = models.PositiveSmallIntegerField()
    explicit = models.BooleanField()
    method = models.CharField(max_length=20)
    source = models.CharField(max_length=64)
    property = models.BigIntegerField(null=True)
    language = models.CharField(max_length=2)
    policy_digest = models.CharField(max_length=64)
    purpose_digest = models.CharField(max_length=64)
    text_digest = models.CharField(max_length=64)
    notice_digest = models.CharField(max_length=64)
    at_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    by = models.CharField(max_length=60)
    copied_from = models.BigIntegerField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    line = models.BigIntegerField(null=True)
    place = models.IntegerField(null=True)

    class Meta:
        """A person's choices in the order they were made."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "subject", "at_ms"], name="consent_record_of_person")
        ]

    def __str__(self) -> str:
        return f"record {self.pk}"


class Batch(Scoped):
    """
    The commitments that one line of the book holds the tree head of, in order, 32 bytes each; for lines about several.

    Kept when one of the people is erased: the proofs of the others pass by that commitment, which without its salt is noise.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "salted hashes of choices made together",
        store="consent",
        ends="kept; without the salt they tell nothing",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    line = models.BigIntegerField(primary_key=True)
    commitments = models.BinaryField()

    def __str__(self) -> str:
        return f"commitments of line {self.line}"


class Standing(Scoped):
    """
    What stands of one purpose and channel, in numbers, led by what a question for everyone names.

    Foreign keys to the person are left out on purpose: a million rows are written and read here, and erasure empties it.
    """

    holds: ClassVar = Holds(About.SUBJECTS, "the choice that stands, per purpose and channel", store="consent", ends="erasure")

    pk = models.CompositePrimaryKey("controller", "purpose", "channel", "subject")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    purpose = models.SmallIntegerField()
    channel = models.SmallIntegerField()
    subject = models.BigIntegerField()
    choice = models.SmallIntegerField()
    explicit = models.SmallIntegerField()
    at_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    record = models.BigIntegerField()
    version = models.IntegerField(db_default=0)
    """number of the policy in force when the choice was written down, whose terms a yes agreed to; 0 if nobody knows"""

    class Meta:
        """Read per person when one is asked about, and by its end while a yes stands."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "subject"], name="consent_standing_of_person"),
            models.Index(
                fields=["controller", "expires_ms"],
                condition=models.Q(choice=1, expires_ms__gt=0),
                name="consent_standing_by_end",
            ),
        ]

    def __str__(self) -> str:
        return f"choice {self.choice} of purpose {self.purpose} on channel {self.channel}"
