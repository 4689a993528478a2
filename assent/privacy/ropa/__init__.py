"""The record of processing (GDPR art. 30), compiled from a published policy."""
