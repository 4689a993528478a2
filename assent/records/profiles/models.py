"""Tables of the profiles, in a database of their own. Private to this room; others use ``api``."""

from typing import ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class Profile(Scoped):
    """One person's attributes. ``times`` says when an attribute was set; ``rev`` counts a controller's changes."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "declared attributes and counters", store="profiles", ends="with the person's erasure"
    )

    controller_id = models.BigIntegerField()
    subject = models.BigIntegerField()
    attributes = models.TextField(default="{}")
    times = models.TextField(default="{}")
    rev = models.BigIntegerField()

    class Meta:
        """The controller leads."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["controller_id", "subject"], name="profile_of_subject")]
        indexes: ClassVar = [models.Index(fields=["controller_id", "rev"], name="profile_by_change")]


class Head(Scoped):
    """The number of a controller's last change. Locked by whoever writes, so that numbers become visible in order."""

    holds: ClassVar = NOTHING_PERSONAL

    controller_id = models.BigIntegerField()
    rev = models.BigIntegerField(default=0)

    class Meta:
        """One per controller."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["controller_id"], name="profile_head")]


class Come(Scoped):
    """How far a source has come."""

    holds: ClassVar = NOTHING_PERSONAL

    controller_id = models.BigIntegerField()
    source = models.CharField(max_length=100)
    position = models.BigIntegerField()

    class Meta:
        """One per source."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["controller_id", "source"], name="profile_source")]


class Waiting(Scoped):
    """Changes of as many people as one transaction may write, taken in with more and not folded yet."""

    holds: ClassVar = Holds(About.SUBJECTS, "attribute changes on their way, for moments", store="profiles", ends="when folded")

    controller_id = models.BigIntegerField()
    changes = models.BinaryField()

    class Meta:
        """In order of arrival."""

        indexes: ClassVar = [models.Index(fields=["controller_id", "id"], name="profile_waiting")]
