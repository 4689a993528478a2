"""What is known of files. Private to this room; others use ``api``."""

from typing import ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped


class File(Scoped):
    """One file. Its name is sealed like its bytes: people put their own names into file names."""

    holds: ClassVar = Holds(About.SUBJECTS, "files about the person, sealed", store="files", ends="with the person's erasure")

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subject = models.ForeignKey("subjects.Subject", models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.BinaryField()
    size = models.IntegerField()
    token = models.CharField(max_length=43)
    stored_at = models.DateTimeField()

    class Meta:
        """Indexes led by the controller."""

        indexes: ClassVar = [
            models.Index(fields=["controller", "subject"], name="file_of_subject"),
            models.Index(fields=["controller", "kind", "id"], name="file_of_kind"),
        ]
