import re
from pathlib import Path

import pytest

from assent.privacy.documents.words import FOLDER, LANGUAGES, words

SHEETS = sorted(path.stem for path in (FOLDER / LANGUAGES[0]).glob("*.yaml"))


def fields(sheet, language):
    found = words(language, sheet)
    return {key: sorted(re.findall(r"{(\w+)}", found._sentences[key])) for key in found.keys()}  # noqa: SIM118


def test_every_language_has_the_same_sheets():
    assert {"en", "ro"} <= set(LANGUAGES)
    for language in LANGUAGES:
        assert sorted(path.stem for path in (FOLDER / language).glob("*.yaml")) == SHEETS


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_sheet_says_the_same_things_with_the_same_fields(sheet):
    for language in LANGUAGES:
        assert fields(sheet, language) == fields(sheet, LANGUAGES[0]), language


@pytest.mark.parametrize("path", sorted(Path(FOLDER).rglob("*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sentences_are_said_and_romanian_is_spelt_properly(path):
    text = path.read_text()
    assert not set("şţŞŢ") & set(text)
    assert all(sentence.strip() for sentence in words(path.parent.name, path.stem)._sentences.values())
