"""Disclosures: who received what about whom, and who still has to be told of a change (art. 19)."""
