"""
The second lock: row-level security reads ``assent.controller``, set here before a statement that needs another value.

The setting is the session's, so that it also holds outside transactions. PostgreSQL takes it back when the transaction
(or savepoint) it was set in is rolled back, hence what we believe to be set is forgotten then and said again.
"""

from typing import Any

from django.db.backends.postgresql import base

from assent.foundation import scope


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection that knows which controller the server thinks it works for."""

    _told: str | None = None
    # While a savepoint is rolled back the transaction takes no other statement.
    _silent = False

    def connect(self) -> None:
        """Open a connection, about which nothing is known yet."""
        self._told = None
        super().connect()

    def _rollback(self) -> Any:
        self._told = None
        return super()._rollback()  # type: ignore[misc]  # private to Django, and unknown to its stubs

    def _savepoint_rollback(self, sid: str) -> Any:
        self._silent = True
        try:
            return super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above
        finally:
            self._silent, self._told = False, None

    def _cursor(self, name: str | None = None) -> Any:
        self.ensure_connection()
        wanted = "" if scope.current() is None else str(scope.current())
        # A failed transaction takes no statement at all; its rollback forgets the value anyway.
        if wanted != self._told and not self.needs_rollback and not self._silent:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('assent.controller', %s, false)", (wanted,))
            self._told = wanted
        return super()._cursor(name)  # type: ignore[misc]  # as above
