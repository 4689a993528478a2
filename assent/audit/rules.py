"""The chain: what is hashed, and how a link follows from the one before. No Django, no clock, no database."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assent.audit.contracts import Problem

__all__ = ["GENESIS", "Link", "chain_hash", "check_chain", "people_digest"]

GENESIS = hashlib.sha256(b"assent audit log, first link").digest()
LIMIT = 1000  # a book with everything wrong needs no longer list to be believed


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed line as stored: its number, its canonical content and its hash."""

    number: int
    content: bytes
    hash: bytes


def chain_hash(before: bytes, number: int, content: bytes) -> bytes:
    """Return SHA-256 over the previous hash, the number and the content, so that order and content are both bound."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + content).digest()


def people_digest(subjects: Sequence[int]) -> str:
    """Return a digest of a set of people, for the one line that bulk work writes."""
    return hashlib.sha256(b"".join(s.to_bytes(8, "big") for s in sorted(subjects))).hexdigest()


def check_chain(links: Iterable[Link], checkpoints: dict[int, bytes]) -> Iterator[Problem]:
    """
    Walk the chain from its start and say where it breaks.

    :param links: in order of number
    :param checkpoints: number → hash, from the signed file outside the database
    """
    before, expected, found = GENESIS, 1, 0
    left = dict(checkpoints)
    for link in links:
        if link.number != expected:
            found += 1
            yield Problem(expected, f"line {expected} is missing: the next one is {link.number}")
            expected = link.number
        elif chain_hash(before, link.number, link.content) != link.hash:
            found += 1
            yield Problem(link.number, "content or order was changed after it was sealed")
        signed = left.pop(link.number, None)
        if signed is not None and signed != link.hash:
            found += 1
            yield Problem(link.number, "the chain was written anew: the signed checkpoint has another hash here")
        if found >= LIMIT:
            return
        before, expected = link.hash, expected + 1
    for number in sorted(left):
        yield Problem(number, f"lines up to {number} were signed in a checkpoint, but the book ends at {expected - 1}")
