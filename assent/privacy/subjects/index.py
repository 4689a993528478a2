"""Blind indexes: keyed hashes by which people are found. What they give away: docs/decisions/blind-indexes.md."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Exists, OuterRef

from assent.foundation import crypto
from assent.privacy.subjects import models, rows
from assent.privacy.subjects.contracts import Field
from assent.privacy.subjects.rules import LOOKED_UP, NAMES, name_words, prefixes

__all__ = ["KIND", "NAME", "Blind", "Token", "find", "find_one", "learn", "learned", "unlearn"]

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
        self._words: dict[str, bytes] = {}
        self._texts: dict[bytes, str] = {}

    def token(self, kind: int, text: str) -> bytes:
        """Return the token of a text in normal form. The kind is hashed with it: a name and an id spelled alike differ."""
        return crypto.keyed_hash(self._key, f"{kind}:{text}")[:TOKEN_BYTES]

    def word(self, text: str) -> bytes:
        """Return the token of a name word or of its beginning."""
        found = self._words.get(text)
        if found is None:
            found = self._words[text] = self.token(NAME, text)
            self._texts[found] = text
        return found

    def rest(self) -> None:
        """Forget the words, between batches, when they have become many."""
        if len(self._words) > MOST_REMEMBERED:
            self._words.clear()
            self._texts.clear()

    def exact(self, values: Mapping[Field, Iterable[str]]) -> set[Token]:
        """Return the tokens a person with these values is found by, names aside."""
        return {(KIND[field], self.token(KIND[field], text)) for field in LOOKED_UP for text in values.get(field, ())}

    def all(self, values: Mapping[Field, Iterable[str]]) -> set[Token]:
        """Return all tokens a person with these values is found by."""
        words = name_words(name for field in NAMES for name in values.get(field, ()))
        return self.exact(values) | {(NAME, self.word(word)) for word in words}

    def starts(self, word: bytes) -> list[bytes]:
        """Return what a word, known by its token, is searched by: itself and its beginnings."""
        text = self._texts[word]
        return [word, *(self.word(start) for start in prefixes(text))]


def learned(controller: int, words: Collection[bytes]) -> set[bytes]:
    """Return those of the words whose beginnings are written down."""
    # Each word is a start of itself, so the table's own key says whether it is there.
    return {
        bytes(word)
        for portion in rows.portions(list(words), rows.MOST_PER_QUERY)
        for start, word in rows.select_in(models.NameStart, ("start", "word"), {"controller_id": controller}, "start", portion)
        if start == word
    }


def learn(controller: int, blind: Blind, words: Collection[bytes]) -> None:
    """Write down the beginnings of words that nobody was called before."""
    new = set(words) - learned(controller, words)
    starts = sorted((controller, start, word) for word in new for start in blind.starts(word))
    rows.insert(models.NameStart, ("controller_id", "start", "word"), starts)


def unlearn(controller: int, words: Collection[bytes]) -> int:
    """Delete the beginnings of words that nobody is called any more."""
    removed = 0
    for portion in rows.portions(list(words), rows.MOST_PER_QUERY):
        bearers = models.BlindIndex.objects.filter(controller_id=controller, kind=NAME, token=OuterRef("word"))
        unused = models.NameStart.objects.filter(controller_id=controller, word__in=portion).filter(~Exists(bearers))
        removed += unused._raw_delete("default")
    return removed


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
