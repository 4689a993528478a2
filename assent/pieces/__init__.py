"""Pieces: templates and widgets that several faces share."""
