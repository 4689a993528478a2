"""The REST API for developers of brands."""
