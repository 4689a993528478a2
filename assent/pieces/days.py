"""Days as people write them in short: 23 Nov, 23 nov."""

from datetime import date

from django.utils.translation import pgettext_lazy

__all__ = ["day"]

# Written out: Django's own short months are capitalised in every language, and Romanian's are unusual ones.
MONTHS = (
    pgettext_lazy("short month", "Jan"),
    pgettext_lazy("short month", "Feb"),
    pgettext_lazy("short month", "Mar"),
    pgettext_lazy("short month", "Apr"),
    pgettext_lazy("short month", "May"),
    pgettext_lazy("short month", "Jun"),
    pgettext_lazy("short month", "Jul"),
    pgettext_lazy("short month", "Aug"),
    pgettext_lazy("short month", "Sep"),
    pgettext_lazy("short month", "Oct"),
    pgettext_lazy("short month", "Nov"),
    pgettext_lazy("short month", "Dec"),
)


def day(of: date, *, year: bool = False) -> str:
    """Return day and month, with the year if it is not the reader's own."""
    said = f"{of.day} {MONTHS[of.month - 1]}"
    return f"{said} {of.year}" if year else said
