"""Backups: copies of the house that say when they end, and the way back from them that undoes nobody's no."""
