"""Tables of the segments. Private to this room; others use ``api``."""

from typing import ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL
from assent.foundation.scope import Scoped


class Segment(Scoped):
    """A named definition, for one purpose. Who is in it is asked each time, never stored."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=63)
    definition = models.JSONField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """The controller leads."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["controller", "name"], name="segment_name")]
