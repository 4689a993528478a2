"""Connectors: how a cleared message leaves."""
