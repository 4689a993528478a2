"""Answers already given, by idempotency key, and how often keys have called. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL
from assent.foundation.scope import Scoped


class Answered(Scoped):
    """
    A request that was carried out, and what was answered, so that the same request again does nothing twice.

    Answers of writes hold ids and counts only; the request itself is kept as a keyed digest.
    """

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    api_key = models.BigIntegerField()
    key = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        """Once per key of the API key; old ones found by time."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "api_key", "key"], name="answered_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "created_at"], name="answered_by_time")]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Allowance(Scoped):
    """How much of a minute's requests an API key's processes have drawn; one row a key, the latest minute."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    api_key = models.BigIntegerField()
    minute = models.BigIntegerField()
    taken = models.IntegerField()

    class Meta:
        """One per key."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller", "api_key"], name="allowance_once")]

    def __str__(self) -> str:
        return f"allowance of key {self.api_key}"
