"""Lengths of time as ISO 8601 writes them, counted on the calendar and never in averages."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Span"]

# A period longer than a century is a promise nobody can keep; it also keeps dates inside the calendar.
LONGEST_YEARS = 100
WRITTEN = re.compile(
    r"P(?=\d|T)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: whole months on the calendar, then days, then seconds."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    @classmethod
    def read(cls, text: str) -> "Span":
        """
        Read an ISO 8601 duration in whole units: ``P3Y``, ``P6M``, ``P30D``, ``PT72H``.

        :raises ValueError: if it is none, or longer than a century
        """
        found = WRITTEN.fullmatch(text)
        if found is None:
            message = f"{text!r} is not an ISO 8601 duration"
            raise ValueError(message)
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        span = cls(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
        if span.months / 12 + span.days / 365 + span.seconds / (365 * 86400) > LONGEST_YEARS:
            message = f"{text!r} is longer than {LONGEST_YEARS} years"
            raise ValueError(message)
        return span

    def after(self, start: datetime) -> datetime:
        """Return the moment this long after; a day its month lacks becomes the last one (31 January + P1M: 28 February)."""
        return self._shifted(start, 1)

    def before(self, end: datetime) -> datetime:
        """Return the moment this long before ``end``, counted the same way."""
        return self._shifted(end, -1)

    def _shifted(self, moment: datetime, sign: int) -> datetime:
        years, month = divmod(moment.year * 12 + moment.month - 1 + sign * self.months, 12)
        day = min(moment.day, monthrange(years, month + 1)[1])
        rest = timedelta(days=self.days, seconds=self.seconds)
        return moment.replace(year=years, month=month + 1, day=day) + sign * rest
