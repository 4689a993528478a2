"""Lets the demonstration's house keep copies of itself and try them, as its policies promise."""

import os
from pathlib import Path

from django.conf import settings

from assent.backups import api as backups

__all__ = ["keep_copies"]

PUBLIC = "# public key: "


def keep_copies() -> None:
    """
    Name a shelf and a key for the processes that are started after this, unless the settings name some already.

    The private key lies beside the data, so that the worker can try a copy by itself: well enough where people are invented.
    """
    if settings.ASSENT_BACKUP_FOLDER:
        return
    place = Path(settings.ASSENT_VAR) / "demo-copies"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = place / "private.key"
    if not identity.exists():
        backups.new_key(identity)
    public = next(line for line in identity.read_text().splitlines() if line.startswith(PUBLIC)).removeprefix(PUBLIC)
    os.environ |= {
        "ASSENT_BACKUP_FOLDER": str(place / "shelf"),
        "ASSENT_BACKUP_RECIPIENTS": public,
        "ASSENT_BACKUP_IDENTITY": str(identity),
    }
