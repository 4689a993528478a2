"""Policy: the privacy statement as data."""
