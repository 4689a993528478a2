"""What must be so before anything of the house starts."""

from typing import Any

from django.conf import settings
from django.core import checks

from assent.backups import stopped

__all__ = ["half_restored", "recipients"]


@checks.register()
def half_restored(**_: Any) -> list[checks.Error]:
    """Refuse to work on a house of which only a part is back, or whose journal was not replayed."""
    state = stopped.read()
    if state is None:
        return []
    return [
        checks.Error(
            f"the house is being restored from {state['backup']} and the journal since then is not replayed yet",
            hint="run `assent restore --resume`: until then erased people would be back and messages would go twice",
            id="backups.E001",
        )
    ]


@checks.register()
def recipients(**_: Any) -> list[checks.Warning]:
    """Say so where copies are asked for and nobody could open them."""
    if settings.ASSENT_BACKUP_FOLDER and not settings.ASSENT_BACKUP_RECIPIENTS:
        return [
            checks.Warning(
                "ASSENT_BACKUP_FOLDER is set, but no backup can be made",
                hint="run `assent backup key` on another machine and set ASSENT_BACKUP_RECIPIENTS to the public key it prints",
                id="backups.W001",
            )
        ]
    return []
