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


class Outdated(Scoped):
    """From a version on, consents to a purpose that were given under earlier ones no longer cover it. Never changed."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    version = models.PositiveIntegerField()
    purpose = models.CharField(max_length=63)
    versions = models.JSONField()
    """numbers of the versions under which they were given"""
    because = models.JSONField()
    """what became more since, ``recipient:meta``: of all these versions together"""

    class Meta:
        """One row per version and purpose."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "version", "purpose"], name="policy_outdated_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} from version {self.version}"


class SameMeaning(Scoped):
    """An officer's word that two texts mean the same, so that a mended typo asks nobody again. Never changed."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    version = models.PositiveIntegerField()
    path = models.CharField(max_length=300)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    by = models.CharField(max_length=60)

    class Meta:
        """In the order they were said."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "version"], name="policy_same_by_version")]

    def __str__(self) -> str:
        return self.path


class Publication(Scoped):
    """How a controller publishes: whether it takes a second pair of eyes."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    four_eyes = models.BooleanField()

    class Meta:
        """One row per controller; without one, one pair of eyes is enough."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller"], name="policy_publication_once")]

    def __str__(self) -> str:
        return f"four eyes: {self.four_eyes}"


class Draft(Scoped):
    """
    A statement being written: its files as they are edited, and how far its review is. Gone once published or discarded.

    Staff stand here by their numbers.
    """

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    based_on = models.PositiveIntegerField()
    """the version it started from; 0 for a bundle"""
    files = models.JSONField()
    same_meaning = models.JSONField(default=dict)
    """paths of changed words that mean the same, each with the digest of the words that was said of"""
    revision = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=60)
    edited_at = models.DateTimeField()
    edited_by = models.CharField(max_length=60)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=60, default="")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=60, default="")

    class Meta:
        """One draft per controller: what is being changed is changed together."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller"], name="policy_draft_once")]

    def __str__(self) -> str:
        return f"draft {self.pk}, revision {self.revision}"
