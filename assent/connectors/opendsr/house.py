"""Who we are to other systems: our domain, key and certificate, from the settings."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509.verification import Store
from django.conf import settings

from assent.connectors.opendsr.signing import Signer, trusted

__all__ = ["address", "ours", "trust"]


def ours() -> Signer | None:
    """
    Return what we sign with, or None where no certificate is set: then other systems can't pass requests to us.

    :raises ValueError: if the files are not what they should be
    """
    if not settings.ASSENT_OPENDSR_CERTIFICATE:
        return None
    domain = urlsplit(settings.ASSENT_PUBLIC_URL).hostname or ""
    return _read(domain, settings.ASSENT_OPENDSR_CERTIFICATE, settings.ASSENT_OPENDSR_KEY)


@lru_cache(maxsize=4)
def _read(domain: str, certificate: str, key: str) -> Signer:
    return Signer.read(domain=domain, certificate=Path(certificate), key=Path(key))


def trust() -> Store:
    """Return the authorities whose word on other systems' certificates we take."""
    return trusted(settings.ASSENT_HTTP_CA)


def address(slug: str, path: str) -> str:
    """Return one of a controller's addresses for other systems, like ``callbacks``."""
    return f"{settings.ASSENT_PUBLIC_URL}/opendsr/{slug}/v2/{path}"
