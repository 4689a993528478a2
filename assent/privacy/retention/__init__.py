"""Retention: what ends, when, and what is held back from ending."""
