"""Where the master key comes from: a file in the embedded default, a KMS where settings name one."""

from functools import cache
from importlib import import_module
from pathlib import Path

from django.conf import settings

from assent.foundation.crypto import FileMasterKey, KeyWrapper

__all__ = ["master"]


@cache
def _wrapper(kms: str, path: Path) -> KeyWrapper:
    if not kms:
        return FileMasterKey(path)
    module, _, name = kms.partition(":")
    found: KeyWrapper = getattr(import_module(module), name)()
    return found


def master() -> KeyWrapper:
    """Return the wrapper of controller keys: the key file, or the class that ``ASSENT_KMS`` names."""
    return _wrapper(settings.ASSENT_KMS, settings.ASSENT_MASTER_KEY_FILE)
