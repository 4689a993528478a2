"""Django's SQLite backend with the settings that the promises need on every connection."""
