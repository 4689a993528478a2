"""Who has still to be told, and that they were."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connections, router

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import columns, scope
from assent.foundation.among import among, clause
from assent.foundation.clock import from_millis, millis
from assent.privacy.sources import models
from assent.privacy.sources.contracts import Ground, Known, Owed, Told

__all__ = ["known", "open_sources", "owed", "told", "untold"]

TABLE = models.Origin._meta.db_table


def owed(*, controller: int, subjects: Sequence[int]) -> dict[int, list[Owed]]:
    """Return the sources that messages to some people have to name, oldest first; who only came by themselves has none."""
    found: dict[int, list[Owed]] = defaultdict(list)
    with scope.controller(controller):
        rows = among(models.Origin.objects.order_by("obtained_ms", "source"), "subject", subjects)
        for subject, source, obtained_ms, told_ms in rows.values_list("subject", "source", "obtained_ms", "told_ms"):
            found[subject].append(Owed(source, from_millis(obtained_ms), told_ms is not None))
    return dict(found)


def open_sources(*, controller: int, subjects: Sequence[int]) -> list[tuple[int, str]]:
    """Return the sources some people have not been told of: subject, source."""
    them, people = clause(subjects)
    with scope.controller(controller), connections[router.db_for_read(models.Origin)].cursor() as cursor:
        cursor.execute(
            f"SELECT subject, source FROM {TABLE} WHERE controller_id = %s AND subject {them} AND told_ms IS NULL",
            (controller, people),
        )
        return list(cursor.fetchall())


def untold(*, controller: int, named: Collection[str] = ()) -> columns.Ints:
    """Return everybody who has not been told of some source, sorted. Sources among ``named`` do not count."""
    apart = f" AND source NOT IN ({', '.join(['%s'] * len(named))})" if named else ""
    with scope.controller(controller):
        found = columns.read(
            using=router.db_for_read(models.Origin), numbers={"subject": "subject"},
            rows=f"FROM {TABLE} WHERE controller_id = %s AND told_ms IS NULL{apart}", values=(controller, *named),
        )  # fmt: skip
    return np.unique(found["subject"])


def known(*, controller: int, subject: int) -> list[Known]:
    """Return where a person's data came from (art. 15(1)(g)), the oldest first."""
    with scope.controller(controller):
        rows = list(models.Origin.objects.filter(subject=subject).order_by("obtained_ms", "source"))
        numbers = [row.exemption for row in rows if row.exemption]
        grounds: Mapping[int, str] = dict(models.Exemption.objects.filter(pk__in=numbers).values_list("pk", "ground"))
    return [
        Known(
            source=row.source, obtained_at=from_millis(row.obtained_ms), due_at=from_millis(row.due_ms),
            told_at=None if row.told_ms is None else from_millis(row.told_ms), message=row.message,
            exempt=Ground(grounds[row.exemption]) if row.exemption in grounds else None,
        )
        for row in rows
    ]  # fmt: skip


def told(*, controller: int, people: Sequence[Told], channel: str, policy_digest: str, by: Actor, at: datetime) -> None:
    """
    Write down that messages told people of sources, in the caller's transaction. Who was told before keeps that.

    :param policy_digest: of the policy whose words they were told in
    """
    if not people:
        return
    at_ms = millis(at)
    with connections[router.db_for_write(models.Origin)].cursor() as cursor:
        cursor.executemany(
            f"UPDATE {TABLE} SET told_ms = %s, message = %s "
            "WHERE controller_id = %s AND subject = %s AND source = %s AND told_ms IS NULL",
            [(at_ms, one.message, controller, one.subject, one.source) for one in people],
        )
    by_source: dict[str, list[int]] = defaultdict(list)
    for one in people:
        by_source[one.source].append(one.subject)
    for source, subjects in by_source.items():
        detail: dict[str, str | int | bool] = {"source": source, "channel": channel, "policy": policy_digest}
        audit.write_bulk(Did.SOURCE_TOLD, controller=controller, by=by, at=at, subjects=subjects, detail=detail)
