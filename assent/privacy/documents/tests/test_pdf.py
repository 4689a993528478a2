"""The PDF opens, is tagged, and says which version it is of."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Kind


def opened(edition, language, kind=Kind.PRIVACY_NOTICE):
    document = api.build(edition=edition, kind=kind, language=language)
    return document, PdfReader(BytesIO(api.to_pdf(document)))


def roles(node, found):
    """Count the structure elements below a node."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            roles(each, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found[node["/S"]] = found.get(node["/S"], 0) + 1
        if "/K" in node:
            roles(node["/K"], found)
    return found


@pytest.mark.parametrize("language", ["en", "ro"])
def test_it_is_tagged_with_title_language_and_outline(bloom, language):
    document, reader = opened(bloom, language)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata.title == document.title
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert titles == [section.title for section in document.sections]


def test_headings_lists_and_tables_are_marked_as_such(bloom):
    _, reader = opened(bloom, "en")
    found = roles(reader.trailer["/Root"]["/StructTreeRoot"], {})
    for role in ("/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Link", "/P"):
        assert found.get(role), role


def test_every_page_says_that_a_draft_is_a_draft(bloom):
    document, reader = opened(bloom, "en", Kind.COOKIE_POLICY)
    assert document.stamp.number == 0
    for page in reader.pages:
        assert "draft, not in force" in page.extract_text()
    assert document.stamp.digest in "".join(reader.pages[-1].extract_text().split())


def test_the_same_document_gives_the_same_words(bloom):
    first, second = (opened(bloom, "ro")[1] for _ in range(2))
    assert [page.extract_text() for page in first.pages] == [page.extract_text() for page in second.pages]
