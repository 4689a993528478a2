"""Counts of events as pages show them: by day, and by reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from assent.ingest import api as ingest
from assent.ingest.contracts import Counted
from assent.pieces import charts
from assent.pieces.days import day as written
from assent.pieces.templatetags.pieces import grouped

__all__ = ["Tally", "drawn", "midnight", "tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of events in a while."""

    admitted: int
    reasons: Counter[str]
    kinds: Counter[str]

    @property
    def refused(self) -> int:
        """All that was not let in."""
        return self.reasons.total()

    @property
    def all(self) -> int:
        """All that came."""
        return self.admitted + self.refused


def midnight(days_ago: int = 0) -> datetime:
    """Return when a day began where the brand is."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def tally(rows: Iterable[Counted]) -> Tally:
    """Add up counts."""
    admitted, reasons, kinds = 0, Counter[str](), Counter[str]()
    for row in rows:
        if row.reason:
            reasons[row.reason] += row.count
        else:
            admitted += row.count
            kinds[row.event] += row.count
    return Tally(admitted, reasons, kinds)


def drawn(controller: int, days: int, until: datetime) -> tuple[charts.Chart, Tally]:
    """Return a chart of the last days and the tally of the last of them."""
    since = midnight(days - 1)
    rows = ingest.counts(controller=controller, since=since, until=until)
    by_day: dict[date, list[Counted]] = {}
    for row in rows:
        by_day.setdefault(timezone.localdate(row.hour), []).append(row)
    tallies = [(since.date() + timedelta(days=n), tally(by_day.get(since.date() + timedelta(days=n), ()))) for n in range(days)]
    return _chart(tallies), tallies[-1][1]


def _chart(tallies: Sequence[tuple[date, Tally]]) -> charts.Chart:
    days = len(tallies)
    admitted = sum(found.admitted for _day, found in tallies)
    refused = sum(found.refused for _day, found in tallies)
    return charts.columns(
        title=ngettext("Events of %d day", "Events of %d days", days) % days,
        description=_("%(admitted)s admitted and %(refused)s refused in all.")
        % {"admitted": grouped(admitted), "refused": grouped(refused)},
        series=(_("admitted"), _("refused")),
        rows=[(written(day), (found.admitted, found.refused)) for day, found in tallies],
    )
