"""Consent: what a person agreed to, in which words, and when they took it back."""
