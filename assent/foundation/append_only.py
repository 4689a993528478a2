"""Tables whose rows are written once. The engine itself refuses to change them, whoever asks."""

from typing import Any

from django.db.migrations.operations.base import Operation

__all__ = ["AppendOnly"]


class AppendOnly(Operation):
    """
    Migration step: triggers that refuse UPDATE and DELETE on a table.

    :param model_name: the model
    :param sealed: columns that may still be set once, while they are NULL
    :param forgotten: columns that may become NULL, and be set while they are, but never changed into another value
    :param anew: put in the place of the triggers that an earlier migration made
    """

    reversible = True

    def __init__(
        self, model_name: str, sealed: tuple[str, ...] = (), forgotten: tuple[str, ...] = (), *, anew: bool = False
    ) -> None:
        self.model_name = model_name
        self.sealed = tuple(sealed)
        self.forgotten = tuple(forgotten)
        self.anew = anew

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Say how to write this step down (Django's migration writer asks)."""
        given = {"sealed": self.sealed, "forgotten": self.forgotten, "anew": self.anew}
        return (self.__class__.__name__, [self.model_name], {name: value for name, value in given.items() if value})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing in Django's model of the tables."""

    def _table(self, app_label: str, schema_editor: Any, state: Any) -> tuple[str, list[str]] | None:
        model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return model._meta.db_table, [f.column for f in model._meta.local_concrete_fields]

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the triggers."""
        found = self._table(app_label, schema_editor, to_state)
        if found is None:
            return
        table, columns = found
        distinct = "IS DISTINCT FROM" if schema_editor.connection.vendor == "postgresql" else "IS NOT"
        if self.anew:
            self.database_backwards(app_label, schema_editor, to_state, from_state)

        def refused(column: str) -> str:
            set_before = f' AND OLD."{column}" IS NOT NULL' if column in {*self.sealed, *self.forgotten} else ""
            set_after = f' AND NEW."{column}" IS NOT NULL' if column in self.forgotten else ""
            return f'(OLD."{column}" {distinct} NEW."{column}"{set_before}{set_after})'

        changed = " OR ".join(refused(column) for column in columns)
        words = f"{table} is append only"
        if schema_editor.connection.vendor == "postgresql":
            # DROP and CREATE in one transaction would need superuser for nothing; names are per table.
            schema_editor.execute(
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
                f"EXECUTE FUNCTION {table}_refuse()",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
                params=None,
            )
            return
        refuse = f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        schema_editor.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {changed} {refuse}", params=None)
        schema_editor.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the triggers."""
        found = self._table(app_label, schema_editor, from_state)
        if found is None:
            return
        table, _ = found
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        for name in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_no_{name}{on}", params=None)
        if on:
            schema_editor.execute(f"DROP FUNCTION {table}_refuse()", params=None)

    def describe(self) -> str:
        """Say it in words."""
        return f"Refuse changes to rows of {self.model_name}"
