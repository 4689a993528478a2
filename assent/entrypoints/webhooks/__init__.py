"""Webhooks: other systems that pass requests on or report back (OpenDSR 2.0)."""
