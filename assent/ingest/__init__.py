"""Ingest: the gate in, where raw data become admitted or are refused."""
