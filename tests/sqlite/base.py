"""Emptying tables between tests lifts the triggers that refuse it, and sets them again. The product can't do that."""

from assent.foundation.sqlite3 import base


class Operations(base.DatabaseWrapper.ops_class):
    """Operations that may empty append-only tables."""

    def execute_sql_flush(self, sql_list):
        """Empty the tables with their triggers lifted."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            super().execute_sql_flush(sql_list)
            for _, text in triggers:
                cursor.execute(text)


class DatabaseWrapper(base.DatabaseWrapper):
    """The house's backend with those operations."""

    ops_class = Operations
