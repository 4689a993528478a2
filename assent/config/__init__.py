"""Wiring: settings, urls, and which part stands behind which port."""
