"""
For which controller are we working? Without an answer there are no rows.

``with scope.controller(bloom.id): ...`` says it, for this thread or task only. Models whose rows belong to a controller
derive from :class:`Scoped`; reading them outside a scope raises. What a manager can't stop (raw SQL, ``_base_manager``)
PostgreSQL's forced row-level security does: see :mod:`assent.foundation.postgresql` and :class:`ForceRowSecurity`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.migrations.operations.base import Operation

__all__ = ["ForceRowSecurity", "NoControllerInScope", "Scoped", "ScopedManager", "controller", "current", "every_controller"]

EVERY = "*"
M = TypeVar("M", bound=models.Model)
_current: ContextVar[int | str | None] = ContextVar("assent_controller", default=None)


class NoControllerInScope(RuntimeError):
    """Rows were asked for without saying for which controller."""


@contextmanager
def controller(controller_id: int) -> Iterator[None]:
    """Work for one controller: every scoped query inside sees its rows and no others."""
    before = _current.set(int(controller_id))
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def every_controller(*, reason: str) -> Iterator[None]:
    """
    Work across controllers. Only for the house's own upkeep; the reason is there for whoever greps this name.

    :raises ValueError: if no reason is given
    """
    if not reason:
        message = "say why all controllers' rows are needed"
        raise ValueError(message)
    before = _current.set(EVERY)
    try:
        yield
    finally:
        _current.reset(before)


def current() -> int | str | None:
    """Return the controller in scope, ``"*"`` for all of them, or None."""
    return _current.get()


class ScopedManager(models.Manager[M]):
    """Filters by the controller in scope and refuses to guess one."""

    def get_queryset(self) -> models.QuerySet[M]:
        """
        Return the rows of the controller in scope.

        :raises NoControllerInScope: if there is none
        """
        found = _current.get()
        if found is None:
            message = f"{self.model.__name__} was read without saying for which controller (use scope.controller)"
            raise NoControllerInScope(message)
        rows = super().get_queryset()
        return rows if found == EVERY else rows.filter(controller_id=found)


class Scoped(models.Model):
    """A row that belongs to one controller. ``controller_id`` leads every index of the table."""

    objects: ClassVar[models.Manager[Any]] = ScopedManager()

    class Meta:
        """No table of its own."""

        abstract = True


class ForceRowSecurity(Operation):
    """Migration step: PostgreSQL lets even the table's owner see only the rows of the controller in scope."""

    reversible = True

    def __init__(self, model_name: str) -> None:
        """Name the model whose table gets the policy."""
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Say how to write this step down (Django's migration writer asks)."""
        return (self.__class__.__name__, [self.model_name], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing in Django's model of the tables."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Force row security on PostgreSQL; other engines have no second lock."""
        if schema_editor.connection.vendor != "postgresql":
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        seen = "current_setting('assent.controller', true)"
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(
            f"CREATE POLICY controller_in_scope ON {table} USING ({seen} = '{EVERY}' OR controller_id::text = {seen})",
            params=None,
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take the policy away again."""
        if schema_editor.connection.vendor != "postgresql":
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"DROP POLICY controller_in_scope ON {table}", params=None)
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", params=None)

    def describe(self) -> str:
        """Say it in words."""
        return f"Force row-level security on {self.model_name}"
