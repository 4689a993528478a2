"""The published statements. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL
from assent.foundation.scope import Scoped


class PolicyVersion(Scoped):
    """A published policy with its texts, in canonical form. Never changed, never deleted: consents point at it."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    form = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60)
    origin = models.CharField(max_length=30)

    class Meta:
        """Numbered without gaps per controller; found by digest."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller", "number"], name="policy_number")]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "digest"], name="policy_by_digest")]

    def __str__(self) -> str:
        return f"version {self.number}"


class PurposeCode(Scoped):
    """The small number of a purpose, for ever: rows of the lake carry purposes as bits."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    purpose = models.CharField(max_length=63)
    code = models.PositiveSmallIntegerField()

    class Meta:
        """One code per purpose, one purpose per code."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "purpose"], name="purpose_code_of_purpose"),
            models.UniqueConstraint(fields=["controller", "code"], name="purpose_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}={self.code}"
