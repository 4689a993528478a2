"""Pages for anyone with a link from a message."""
