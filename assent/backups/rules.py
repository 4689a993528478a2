"""When copies end, and from when on nothing erased can come back. No Django, no clock, no disk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from assent.backups.contracts import Backup, Drill, Freshness, Horizon, Kind, Periods
from assent.privacy.policy.contracts import Backups, Span

__all__ = ["differences", "drill_due_at", "ends_at", "freshness", "horizon", "over", "strictest"]


def strictest(said: Iterable[Backups], *, at: datetime) -> Periods:
    """Return the shortest period of each kind: all controllers lie in one copy, so the strictest holds for all."""
    found = list(said)
    if not found:
        return Periods()
    return Periods(
        data=min((one.data_kept for one in found), key=lambda text: Span.read(text).after(at)),
        keys=min((one.keys_kept for one in found), key=lambda text: Span.read(text).after(at)),
    )


def ends_at(made_at: datetime, kind: Kind, periods: Periods) -> datetime | None:
    """Return when a copy is to be deleted; None if no policy says."""
    period = periods.of(kind)
    return Span.read(period).after(made_at) if period else None


def over(backups: Iterable[Backup], periods: Periods, *, at: datetime) -> list[Backup]:
    """Return the copies whose time is over, oldest first."""
    found = [one for one in backups if (end := ends_at(one.made_at, one.kind, periods)) is not None and end <= at]
    return sorted(found, key=lambda one: (one.made_at, one.id))


def horizon(backups: Sequence[Backup], periods: Periods, *, at: datetime) -> Horizon:
    """
    Return from when on nothing that is erased now can come back (requirement M4).

    Pseudonymous rows live in copies of the data until those end. What is sealed lives as long as both its copy and a copy
    of the key that opens it: so never longer than the data, but keys kept beyond the data would open what somebody kept
    aside. The later of the two is promised.
    """
    last = {
        kind: max((end for one in backups if one.kind is kind and (end := ends_at(one.made_at, kind, periods))), default=None)
        for kind in Kind
    }
    overdue = len(over(backups, periods, at=at))
    known = [end for end in last.values() if end is not None]
    told = bool(periods.data) and not overdue
    promised = max(Span.read(periods.data).after(at), Span.read(periods.keys).after(at)) if periods.data else None
    return Horizon(
        promised=promised,
        at=max([at, *known]) if told else None,
        data=last[Kind.DATA],
        keys=last[Kind.KEYS],
        overdue=overdue,
    )


def freshness(backups: Sequence[Backup], drill: Drill | None, periods: Periods, *, every: timedelta, at: datetime) -> Freshness:
    """
    Return whether copies are young, and whether the way back was tried (art. 32(1)(c) and (d)).

    A copy may fail once: its kind is late when twice the time between two has passed. A drill counts as long as the policy
    would let stand a copy made that day: after that, nobody has tried any copy that there still is.
    """
    newest = {kind: max((one.made_at for one in backups if one.kind is kind), default=None) for kind in Kind}
    late = tuple(kind for kind, made_at in newest.items() if made_at is None or made_at < at - 2 * every)
    tried = drill.at if drill is not None and drill.passed else None
    ends = ends_at(tried, Kind.DATA, periods) if tried is not None else None
    return Freshness(late, ends is None or ends <= at, newest[Kind.DATA], tried)


def drill_due_at(drill: Drill, periods: Periods, *, days: int, every: timedelta) -> datetime:
    """Return when the next drill is due: after so many days, and before the policy ends the last copy that was tried."""
    ends = ends_at(drill.at, Kind.DATA, periods)
    wanted = drill.at + timedelta(days=days)
    return max(drill.at + every, wanted if ends is None else min(wanted, ends - 2 * every))


def differences(said: Mapping[str, int], found: Mapping[str, int]) -> tuple[str, ...]:
    """Compare a copy's own counts with those of what was restored, and say where they part."""
    names = sorted({*said, *found})
    return tuple(
        f"{name}: {said.get(name, 0)} rows were copied, {found.get(name, 0)} came back"
        for name in names
        if said.get(name, 0) != found.get(name, 0)
    )
