"""The clock of art. 14(3): letters that go by themselves, what is due and overdue, and what staff decide instead."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy, Policy
from assent.privacy.sources import models, ports, rules
from assent.privacy.sources.contracts import BadExemption, Counts, Exemption, Ground, Group, Way

__all__ = ["counts", "exempt", "exemptions", "groups", "members", "sweep"]

AT_ONCE = 500
MOST_GROUPS, MOST_REASON = 200, 500
SOURCES = Actor.system("sources")


def sweep(*, at: datetime) -> bool:
    """
    Write to those whose time is half over, before it ends, and say whether there may be more.

    A letter goes once per person and source whoever asks, so a worker that is killed, and two at once, write no second one.
    """
    # A list, not a generator: `any` must not stop at the first controller that has more to do.
    more = [_sweep(controller, compiled.policy, at=at) for controller, compiled in policy.in_force()]
    return any(more)


def _sweep(controller: int, said: Policy, *, at: datetime) -> bool:
    more = False
    for source in said.sources:
        for looks in reversed(range(rules.LOOKS)):
            more = _look(controller, said, source, looks, at=at) or more
    return more


def _look(controller: int, said: Policy, source: str, looks: int, *, at: datetime) -> bool:
    with scope.controller(controller):
        rows = _open().filter(source=source, looks=looks, due_ms__lte=millis(rules.horizon(said, at, looks)))
        some = list(rows.order_by("due_ms").values_list("subject", flat=True)[:AT_ONCE])
        if not some:
            return False
        written = set(ports.letters()(controller=controller, source=source, subjects=some, by=SOURCES, at=at))
        mine = models.Origin.objects.filter(source=source, subject__in=some, looks=looks)
        with transaction.atomic():
            mine.filter(subject__in=written).update(way=Way.LETTER, looks=looks + 1)
            mine.exclude(subject__in=written).update(way=Way.NONE, looks=looks + 1)
    return len(some) == AT_ONCE


def counts(*, controller: int, at: datetime) -> Counts:
    """Count for an overview."""
    sources = _declared(controller)
    with scope.controller(controller):
        found = _open().aggregate(
            open=Count("subject"), overdue=Count("subject", filter=Q(due_ms__lt=millis(at))),
            for_staff=Count("subject", filter=Q(way=Way.NONE) | ~Q(source__in=sources)), next=Min("due_ms"),
        )  # fmt: skip
    next_due = None if found["next"] is None else from_millis(found["next"])
    return Counts(found["open"], found["overdue"], found["for_staff"], next_due)


def groups(*, controller: int) -> list[Group]:
    """Return who has still to be told, by source and end, the most urgent first."""
    sources = _declared(controller)
    with scope.controller(controller):
        rows = list(
            _open()
            .values("source", "due_ms")
            .annotate(
                obtained_ms=Min("obtained_ms"), people=Count("subject"), letters=Count("subject", filter=Q(way=Way.LETTER)),
                without=Count("subject", filter=Q(way=Way.NONE)),
            )
            .order_by("due_ms", "source")[:MOST_GROUPS]
        )  # fmt: skip
    return [
        Group(
            source=row["source"], number=row["due_ms"], named=row["source"] in sources,
            obtained_at=from_millis(row["obtained_ms"]), due_at=from_millis(row["due_ms"]), people=row["people"],
            letters=row["letters"], without_way=row["without"],
        )
        for row in rows
    ]  # fmt: skip


def members(*, controller: int, source: str, due: int, without_way: bool = False, limit: int = 50) -> list[int]:
    """Return people of a group, or only those no message reaches."""
    with scope.controller(controller):
        rows = _open().filter(source=source, due_ms=due)
        rows = rows.filter(way=Way.NONE) if without_way else rows
        return list(rows.order_by("subject").values_list("subject", flat=True)[:limit])


@transaction.atomic
def exempt(
    *, controller: int, source: str, due: int, ground: Ground, reason: str, by: Actor, at: datetime, without_way: bool = False
) -> int:
    """
    Decide that the people of a group need not be told (art. 14(5)), and return how many they are.

    Their clock stops. Who knows it already counts as told; all others still read where their data came from in the first
    message they get, since a message that reaches them shows that telling was possible.

    :param reason: why, for whoever checks it later; about the data, naming nobody
    :param without_way: only those no message reaches
    :raises BadExemption: without a reason, or if the group has nobody (any more)
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MOST_REASON:
        raise BadExemption(f"say why in up to {MOST_REASON} characters: the reason is what shows later that it was right")
    with scope.controller(controller):
        rows = _open().filter(source=source, due_ms=due)
        rows = rows.filter(way=Way.NONE) if without_way else rows
        people = sorted(rows.values_list("subject", flat=True))
        if not people:
            raise BadExemption("nobody of this group has still to be told: open the list again")
        made = models.Exemption.objects.create(
            controller_id=controller, source=source, ground=ground.value, reason=reason, people=len(people), made_at=at,
            made_by=str(by),
        )  # fmt: skip
        told_ms = millis(at) if ground is Ground.KNOWN else None
        rows.update(exemption=made.pk, told_ms=told_ms)
        audit.write_bulk(
            Did.SOURCE_EXEMPTED, controller=controller, by=by, at=at, subjects=people, on=str(made.pk),
            detail={"source": source or "unnamed", "ground": ground.value},
        )  # fmt: skip
    return len(people)


def exemptions(*, controller: int, limit: int = 20) -> Sequence[Exemption]:
    """Return the decisions not to tell, newest first."""
    with scope.controller(controller):
        rows = list(models.Exemption.objects.order_by("-id")[:limit])
    return [Exemption(row.pk, row.source, Ground(row.ground), row.reason, row.people, row.made_at, row.made_by) for row in rows]


def _open() -> QuerySet[models.Origin]:
    """Return the rows whose clock runs. The controller is in scope."""
    return models.Origin.objects.filter(told_ms=None, exemption=None)


def _declared(controller: int) -> list[str]:
    try:
        return list(policy.current(controller=controller).policy.sources)
    except NoPolicy:
        return []
