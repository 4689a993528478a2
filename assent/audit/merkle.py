"""
The tree over the book (RFC 6962, 2.1): heads and proofs out of the hashes of complete subtrees. No Django, no database.

A tree is told by how to read a node: ``node(height, place)`` is the hash of the complete subtree over the leaves from
``place << height`` up to, and without, ``(place + 1) << height``. A head and a proof need O(log n) of them. What checks
proofs lies in :mod:`assent.receipts`, which also stands alone.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256

from assent.receipts import leaf_hash, node_hash

__all__ = ["Growing", "Node", "consistency", "head", "inclusion", "leaf_hash", "node_hash", "of_leaves"]

Node = Callable[[int, int], bytes]
EMPTY = sha256(b"").digest()


def head(size: int, node: Node) -> bytes:
    """Return the tree head over the first ``size`` leaves."""
    return _over(0, size, node) if size else EMPTY


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """
    Return the hashes that lead from a leaf to the head over ``size`` leaves (2.1.1), nearest first.

    :raises ValueError: if there is no such leaf
    """
    if not 0 <= index < size:
        message = f"there is no leaf {index} in a tree of {size}"
        raise ValueError(message)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    return path[::-1]


def consistency(old: int, size: int, node: Node) -> list[bytes]:
    """
    Return the hashes that show the tree over ``size`` leaves to begin with the one over ``old`` (2.1.2).

    :raises ValueError: if the old tree is the larger one
    """
    if not 0 <= old <= size:
        message = f"a tree of {size} leaves can't begin with one of {old}"
        raise ValueError(message)
    path: list[bytes] = []
    start, end = 0, size
    while 0 < old < end:
        middle = _middle(start, end)
        if old <= middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    if start:  # the old tree ends in a subtree of its own, whose hash its head alone does not give
        path.append(_over(start, end, node))
    return path[::-1]


def _middle(start: int, end: int) -> int:
    """Return where RFC 6962 splits: after the largest power of two that is smaller than the number of leaves."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _over(start: int, end: int, node: Node) -> bytes:
    """Return the hash over leaves that a head splits off; ``start`` is a multiple of every power of two in their number."""
    height = (end - start).bit_length() - 1
    if end - start == 1 << height:
        return node(height, start >> height)
    middle = _middle(start, end)
    return node_hash(_over(start, middle, node), _over(middle, end, node))


def of_leaves(leaves: Sequence[bytes]) -> Node:
    """Return the nodes over leaf hashes that lie in memory."""

    @cache
    def node(height: int, place: int) -> bytes:
        return leaves[place] if height == 0 else node_hash(node(height - 1, 2 * place), node(height - 1, 2 * place + 1))

    return node


class Growing:
    """A tree that remembers only its right edge, so that a book of any length is walked in the memory of log n hashes."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.size = 0
        self._edge: list[bytes] = []

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Append a leaf hash and return the subtrees it completes, lowest first: height, place, hash. Exhaust the answer."""
        height, place, found = 0, self.size, leaf
        self.size += 1
        while place & 1:
            height, place, found = height + 1, place >> 1, node_hash(self._edge.pop(), found)
            yield height, place, found
        self._edge.append(found)

    def head(self) -> bytes:
        """Return the tree head over what was added so far."""
        found = EMPTY if not self._edge else self._edge[-1]
        for left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found
