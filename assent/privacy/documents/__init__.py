"""Documents: what is said, rendered from what was published."""
