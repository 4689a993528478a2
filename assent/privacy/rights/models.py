"""Requests and how far they are. Private to this room."""

from typing import Any, ClassVar

from django.db import models

from assent.foundation.holds import About, Holds
from assent.foundation.scope import Scoped

_PROOF = "kept as proof (art. 5(2)); what was said in it goes with the person"


class Erasure(Scoped):
    """
    An erasure on its way through the stores. Outlives the people, so it holds bare ids, which by then mean nobody.

    Lease and state lie in the row: whoever holds the lease works on it, and a killed worker's lease runs out.
    """

    holds: ClassVar = Holds(
        About.SUBJECTS, "pseudonymous ids of people erased, counts per store", store="rights", ends="kept as proof (art. 5(2))"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    subjects = models.JSONField()
    by = models.CharField(max_length=60)
    state = models.CharField(max_length=10)
    stores = models.JSONField(default=dict)
    waits_for = models.CharField(max_length=200, default="")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """By state, for the sweep."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "state", "id"], name="erasure_by_state")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Request(Scoped):
    """What a person asked for, and how far it is. Outlives the person, so it holds a bare id and no word of theirs."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "what was asked for, when, how it was answered; by pseudonymous id", store="rights", ends=_PROOF
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    number = models.CharField(max_length=9)
    subject = models.BigIntegerField(null=True)
    candidates = models.JSONField(default=list)
    """ids as texts, where several people share the address; one of them asks"""
    kind = models.CharField(max_length=16)
    topic = models.CharField(max_length=400)
    plain = models.JSONField(default=dict)
    """of what was asked: purposes, ground and names of fields; nothing a person wrote"""
    state = models.CharField(max_length=16)
    via = models.CharField(max_length=10)
    identity = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    policy_digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_due_at = models.DateTimeField()
    """the end without the two further months: until then they can be taken (art. 12(3))"""
    extended = models.BooleanField(default=False)
    remind_at = models.DateTimeField(null=True)
    reminded = models.SmallIntegerField(default=0)
    waits_for_staff = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, default="")
    refusals = models.JSONField(default=list)
    stays = models.JSONField(default=list)
    erasure = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """By its end while an answer is owed, by person, by age, and one open at a time about the same."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "number"], name="rights_request_number"),
            models.UniqueConstraint(
                fields=["controller", "subject", "kind", "topic"],
                condition=models.Q(answered_at=None, subject__isnull=False),
                name="rights_request_open_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "due_at"], condition=models.Q(answered_at=None), name="rights_request_by_end"),
            models.Index(fields=["controller", "closed_at", "id"], name="rights_request_by_close"),
            models.Index(fields=["controller", "subject", "id"], name="rights_request_of_person"),
        ]

    def __str__(self) -> str:
        return f"request {self.number}"


class Step(Scoped):
    """One thing that happened to a request. Written once."""

    holds: ClassVar = Holds(About.SUBJECTS, "what happened to a request, as codes", store="rights", ends=_PROOF)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    request = models.ForeignKey(Request, models.PROTECT, db_index=False, related_name="steps")
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    codes = models.JSONField(default=dict)

    class Meta:
        """In the order in which they happened."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "request", "id"], name="rights_step_of_request")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.request_id}"


class Words(Scoped):
    """What was said in a request, by the person or to them, sealed under the person's key."""

    holds: ClassVar = Holds(
        About.SUBJECTS, "what a person asked and was answered; sealed", store="rights", ends="with the person's erasure"
    )

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    request = models.ForeignKey(Request, models.PROTECT, db_index=False, related_name="words")
    subject = models.BigIntegerField()
    what = models.CharField(max_length=40)
    """``asked``, ``step:7`` (its id), or a message: ``answer``, ``identity`` and so on"""
    sealed = models.BinaryField()

    class Meta:
        """By request and by person."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "request", "what"], name="rights_words_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["controller", "subject"], name="rights_words_of_person")]

    def __str__(self) -> str:
        return f"{self.what} of {self.request_id}"


class Task(Scoped):
    """One thing to do for a request. Lease and attempts lie in the row; nothing is given up, and nothing done twice."""

    holds: ClassVar = Holds(About.SUBJECTS, "what is still to be done for a request, as codes", store="rights", ends=_PROOF)

    controller = models.ForeignKey("tenancy.Controller", models.PROTECT, db_index=False, related_name="+")
    request = models.ForeignKey(Request, models.PROTECT, db_index=False, related_name="tasks")
    place = models.IntegerField()
    kind = models.CharField(max_length=16)
    message = models.CharField(max_length=20, default="")
    """of a message to the person, which: ``answer``, ``identity``, ``clarification``, ``extension``, ``release``"""
    by = models.CharField(max_length=60)
    attempts = models.IntegerField(default=0)
    waits_for = models.CharField(max_length=200, default="")
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """What is due, and in order within a request."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["controller", "request", "place"], name="rights_task_place")
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["controller", "next_at"], condition=models.Q(done_at=None), name="rights_task_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.request_id}"
