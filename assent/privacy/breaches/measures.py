"""The measures of the policy (art. 32), each shown by its check, and tested regularly (art. 32(1)(d))."""

import logging
from collections.abc import MutableMapping
from datetime import datetime, timedelta

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import measures as registry, scope
from assent.foundation.clock import millis
from assent.privacy.breaches import models
from assent.privacy.breaches.alarms import HOUR_MS, WATCHER, raise_alarm
from assent.privacy.breaches.contracts import MeasureShown, Rule, Unusual
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy import api as tenancy

__all__ = ["check_measures", "measures", "sweep_measures"]

log = logging.getLogger(__name__)
DAY = timedelta(days=1)


def check_measures(
    *, controller: int, by: Actor, at: datetime, of_house: MutableMapping[str, registry.Found] | None = None
) -> list[MeasureShown]:
    """
    Run the check of each measure of the policy in force, keep what it found, and raise an alarm for each that fails.

    A check that breaks has shown nothing, so its measure does not hold.

    :param of_house: what checks of the house as a whole have found for other controllers; they are not made again
    :raises NoPolicy: if the controller has published none
    """
    policy, known = policies.current(controller=controller).policy, {} if of_house is None else of_house
    shown = []
    for key, measure in policy.measures.items():
        found = known.get(measure.check)
        if found is None:
            found = _look(measure.check, controller, at)
            if measure.check in registry.of_house():
                known[measure.check] = found
        shown.append(MeasureShown(key, measure.check, found.holds, found.figures, at))
    _keep(controller, shown, by=by, at=at)
    return shown


def _look(name: str, controller: int, at: datetime) -> registry.Found:
    check = registry.named().get(name)
    if check is None:
        return registry.Found(holds=False, figures={"unknown": 1})
    try:
        return check(controller=controller, at=at)
    except Exception:
        log.exception("the check of a measure broke", extra={"safe": True})
        return registry.Found(holds=False, figures={"broke": 1})


def _keep(controller: int, shown: list[MeasureShown], *, by: Actor, at: datetime) -> None:
    failed = [one for one in shown if one.holds is False]
    with scope.controller(controller), transaction.atomic():
        models.Shown.objects.exclude(measure__in=[one.measure for one in shown]).delete()
        for one in shown:
            models.Shown.objects.update_or_create(
                controller_id=controller,
                measure=one.measure,
                defaults={"check_name": one.check, "holds_now": one.holds, "figures": dict(one.figures), "at": at},
            )
        for one in failed:
            raise_alarm(controller, Unusual(Rule.MEASURE, one.check, millis(at) // HOUR_MS, 1, 0, 0), at=at)
        detail: dict[str, str | int | bool] = {
            "measures": len(shown), "failed": ",".join(one.check for one in failed)[:200],
        }  # fmt: skip
        audit.write(Did.MEASURES_CHECKED, controller=controller, by=by, at=at, detail=detail)


def measures(*, controller: int) -> list[MeasureShown]:
    """Return what the checks found when they last ran, in the order of the policy's keys; nothing before the first time."""
    with scope.controller(controller):
        return [
            MeasureShown(row.measure, row.check_name, row.holds_now, row.figures, row.at)
            for row in models.Shown.objects.order_by("measure")
        ]


def sweep_measures(*, at: datetime) -> bool:
    """Run the checks of every controller once a day; those of the house, as reading its whole book, once for all of them."""
    with transaction.atomic():
        watch, _ = models.Watch.objects.select_for_update().get_or_create(pk=1)
        if watch.measured_at is not None and at - watch.measured_at < DAY:
            return False
        watch.measured_at = at
        watch.save(update_fields=["measured_at"])
    of_house: dict[str, registry.Found] = {}
    for info in tenancy.controllers():
        try:
            check_measures(controller=info.id, by=WATCHER, at=at, of_house=of_house)
        except NoPolicy:
            continue
    return False
