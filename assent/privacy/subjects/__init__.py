"""Subjects: the people, as pseudonymous ids, sealed identifiers and a key each."""
