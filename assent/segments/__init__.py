"""Segments: who, always for a purpose."""
