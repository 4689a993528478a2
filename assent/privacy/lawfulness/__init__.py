"""Lawfulness: whether something may be done with these data, for this purpose, to this person, now."""
