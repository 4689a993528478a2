"""Canonical JSON (RFC 8785): one text for one value, so that a digest means the value and not its spelling."""

from typing import Any

import rfc8785

__all__ = ["dumps"]


def dumps(value: Any) -> bytes:
    """
    Return the canonical form of a JSON value.

    :raises rfc8785.CanonicalizationError: for values JSON can't hold
    """
    return rfc8785.dumps(value)
