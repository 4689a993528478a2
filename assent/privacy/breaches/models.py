"""The register, whom its entries affect, alarms, demands of authorities, checked measures. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import NOTHING_PERSONAL, About, Holds
from assent.foundation.scope import Scoped
from assent.privacy.breaches.contracts import AlarmState, OrderState, State

_PROOF = "kept as proof (arts. 5(2), 33(5)); the ids lead to nobody once the person is erased"


class Breach(Scoped):
    """One entry of the register (art. 33(5)). Texts name nobody; who is affected lies in :class:`Part`."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default=State.SUSPECTED)
    nature = models.JSONField(default=list)
    found_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    aware_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    pass_on_at = models.DateTimeField(null=True)
    accounts = models.JSONField(default=dict)
    data = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    countries = models.JSONField(default=list)
    unintelligible = models.BooleanField(default=False)
    reach = models.JSONField(null=True)
    people = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)
    stated = models.BooleanField(default=False)
    unnamed = models.BigIntegerField(default=0)
    altered = models.BigIntegerField(default=0)
    readings = models.JSONField(default=dict)
    assessment = models.JSONField(null=True)
    risk = models.CharField(max_length=10, default="")
    risk_reason = models.TextField(default="")
    passed_on_at = models.DateTimeField(null=True)
    telling_since = models.DateTimeField(null=True)
    telling_by = models.CharField(max_length=60, default="")
    letter = models.JSONField(default=dict)
    why_not_told = models.TextField(default="")

    class Meta:
        """By state, for lists and the desk."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "state", "-id"], name="breach_by_state")]

    def __str__(self) -> str:
        return f"breach {self.pk}"


class Step(Scoped):
    """One thing done about a breach. Written once."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    breach = models.ForeignKey(Breach, models.PROTECT, db_index=False, related_name="steps")
    deed = models.CharField(max_length=12)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    note = models.TextField(default="")

    class Meta:
        """In order."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "breach", "id"], name="breach_steps")]

    def __str__(self) -> str:
        return f"{self.deed} of breach {self.breach_id}"


class Notification(Scoped):
    """One notification to the authority. Written once."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    breach = models.ForeignKey(Breach, models.PROTECT, db_index=False, related_name="notifications")
    phase = models.SmallIntegerField()
    at = models.DateTimeField()
    reference = models.CharField(max_length=120)
    why_late = models.TextField(default="")

    class Meta:
        """Each phase once."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "breach", "phase"], name="breach_phase_once")
        ]

    def __str__(self) -> str:
        return f"notification {self.phase} of breach {self.breach_id}"


class Part(Scoped):
    """
    Some of the people a breach affects: sorted ids of eight bytes each, and whether their letters are in the outbox.

    A lease makes sure that one worker writes to them at a time; a killed one's runs out.
    """

    holds: ClassVar = Holds(About.SUBJECTS, "pseudonymous ids of people a breach affects", store="breaches", ends=_PROOF)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    breach = models.ForeignKey(Breach, models.PROTECT, db_index=False, related_name="parts")
    number = models.IntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    size = models.IntegerField()
    subjects = models.BinaryField()
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)

    class Meta:
        """In order of ids, so that one look finds somebody's part."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "breach", "number"], name="breach_part_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "first", "last"], name="breach_part_by_ids")]

    def __str__(self) -> str:
        return f"part {self.number} of breach {self.breach_id}"


class Tally(Scoped):
    """What a key or a member of staff did in an hour, by rule: what alarms compare with."""

    holds: ClassVar = Holds(About.STAFF, "how much a key or a member of staff read in an hour", ends="after four weeks")

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    rule = models.CharField(max_length=10)
    doer = models.CharField(max_length=60)
    hour = models.IntegerField()
    many = models.BigIntegerField(default=0)

    class Meta:
        """One count per rule, doer and hour."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "rule", "doer", "hour"], name="breach_tally_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "hour"], name="breach_tally_by_hour")]

    def __str__(self) -> str:
        return f"{self.many} {self.rule} of {self.doer}"


class Watch(models.Model):
    """How far the book has been looked over, and when it was last verified as a whole. One row for the house."""

    holds: ClassVar = NOTHING_PERSONAL

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"watched up to line {self.number}"


class Alarm(Scoped):
    """Something unusual, and what became of it."""

    holds: ClassVar = Holds(About.STAFF, "that a key or a member of staff read unusually much", ends=_PROOF)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    rule = models.CharField(max_length=10)
    doer = models.CharField(max_length=100)
    since = models.DateTimeField()
    seen = models.BigIntegerField()
    limit = models.BigIntegerField()
    busiest = models.BigIntegerField(default=0)
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=AlarmState.OPEN)
    reason = models.TextField(default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, default="")
    breach = models.ForeignKey(Breach, models.PROTECT, null=True, db_index=False, related_name="alarms")

    class Meta:
        """One open alarm per rule and doer; the newest first."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["controller", "rule", "doer"], condition=models.Q(state="open"), name="breach_alarm_open_once"
            )
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "state", "-id"], name="breach_alarm_by_state")]

    def __str__(self) -> str:
        return f"alarm {self.pk}"


class Order(Scoped):
    """A demand by an authority that law backs, what was handed over, and whether the people know."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "whose data an authority demanded, by pseudonymous id, and what it got", store="breaches", ends=_PROOF
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=120)
    ground = models.CharField(max_length=300)
    what = models.TextField()
    subjects = models.JSONField(default=list)
    received_at = models.DateTimeField()
    secret = models.BooleanField(default=False)
    secret_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default=OrderState.RECEIVED)
    handed = models.TextField(default="")
    answered_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=60)
    letter = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        """Those whose people are still to be told are few."""

        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "id"], condition=models.Q(told_at=None), name="order_to_tell"),
            models.Index(fields=["controller", "-id"], name="order_newest"),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"


class Shown(Scoped):
    """What the check of a measure found when it last ran."""

    holds: ClassVar = NOTHING_PERSONAL

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    measure = models.CharField(max_length=64)
    check_name = models.CharField(max_length=64)
    holds_now = models.BooleanField(null=True)
    figures = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        """One answer per measure: the last."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "measure"], name="breach_measure_once")
        ]

    def __str__(self) -> str:
        return f"measure {self.measure}"
