"""How the keys of Django's cache are written down."""

from django.utils.crypto import salted_hmac

__all__ = ["opaque_key"]


def opaque_key(key: str, key_prefix: str, version: int) -> str:
    """Return a keyed hash of a cache key: names of attempts hold addresses, and a plain hash of one could be guessed back."""
    return salted_hmac("assent.cache", f"{key_prefix}:{version}:{key}", algorithm="sha256").hexdigest()
