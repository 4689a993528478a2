"""Templates and campaigns. Private to this room; others use ``api``. No row here is about a person who is written to."""

from typing import Any, ClassVar

from django.db import models

from assent.campaigns.contracts import CampaignState
from assent.foundation.holds import NOTHING_PERSONAL
from assent.foundation.scope import Scoped


class TemplateVersion(Scoped):
    """One version of a template's words, compiled once. Never changed: what was sent can be shown again."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=120)
    number = models.IntegerField()
    subjects = models.JSONField()
    bodies = models.JSONField()
    compiled = models.JSONField()
    """language → ``html`` and ``text``, both Jinja sources"""
    variables = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        """Numbered per name."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "name", "number"], name="campaigns_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Edition(Scoped):
    """A template's version under a sender: what dispatch knows as a template."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    version = models.ForeignKey(TemplateVersion, models.PROTECT, db_index=False, related_name="+")
    sender_name = models.CharField(max_length=120)
    sender_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, default="")

    class Meta:
        """One row per combination."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller", "version", "sender_name", "sender_address", "reply_to"], name="campaigns_edition_once"
            )
        ]

    def __str__(self) -> str:
        return f"edition {self.pk}"


class Campaign(Scoped):
    """What is said to whom, for which purpose, over which channel, and when."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=120)
    segment = models.BigIntegerField()
    purpose = models.CharField(max_length=64)
    channel = models.CharField(max_length=8)
    editions = models.JSONField()
    """pairs of edition and share; one pair when there are no variants"""
    state = models.CharField(max_length=12, default=CampaignState.DRAFT)
    scheduled_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        """Found by what is to be done with them."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "state", "scheduled_at"], name="campaigns_by_state"),
            models.Index(fields=["controller", "made_at"], name="campaigns_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class Occurrence(Scoped):
    """One run of a campaign: how far the outbox is filled. ``cursor`` is the last person who has a message."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="+")
    number = models.IntegerField()
    cursor = models.BigIntegerField(default=0)
    matched = models.BigIntegerField(default=0)
    lost = models.JSONField(default=dict)
    lease_until_ms = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    filled_at = models.DateTimeField(null=True)

    class Meta:
        """Numbered per campaign."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "campaign", "number"], name="campaigns_occurrence_once")
        ]

    def __str__(self) -> str:
        return f"run {self.number} of campaign {self.campaign_id}"

    @property
    def occasion(self) -> str:
        """What dispatch calls this run."""
        return f"campaign:{self.campaign_id}:{self.number}"
