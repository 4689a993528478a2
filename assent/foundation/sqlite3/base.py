"""
SQLite as the house needs it: WAL, IMMEDIATE transactions, deleted bytes overwritten.

``secure_delete`` is per connection and off in most builds (https://sqlite.org/pragma.html#pragma_secure_delete), so it is
set here for all of them rather than in each setting. The journal mode is checked, since a file system without shared
memory silently keeps another.
"""

from typing import Any

from django.db.backends.sqlite3 import base

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "cache_size=-65536",
    # 12 MB: rows under random ids touch a thousand pages a batch, and SQLite's own 4 MB would copy them back at each commit;
    # with much more, the commit that copies keeps others waiting.
    "wal_autocheckpoint=3000",
)


class DatabaseWrapper(base.DatabaseWrapper):
    """One SQLite connection, set up before its first statement."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters with writers waiting at BEGIN instead of failing in the middle."""
        params = super().get_connection_params()
        self.transaction_mode = "IMMEDIATE"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection that overwrites what it deletes."""
        connection = super().get_new_connection(conn_params)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        return connection
