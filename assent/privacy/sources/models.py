"""Tables of sources. Private to this room; others use ``api``."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class Exemption(Scoped):
    """A decision not to tell people (art. 14(5)): on which ground, and why. It outlives them, and names nobody."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    source = models.CharField(max_length=63)
    ground = models.CharField(max_length=12)
    reason = models.CharField(max_length=500)
    people = models.BigIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)

    class Meta:
        """Newest first."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "-id"], name="sources_exemption_newest")]

    def __str__(self) -> str:
        return f"exemption {self.pk}"


class Origin(Scoped):
    """
    That a person's data came from a source, when, and whether the person was told.

    ``source`` is a key of the policy, or empty when nobody said where from. ``told_ms`` is the moment of collection where
    the source is the person (art. 13).
    """

    holds: ClassVar = Holds(
        About.SUBJECTS, "where a person's data came from, and when they were told", store="sources",
        ends="with the person's erasure",
    )  # fmt: skip

    pk = models.CompositePrimaryKey("controller", "subject", "source")
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.BigIntegerField()
    source = models.CharField(max_length=63)
    obtained_ms = models.BigIntegerField()
    due_ms = models.BigIntegerField()
    told_ms = models.BigIntegerField(null=True)
    message = models.BigIntegerField(null=True)
    way = models.SmallIntegerField()
    looks = models.SmallIntegerField()
    exemption = models.BigIntegerField(null=True)

    class Meta:
        """Those not told yet, by what the house has to look at next: whoever was told is in no index but the key."""

        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["controller", "source", "looks", "due_ms"], condition=models.Q(told_ms=None), name="sources_to_tell"
            )
        ]

    def __str__(self) -> str:
        return f"source of {self.subject}"
