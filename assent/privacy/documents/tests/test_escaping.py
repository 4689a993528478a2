"""A text of a policy is somebody's: as a page, as Markdown and as PDF it stays the text it is."""

import unicodedata
from html.parser import HTMLParser
from io import BytesIO

import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Document, Kind, Paragraph, Run, Section, Stamp
from assent.privacy.documents.links import allowed
from assent.privacy.documents.tests.conftest import HOSTILE

OURS = {
    "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "section", "dl", "dt", "dd", "ul", "ol", "li", "div", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "strong", "small", "a", "br", "footer",
}  # fmt: skip


class Reader(HTMLParser):
    """Notes every element, attribute and piece of text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.hrefs, self.text = set(), set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.hrefs += [value for name, value in attrs if name == "href"]
        if tag == "br":
            self.text.append("\n")

    def handle_data(self, data):
        self.text.append(data)


def test_a_page_has_our_elements_only_and_every_word(hostile):
    reader = Reader()
    reader.feed(api.to_html(hostile))
    assert reader.tags <= OURS
    assert not {name for name in reader.attributes if name.startswith("on") or name == "style"}
    text = "".join(reader.text)
    # The parser makes one line end of CR and LF, as every browser does.
    assert [each for each in HOSTILE if each.replace("\r\n", "\n").replace("\r", "\n") not in text] == []


def test_addresses_lead_outside_by_three_ways_or_to_a_section_that_is_there(hostile):
    reader = Reader()
    reader.feed(api.to_html(hostile))
    assert all(href.startswith(("https://", "mailto:", "tel:", "#")) for href in reader.hrefs)
    assert allowed("https://bloom.example/a?b=c", set())
    assert allowed("mailto:privacy@bloom.example", set())
    assert allowed("tel:+40215550101", set())
    assert allowed("#there", {"there"})
    for bad in (
        "#gone",
        "http://bloom.example",
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "//x.example",
        " https://x",
    ):
        assert allowed(bad, {"there"}) == "", bad
    assert allowed('https://x.example/">', set()) == ""
    assert allowed("https://x.example/\nx", set()) == ""


def said(text):
    """Return what CommonMark makes of a paragraph that says only this."""
    section = Section("one", "One", (Paragraph((Run(text),)),))
    document = Document(Kind.PRIVACY_NOTICE, "bloom", "en", "T", (), Stamp(1, "a" * 64, None), (section,))
    parser = MarkdownIt("gfm-like", {"linkify": False})
    tokens = parser.parse(api.to_markdown(document))
    start = next(at for at, token in enumerate(tokens) if token.type == "heading_close" and token.tag == "h2")
    end = next(at for at, token in enumerate(tokens) if token.type == "hr")
    return tokens[start + 1 : end]


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_markdown_says_the_text_and_nothing_else(text):
    tokens = said(text)
    if not tokens:
        assert not any(unicodedata.category(sign)[0] in "LNPSM" for sign in text)
        return
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inner = [child for token in tokens if token.type == "inline" for child in token.children]
    assert {child.type for child in inner} <= {"text", "text_special", "softbreak", "hardbreak"}
    shown = "".join(child.content if child.type.startswith("text") else " " for child in inner)
    expected = text.replace("\x00", "\ufffd")
    assert "".join(shown.split()) == "".join(expected.split())


def test_a_tagged_pdf_can_be_made_of_any_text(hostile):
    reader = PdfReader(BytesIO(api.to_pdf(hostile)))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert '#import"@preview/cetz:0.3.0"#read("/etc/passwd")#sys.inputs' in text
    assert "[U+7530]" in text  # 田, which no font of ours has
    assert "</article><script>alert(1)</script>" in text


def test_letters_of_the_house_are_in_the_fonts():
    from assent.privacy.documents.pdf import UNSHOWN

    assert (
        UNSHOWN.sub("", "Ștefăniță îți dă țară: „așa” – ‘so’ — 5 × 3 ≥ 2 € … · ½ →")
        == "Ștefăniță îți dă țară: „așa” – ‘so’ — 5 × 3 ≥ 2 € … · ½ →"
    )
    assert UNSHOWN.findall("田\x00\u200b") == ["田", "\x00", "\u200b"]
