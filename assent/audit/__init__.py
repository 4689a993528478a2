"""Audit: what was done, by whom, why, provably."""
