"""The chain and the tree over it: what is hashed, and whether a book holds together. No Django, no clock, no database."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assent.audit.contracts import Problem
from assent.audit.merkle import Growing, leaf_hash

__all__ = ["GENESIS", "STORED_FROM", "Link", "Signed", "chain_hash", "check_book", "people_digest"]

GENESIS = hashlib.sha256(b"assent audit log, first link").digest()
STORED_FROM = 8  # height of the smallest subtree whose hash is kept, 256 lines
LIMIT = 1000  # a book with everything wrong needs no longer list to be believed


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed line as stored: its number, its canonical content, its hash, and what it commits to (mostly nothing)."""

    number: int
    content: bytes
    hash: bytes
    commits: bytes = b""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a checkpoint signs: the head of the chain, and of the tree; the first checkpoints signed no tree (empty)."""

    hash: bytes
    root: bytes = b""


def chain_hash(before: bytes, number: int, content: bytes) -> bytes:
    """Return SHA-256 over the previous hash, the number and the content, so that order and content are both bound."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + content).digest()


def people_digest(subjects: Sequence[int]) -> str:
    """Return a digest of a set of people, for the one line that bulk work writes."""
    return hashlib.sha256(b"".join(s.to_bytes(8, "big") for s in sorted(subjects))).hexdigest()


def check_book(
    links: Iterable[Link], checkpoints: Mapping[int, Signed], stored: Iterable[tuple[int, int, bytes]]
) -> Iterator[Problem]:
    """
    Walk the book from its start, chain and tree, and say where it breaks. It takes the memory of the checkpoints.

    Every checkpoint is held against the tree as it was at that length, so that all of them lie on one line.

    :param links: in order of number
    :param checkpoints: by number of their last line, from the signed file outside the database
    :param stored: the hashes of complete subtrees as kept, in the order in which a growing book completes them
    """
    before, expected, found = GENESIS, 1, 0
    left, tree, kept = dict(checkpoints), Growing(), _Kept(stored)
    for link in links:
        said: list[str] = []
        if link.number != expected:
            found += 1
            yield Problem(expected, f"line {expected} is missing: the next one is {link.number}")
            expected = link.number
        elif chain_hash(before, link.number, link.content) != link.hash:
            said.append("content or order was changed after it was sealed")
        said += [
            f"the stored hash of the {1 << node[0]} lines up to here is not theirs"
            for node in tree.add(leaf_hash(link.hash + link.commits))
            if node[0] >= STORED_FROM and not kept.has(node)
        ]
        if signed := left.pop(link.number, None):
            said += _against(signed, link, tree)
        for what in said:
            found += 1
            yield Problem(link.number, what)
        if found >= LIMIT:
            return
        before, expected = link.hash, expected + 1
    if kept.next is not None:
        yield Problem(expected - 1, f"a hash is stored of a subtree that the lines up to {expected - 1} do not have")
    for number in sorted(left):
        yield Problem(number, f"lines up to {number} were signed in a checkpoint, but the book ends at {expected - 1}")


def _against(signed: Signed, link: Link, tree: Growing) -> Iterator[str]:
    if signed.hash != link.hash:
        yield "the chain was written anew: the signed checkpoint has another hash here"
    if signed.root and signed.root != tree.head():
        yield "the tree was written anew: the signed checkpoint has another head here"


class _Kept:
    """Stored hashes, met in their order."""

    def __init__(self, stored: Iterable[tuple[int, int, bytes]]) -> None:
        self._rest = iter(stored)
        self.next = next(self._rest, None)

    def has(self, node: tuple[int, int, bytes]) -> bool:
        """Return whether this one comes next and is the same."""
        met = self.next
        if met is not None and met[:2] == node[:2]:
            self.next = next(self._rest, None)
        return met == node
