"""Tables of the people. Private to this room; others use ``api``."""

import uuid
from typing import ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.ids import random_id
from assent.foundation.scope import Scoped


class Subject(Scoped):
    """A person as one controller knows them: a random number, and nothing that says who."""

    holds: ClassVar = Holds(About.SUBJECTS, "pseudonymous id and state", store="subjects", ends="with the person's erasure")

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, default="active")
    created_at = models.DateTimeField()

    class Meta:
        """Indexes led by the controller."""

        constraints: ClassVar = [
            models.UniqueConstraint("controller", "public_id", name="subject_public_id"),
            models.UniqueConstraint("controller", "id", name="subject_by_controller"),
        ]
