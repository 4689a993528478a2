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
