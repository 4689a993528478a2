"""
The sentences documents are made of, per language: ``words/<language>/<sheet>.yaml``, a mapping of key → sentence.

A sentence may name fields in braces (``"kept for {span}"``). Every language has the same sheets, keys and fields; a test
holds them to it. What a policy itself says comes from the policy, never from here.
"""

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

__all__ = ["LANGUAGES", "Words", "words"]

FOLDER = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()))


class Words:
    """One sheet of sentences in one language."""

    def __init__(self, language: str, sentences: dict[str, str]) -> None:
        self.language = language
        self._sentences = sentences

    def say(self, key: str, **fields: str | int) -> str:
        """
        Return a sentence with its fields filled in.

        :raises KeyError: if the sheet has no such sentence, or a field of it is not given
        """
        return self._sentences[key].format_map(fields)

    def has(self, key: str) -> bool:
        """Say whether the sheet has a sentence (for words of an enumeration that may be empty)."""
        return key in self._sentences

    def keys(self) -> list[str]:
        """Return the keys of all sentences."""
        return list(self._sentences)


@cache
def words(language: str, sheet: str) -> Words:
    """
    Return a sheet in a language.

    :raises FileNotFoundError: if documents are not written in that language
    """
    sentences = YAML(typ="safe", pure=True).load((FOLDER / language / f"{sheet}.yaml").read_text())
    return Words(language, {str(key): str(sentence).strip() for key, sentence in sentences.items()})
