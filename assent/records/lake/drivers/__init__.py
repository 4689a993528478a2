"""One file per columnar engine."""
