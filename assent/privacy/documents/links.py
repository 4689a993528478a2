"""Where a document may lead: a text of a policy is hostile until it is looked at, an address twice so."""

import re
from collections.abc import Collection

__all__ = ["allowed"]

OUTSIDE = re.compile(r"(https://|mailto:|tel:)[^\s<>\"'`\\\x00-\x1f\x7f-\x9f]+")


def allowed(href: str, ids: Collection[str]) -> str:
    """Return an address that may be followed, or an empty one: ``https:``, ``mailto:``, ``tel:`` or a section's ``#id``."""
    if href.startswith("#"):
        return href if href[1:] in ids else ""
    return href if OUTSIDE.fullmatch(href) else ""
