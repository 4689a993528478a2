"""Which table lies in which database: operations, wrapped keys and profiles have a file (or database) each."""

from typing import Any

__all__ = ["Router", "apps_of"]

# Keys apart, so that no copy of the data ever holds what opens it; profiles apart, so that folding never blocks a page.
_MODELS = {("subjects", "controllerkey"): "keys", ("subjects", "personkey"): "keys"}
_APPS = {"profiles": "profiles"}


def apps_of(alias: str) -> list[str] | None:
    """Return which apps have tables in a database apart, whose migrations are all it needs; None for the one of all others."""
    found = {app for (app, _), where in _MODELS.items() if where == alias} | {
        app for app, where in _APPS.items() if where == alias
    }
    return sorted(found) or None


class Router:
    """Django's database router."""

    @staticmethod
    def _alias(app_label: str, model_name: str | None) -> str:
        return _MODELS.get((app_label, model_name or ""), _APPS.get(app_label, "default"))

    def db_for_read(self, model: Any, **_: Any) -> str:
        """Return the database the model lies in."""
        return self._alias(model._meta.app_label, model._meta.model_name)

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool:
        """Allow relations within a database only."""
        return self.db_for_read(one) == self.db_for_read(other)  # the rows themselves: request.user is a lazy wrapper

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_: Any) -> bool:
        """Make each table in its own database and nowhere else."""
        return self._alias(app_label, model_name) == db
