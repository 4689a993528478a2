"""A table that does not say what it holds stops the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks

from assent.foundation.holds import About, declared
from assent.foundation.personal import registered

__all__ = ["every_table_is_declared"]


def every_table_is_declared(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return an error for each table that is silent, or whose store nobody registered (art. 30(1)(c), art. 25)."""
    found: list[checks.CheckMessage] = []
    names = {store.name for store in registered()}
    for model in apps.get_models(include_auto_created=True):
        holds = declared(model)
        if holds is None:
            found.append(
                checks.Error(
                    f"{model._meta.label} does not say what it holds",
                    hint="Set `holds = Holds(...)` in the model; declare another package's table in assent/config/wiring.py.",
                    obj=model,
                    id="rights.E001",
                )
            )
        elif holds.about is About.SUBJECTS and holds.store not in names:
            found.append(
                checks.Error(
                    f"{model._meta.label} names the store {holds.store!r}, which nobody registered",
                    hint="Register it in assent/config/wiring.py, so that export and erasure reach its rows.",
                    obj=model,
                    id="rights.E002",
                )
            )
    return found
