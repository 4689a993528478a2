"""Blind indexes: keyed hashes by which people are found. What they give away: docs/decisions/blind-indexes.md."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from assent.foundation import crypto
from assent.privacy.subjects import models, rows
from assent.privacy.subjects.contracts import Field
from assent.privacy.subjects.rules import LOOKED_UP, NAMES, name_tokens

__all__ = ["KIND", "NAME", "Blind", "Token", "find", "find_one"]

# Stored numbers, never to be changed or used again. The unique index of ids counts on the first two.
KIND = {Field.USER_ID: 1, Field.ANONYMOUS_ID: 2, Field.EMAIL: 3, Field.PHONE: 4}
NAME = 5
MOST_REMEMBERED = 50_000
TOKEN_BYTES = 16  # of 32: two of 10^9 values collide with a chance of 10^-21

Token = tuple[int, bytes]


class Blind:
    """Makes tokens under one controller's key, each text of a batch hashed once (first names repeat)."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made: dict[tuple[int, str], bytes] = {}

    def token(self, kind: int, text: str) -> bytes:
        """Return the token of a text in normal form. The kind is hashed with it: a name and an id spelled alike differ."""
        found = self._made.get((kind, text))
        if found is None:
            if len(self._made) > MOST_REMEMBERED:
                self._made.clear()
            found = self._made[kind, text] = crypto.keyed_hash(self._key, f"{kind}:{text}")[:TOKEN_BYTES]
        return found

    def all(self, values: Mapping[Field, Iterable[str]]) -> set[Token]:
        """Return all tokens a person with these values is found by."""
        exact = {(KIND[field], self.token(KIND[field], text)) for field in LOOKED_UP for text in values.get(field, ())}
        return exact | self.names(name for field in NAMES for name in values.get(field, ()))

    def names(self, names: Iterable[str]) -> set[Token]:
        """Return all tokens a person with these names is found by."""
        return {(NAME, self.token(NAME, word)) for word in name_tokens(names)}


def find(controller: int, kind: int, tokens: Collection[bytes]) -> dict[bytes, list[int]]:
    """Return the people behind each token, one query a thousand tokens."""
    found: dict[bytes, list[int]] = {}
    wanted: Sequence[bytes] = list(set(tokens))
    for portion in rows.portions(wanted, rows.MOST_PER_QUERY):
        for token, subject in rows.select_in(
            models.BlindIndex, ("token", "subject_id"), {"controller_id": controller, "kind": kind}, "token", portion
        ):
            found.setdefault(bytes(token), []).append(subject)
    return found


def find_one(controller: int, field: Field, tokens: Sequence[bytes]) -> list[int]:
    """Return the one person behind each token; 0 where there is none, and where several share an e-mail or phone."""
    found = find(controller, KIND[field], tokens)
    return [found[token][0] if len(found.get(token, ())) == 1 else 0 for token in tokens]
