"""Tables of who is who. Private to this room, except ``Controller`` and the user model ``Staff``."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped


class Controller(models.Model):
    """A controller (art. 4(7)). Unscoped: it is what a scope names."""

    holds: ClassVar = NOTHING_PERSONAL

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5)
    time_zone = models.CharField(max_length=60)
    colour = models.CharField(max_length=40, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Host(models.Model):
    """A host name under which a controller's public pages answer. Unscoped: it decides which scope a visit enters."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey(Controller, models.PROTECT, related_name="+")
    name = models.CharField(max_length=253, unique=True)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Property(Scoped):
    """A website, app or server of a controller."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    slug = models.SlugField(db_index=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)
    rudder = models.BooleanField(default=False)
    identity_secret = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        """One name once per controller."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["controller", "slug"], name="property_slug")]

    def __str__(self) -> str:
        return self.slug


class PropertyKey(Scoped):
    """A write key, as its digest: a copy of the table opens nothing."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    property = models.ForeignKey(Property, models.PROTECT, db_index=False, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=8)
    secret = models.BooleanField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """By property."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "property"], name="property_key_by_property")]

    def __str__(self) -> str:
        return f"{self.start}…"


class ApiKey(Scoped):
    """A key of the REST API, as its digest."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=8)
    verbs = models.JSONField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """By controller."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "id"], name="api_key_by_controller")]

    def __str__(self) -> str:
        return f"{self.start}…"


class StaffManager(BaseUserManager["Staff"]):
    """Finds staff by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """Return the member with this e-mail."""
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """A member of staff: people too, with their own entry in the record of processing."""

    holds: ClassVar = Holds(About.STAFF, "e-mail, name, language, log-in", store="staff", ends="with the account")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[StaffManager] = StaffManager()

    def __str__(self) -> str:
        return f"staff {self.pk}"

    def get_full_name(self) -> str:
        """Return the name."""
        return self.name


class Membership(models.Model):
    """A role of a member of staff for a controller. Unscoped: it decides which scope a session may enter."""

    holds: ClassVar = Holds(About.STAFF, "roles", store="staff", ends="with the account")

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, db_index=False, related_name="+")
    role = models.CharField(max_length=20)
    granted_at = models.DateTimeField()

    class Meta:
        """A role once; looked up by member at each request."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "staff", "role"], name="membership_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["staff", "controller"], name="membership_by_staff")]

    def __str__(self) -> str:
        return f"{self.role} of controller {self.controller_id}"


class Agreement(Scoped):
    """One version of a controller's agreement about a solution, word for word. Rows are never changed."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    solution = models.CharField(max_length=63)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    languages = models.JSONField()
    policy_number = models.PositiveIntegerField()
    policy_digest = models.CharField(max_length=64)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=60)

    class Meta:
        """Versions of a solution count from 1 without gaps: of two who offer at once, one meets the other's number."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "solution", "version"], name="agreement_version")
        ]

    def __str__(self) -> str:
        return f"{self.solution} v{self.version}"


class AgreementDeed(Scoped):
    """
    What became of an agreement: it was accepted, ended, settled, each once. Rows are never changed.

    ``effective_at`` is from when an acceptance holds, or from when an end does.
    """

    holds: ClassVar = Holds(
        About.STAFF, "name and position of who accepted", store="staff", ends="kept as proof of the agreement (art. 28(9))"
    )

    controller = models.ForeignKey(Controller, models.PROTECT, db_index=False, related_name="+")
    agreement = models.ForeignKey(Agreement, models.PROTECT, db_index=False, related_name="deeds")
    deed = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    effective_at = models.DateTimeField()
    digest = models.CharField(max_length=64, default="")
    name = models.CharField(max_length=120, default="")
    position = models.CharField(max_length=120, default="")
    reason = models.CharField(max_length=500, default="")
    choice = models.CharField(max_length=10, default="")
    due_on = models.DateField(null=True)

    class Meta:
        """Each deed once: of two who accept at once, one is told."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "agreement", "deed"], name="agreement_deed_once")
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.agreement_id}"
