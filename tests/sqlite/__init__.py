"""The house's SQLite backend, able to empty tables between tests."""
