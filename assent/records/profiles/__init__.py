"""Profiles: declared attributes and counters, folded from events."""
