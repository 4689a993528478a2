"""What the documents show works: commands exist, links lead somewhere."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from assent.privacy.documents.api import LANGUAGES
from assent.privacy.policy.rules import DOCUMENT_LANGUAGES

HOME = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    HOME / "README.md",
    HOME / "ARCHITECTURE.md",
    HOME / "CONTRIBUTING.md",
    HOME / "SECURITY.md",
    *sorted((HOME / "docs").rglob("*.md")),
]


def named(path: Path) -> str:
    return str(path.relative_to(HOME))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_that_are_shown_exist(document):
    text = document.read_text()
    shown = set(re.findall(r"(?:^|`)assent ([a-z]+)", text, flags=re.MULTILINE))
    assert shown <= set(get_commands())
    targets = set(re.findall(r"^([a-z]+):.*##", (HOME / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)(?:`|$|  |ONLY)", text, flags=re.MULTILINE)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#\s]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_decision_is_more_than_a_title():
    for page in (HOME / "docs/decisions").glob("*.md"):
        lines = page.read_text().strip().splitlines()
        assert lines[0].startswith("# ")
        assert len(lines) > 3, page.name


def test_the_policy_check_knows_the_languages_that_documents_are_written_in():
    assert sorted(DOCUMENT_LANGUAGES) == sorted(LANGUAGES)
