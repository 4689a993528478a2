"""Tenancy: who is who: controllers, properties and their keys, staff."""
