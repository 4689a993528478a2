"""
The tree over the numbered lines, kept as hashes of complete subtrees. Private to this room.

A line's leaf is its link of the chain, followed by what it commits to (a tree head of salted choices), if anything. Leaves
are not stored: the lines are there. Of the subtrees only those over 256 lines and more are, two for every 256 lines; a
proof reads the lines of two blocks and some stored hashes, however long the book is.
"""

import json
from collections.abc import Iterator
from functools import cache

from django.db.models import Max
from django.db.models.expressions import RawSQL

from assent.audit import merkle, models
from assent.audit.rules import STORED_FROM

__all__ = ["COMMITMENTS", "GROWN_AT_ONCE", "committed", "grow", "leaf", "reader", "size", "stored_in_order"]

COMMITMENTS = "commitments"
GROWN_AT_ONCE = 64  # blocks of 256 in one transaction: an older book catches up without making writers wait


def committed(detail: str) -> bytes:
    """Return the tree head that a line's detail commits to; empty for most lines."""
    return bytes.fromhex(json.loads(detail)[COMMITMENTS]) if f'"{COMMITMENTS}"' in detail else b""


def leaf(link: bytes, detail: str) -> bytes:
    """Return the leaf hash of a line."""
    return merkle.leaf_hash(link + committed(detail))


def size() -> int:
    """Return how many lines are numbered, which is the number of leaves."""
    return models.Line.objects.aggregate(last=Max("number"))["last"] or 0


def grow(lines: int) -> bool:
    """
    Store the subtrees that the first ``lines`` lines complete; true if more are left than go into one transaction.

    To be called by one process at a time.
    """
    last = models.Node.objects.filter(height=STORED_FROM).aggregate(last=Max("place"))["last"]
    first = 0 if last is None else last + 1
    done = min(lines >> STORED_FROM, first + GROWN_AT_ONCE)
    for block in range(first, done):
        height, place, found = STORED_FROM, block, merkle.head(1 << STORED_FROM, merkle.of_leaves(_leaves(block)))
        made = [models.Node(height=height, place=place, hash=found)]
        while place & 1:
            found = merkle.node_hash(_stored(height, place - 1), found)
            height, place = height + 1, place >> 1
            made.append(models.Node(height=height, place=place, hash=found))
        models.Node.objects.bulk_create(made)
    return done < lines >> STORED_FROM


def reader() -> merkle.Node:
    """Return how to read nodes for one head or proof."""
    block_of = cache(lambda block: merkle.of_leaves(_leaves(block)))

    def node(height: int, place: int) -> bytes:
        if height >= STORED_FROM:
            return _stored(height, place)
        inside = STORED_FROM - height
        return block_of(place >> inside)(height, place & ((1 << inside) - 1))

    return node


def stored_in_order() -> Iterator[tuple[int, int, bytes]]:
    """Return every stored hash with height and place, in the order in which a growing book completes them."""
    rows = models.Node.objects.order_by(RawSQL("(place + 1) << height", ()), "height")
    for height, place, found in rows.values_list("height", "place", "hash").iterator():
        yield height, place, bytes(found)


def _leaves(block: int) -> list[bytes]:
    first = (block << STORED_FROM) + 1
    rows = models.Line.objects.filter(number__gte=first, number__lt=first + (1 << STORED_FROM)).order_by("number")
    return [leaf(bytes(link or b""), detail) for link, detail in rows.values_list("hash", "detail")]


def _stored(height: int, place: int) -> bytes:
    return bytes(models.Node.objects.values_list("hash", flat=True).get(height=height, place=place))
