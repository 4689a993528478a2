"""Deadlines: count them. Pure: whoever asks says which moment it is."""

from assent.privacy.deadlines.rules import due, is_working_day, joined, last_day, reminders

__all__ = ["due", "is_working_day", "joined", "last_day", "reminders"]
