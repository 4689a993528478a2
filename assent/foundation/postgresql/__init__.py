"""Django's PostgreSQL backend, telling the server for which controller each statement works."""
