"""Entrypoints: one per audience."""
