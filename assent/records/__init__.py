"""Records: what is kept."""
