"""Who asked to come in, and who is in. Both end within hours. Private to this room."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped


class Knock(Scoped):
    """
    Somebody asked to come in with an address.

    The address is there as the keyed hash people are found by, for strangers too: a known one and an unknown one leave the
    same row. What opens the door (code, link, the browser's own handle) is there as a hash only.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "that somebody asked to see their own pages: keyed hashes of the address and of what opens them",
        store="portal",
        ends="an hour after it was asked",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+", null=True)
    handle = models.BinaryField(max_length=32)
    field = models.CharField(max_length=8)
    token = models.BinaryField(max_length=32)
    host = models.CharField(max_length=253, default="")
    language = models.CharField(max_length=8)
    code = models.BinaryField(max_length=32, default=bytes)
    link = models.BinaryField(max_length=32, default=bytes)
    tries = models.SmallIntegerField(default=0)
    asked_ms = models.BigIntegerField()
    ends_ms = models.BigIntegerField()
    answered_ms = models.BigIntegerField(null=True)
    used_ms = models.BigIntegerField(null=True)

    class Meta:
        """Found by the browser's handle and by the link; the worker finds those nobody has answered."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "handle"], name="portal_knock_by_handle")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "link"], name="portal_knock_by_link"),
            models.Index(fields=["controller", "asked_ms"], condition=Q(answered_ms=None), name="portal_knock_unanswered"),
            models.Index(fields=["controller", "ends_ms"], name="portal_knock_by_end"),
            models.Index(fields=["controller", "subject"], name="portal_knock_by_subject"),
        ]

    def __str__(self) -> str:
        return f"knock {self.pk}"


class Session(Scoped):
    """A person who is in; of the cookie only a hash is kept."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "that somebody is looking at their own pages, since when", store="portal", ends="within two hours"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+")
    digest = models.BinaryField(max_length=32)
    field = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    began_ms = models.BigIntegerField()
    seen_ms = models.BigIntegerField()

    class Meta:
        """Found by the cookie's hash; ended together for one person."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "digest"], name="portal_session_by_cookie")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "subject"], name="portal_session_by_subject"),
            models.Index(fields=["controller", "seen_ms"], name="portal_session_by_time"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"
