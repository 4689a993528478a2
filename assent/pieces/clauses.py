"""Articles of laws as a lawyer writes them."""

from django.utils.translation import gettext

__all__ = ["clause"]


def clause(code: str) -> str:
    """Write ``gdpr:6(1)(a)`` as a lawyer does."""
    law, _colon, article = code.partition(":")
    names = {"gdpr": gettext("GDPR"), "eprivacy": "ePrivacy"}
    return f"{names.get(law, law)} art. {article}" if article else code
