"""Requests and how far they are. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped


class Erasure(Scoped):
    """
    An erasure on its way through the stores. Outlives the people, so it holds bare ids, which by then mean nobody.

    Lease and state lie in the row: whoever holds the lease works on it, and a killed worker's lease runs out.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS, "pseudonymous ids of people erased, counts per store", store="rights", ends="kept as proof (art. 5(2))"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subjects = models.JSONField()
    by = models.CharField(max_length=60)
    state = models.CharField(max_length=10)
    stores = models.JSONField(default=dict)
    waits_for = models.CharField(max_length=200, default="")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """By state, for the sweep."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "state", "id"], name="erasure_by_state")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
