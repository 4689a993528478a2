"""Pages by cursor: the next page begins after the last one seen, so nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Callable
from typing import Generic, TypeVar

from ninja import Schema

from assent.entrypoints.api.problems import Problem

__all__ = ["Page", "page_of"]

T = TypeVar("T")


class Page(Schema, Generic[T]):
    """Some items, and the cursor of the next page; empty at the end."""

    items: list[T]
    next: str


def page_of(after: Callable[[int, int], list[int]], *, cursor: str, limit: int) -> tuple[list[int], str]:
    """
    Return a page of ids and the next cursor.

    :param after: returns at most so many ids after a given one
    :raises Problem: 400 for a cursor that we did not make
    """
    ids = after(_read(cursor), limit + 1)
    if len(ids) <= limit:
        return ids, ""
    return ids[:limit], base64.urlsafe_b64encode(str(ids[limit - 1]).encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise Problem(400, "Unknown cursor", "use the `next` of the page before, or none for the first page") from None
