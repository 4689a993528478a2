"""The outbox. Private to this room; others use ``api``."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from assent.dispatch.contracts import State
from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class LinkKey(Scoped):
    """The key a controller's opt-out tokens and message references are derived from, wrapped by the master key."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    wrapped = models.BinaryField()

    class Meta:
        """One per controller."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller"], name="dispatch_link_key_once")]

    def __str__(self) -> str:
        return f"link key of controller {self.controller_id}"


class Message(Scoped):
    """
    One message to one person on one occasion over one channel: the unique key that makes a second copy impossible.

    It holds no words. Variables are sealed under the person's key and emptied as soon as the message is done with.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "which message was sent to whom, when and why, or why not",
        store="dispatch",
        ends="with the person's erasure",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+")
    occasion = models.CharField(max_length=120)
    purpose = models.CharField(max_length=64)
    channel = models.CharField(max_length=8)
    template = models.BigIntegerField()
    language = models.CharField(max_length=8, default="")
    variables = models.BinaryField(default=bytes)
    state = models.CharField(max_length=12, default=State.DUE)
    not_before_ms = models.BigIntegerField()
    attempt = models.SmallIntegerField(default=0)
    claim = models.BigIntegerField(null=True)
    claim_until_ms = models.BigIntegerField(null=True)
    why = models.CharField(max_length=40, default="")
    code = models.CharField(max_length=60, default="")
    reference = models.CharField(max_length=120, default="")
    policy_digest = models.CharField(max_length=64, default="")
    basis = models.CharField(max_length=32, default="")
    made_ms = models.BigIntegerField()
    done_ms = models.BigIntegerField(null=True)

    class Meta:
        """What is due and what is claimed are found without looking at what is done."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "occasion", "subject", "channel"], name="dispatch_message_once")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "channel", "not_before_ms"], condition=Q(state="due"), name="dispatch_due"),
            models.Index(fields=["controller", "subject"], condition=Q(state="handing_over"), name="dispatch_claimed"),
            models.Index(fields=["controller", "occasion", "state"], name="dispatch_progress"),
            models.Index(fields=["controller", "subject", "made_ms"], name="dispatch_by_subject"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}: {self.state}"


class HadBefore(Scoped):
    """
    That an address was sent an occasion's message before a restore, though the copy did not know its person.

    Added again, that person is a new one to the outbox; the address is known by this mark (see ``rules.mark``).
    """

    holds: ClassVar = Holds(
        About.SUBJECTS,
        "a keyed hash of an address on one occasion",
        store="dispatch",
        ends="when a copy of the data made at the restore would end by the policy",
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    mark = models.BinaryField(max_length=16)
    restored_at = models.DateTimeField()

    class Meta:
        """Found by mark; deleted by age."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "mark"], name="dispatch_had_before_once")
        ]

    def __str__(self) -> str:
        return f"had before {self.restored_at}"


class UnsubscribeToken(Scoped):
    """What an opt-out link in a message stands for; of the token itself only a digest is kept."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "which message's opt-out link is whose", store="dispatch", ends="with the person's erasure"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+")
    digest = models.BinaryField(max_length=32)
    message = models.BigIntegerField()
    purpose = models.CharField(max_length=64)
    channel = models.CharField(max_length=8)
    made_ms = models.BigIntegerField()

    class Meta:
        """Found by digest; gone with the person."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "digest"], name="dispatch_token_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "subject"], name="dispatch_token_by_subject")]

    def __str__(self) -> str:
        return f"opt-out of message {self.message}"
