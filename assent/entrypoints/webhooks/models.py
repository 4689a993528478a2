"""Requests that other systems passed on. Private to this face."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped


class PassedOn(Scoped):
    """The caller's number of a request, which of ours it is, and where its states are reported."""

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "numbers of requests that other systems passed on, and where answers are reported; no identities",
        store="rights",
        ends="kept with the request, as proof",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    number = models.UUIDField()
    digest = models.CharField(max_length=64)
    request = models.BigIntegerField()
    caller = models.CharField(max_length=280)
    callbacks = models.JSONField(default=list)
    status = models.CharField(max_length=12)
    received_at = models.DateTimeField()
    expected_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """By the caller's number; and by when its state is looked at next."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "number"], name="webhooks_passed_on_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "next_at"], condition=Q(next_at__isnull=False), name="webhooks_due")
        ]

    def __str__(self) -> str:
        return f"request {self.request} passed on by {self.caller}"
