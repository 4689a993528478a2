"""Lawfulness: may we do this, with these data, for this purpose, to this person, now?"""
