"""Edges and notices. Private to this room; others use ``api``."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped
from assent.privacy.disclosures.contracts import Form, Left, NoticeState


class Disclosure(Scoped):
    """One hand-over to one recipient: what left, for what, on which policy. About whom stands in ``Disclosed``."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    recipient = models.CharField(max_length=64, default="")
    named = models.CharField(max_length=200, default="")
    way = models.CharField(max_length=12)
    by_part = models.CharField(max_length=60, default="")
    purpose = models.CharField(max_length=64, default="")
    # Sorted data item keys joined by blanks: a text, so that equal sets are one in a DISTINCT.
    items = models.TextField(default="")
    role = models.CharField(max_length=24, default="")
    country = models.CharField(max_length=2, default="")
    safeguard = models.CharField(max_length=32, default="")
    policy_digest = models.CharField(max_length=64, default="")
    agreement = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    people = models.IntegerField(default=0)

    class Meta:
        """An agreement is one edge per recipient; a recipient's latest is found without reading all."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller", "agreement", "recipient"],
                condition=Q(agreement__isnull=False),
                name="disclosure_agreement_once",
            )
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "recipient", "named", "at"], name="disclosure_by_recipient")
        ]

    def __str__(self) -> str:
        return f"disclosure {self.pk}"


class Disclosed(Scoped):
    """That a person was in a hand-over. Goes with the person; what recipients were told of them stays in ``Notice``."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "which recipients received data of whom", store="disclosures", ends="with the person's erasure"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+")
    disclosure = models.ForeignKey(Disclosure, models.PROTECT, db_index=False, related_name="+")
    ref = models.CharField(max_length=40, default="")
    state = models.CharField(max_length=8, default=Left.LEFT)

    class Meta:
        """By person; and by the caller's reference while it is leaving."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "subject", "disclosure"], name="disclosed_by_subject"),
            models.Index(fields=["controller", "disclosure"], name="disclosed_by_disclosure"),
            models.Index(fields=["controller", "ref"], condition=Q(state="leaving"), name="disclosed_leaving"),
        ]

    def __str__(self) -> str:
        return f"disclosed in {self.disclosure_id}"


class Recipient(Scoped):
    """How a recipient is told of changes. No secret and no person: an address of the company, and which words to use."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    recipient = models.CharField(max_length=64, default="")
    named = models.CharField(max_length=200, default="")
    way = models.CharField(max_length=20)
    address = models.CharField(max_length=300, default="")
    form = models.CharField(max_length=8, default=Form.RAW)
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()

    class Meta:
        """One way per recipient."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "recipient", "named"], name="disclosures_way_once")
        ]

    def __str__(self) -> str:
        return f"way to {self.recipient or self.named}"


class Notice(Scoped):
    """
    One recipient to be told one thing about a set of people. Outlives them, so it holds bare ids.

    Who they are is sealed under a key of the notice's own, destroyed when it is settled.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "pseudonymous ids of people whose recipients were told, and, sealed until then, who they are",
        store="disclosures",
        ends="identifiers when the recipient has answered; the rest is kept as proof (art. 5(2))",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    request = models.CharField(max_length=64)
    recipient = models.CharField(max_length=64, default="")
    named = models.CharField(max_length=200, default="")
    what = models.CharField(max_length=20)
    purpose = models.CharField(max_length=64, default="")
    # Text: JSON readers other than Python's round integers beyond 53 bits.
    subjects = models.JSONField()
    people = models.IntegerField()
    digest = models.CharField(max_length=64)
    apart = models.BigIntegerField(null=True)
    sealed = models.BinaryField(default=bytes)
    token = models.CharField(max_length=64, default="")
    reference = models.CharField(max_length=120, default="")
    state = models.CharField(max_length=12, default=NoticeState.PENDING)
    code = models.CharField(max_length=60, default="")
    because = models.CharField(max_length=20, default="")
    attempts = models.IntegerField(default=0)
    by = models.CharField(max_length=60)
    settled_by = models.CharField(max_length=60, default="")
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """The same notice twice is one; what is due is found without looking at what is settled."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller", "request", "what", "purpose", "recipient", "named", "digest"],
                name="disclosures_notice_once",
            )
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "next_at"], condition=Q(state__in=["pending", "sent"]), name="disclosures_due"),
            models.Index(fields=["controller", "recipient", "named", "state"], name="disclosures_notices_of"),
            models.Index(fields=["controller", "token"], condition=~Q(token=""), name="disclosures_by_token"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.state}"
