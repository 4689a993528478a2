"""Deadlines: when a period that the law sets is over."""
