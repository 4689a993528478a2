"""The documents that were shown. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL
from assent.foundation.scope import Scoped


class KeptDocument(Scoped):
    """One document of one published version in one language, as it was built then. Never changed, never deleted."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    solution = models.CharField(max_length=63, default="")
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64)
    form = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        """Kept once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "number", "kind", "solution", "language"], name="document_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of version {self.number} in {self.language}"
