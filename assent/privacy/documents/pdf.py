"""
A document as PDF/UA-1: tagged, titled, with a language, an outline and table heads (ISO 14289-1).

Typst compiles it in memory. What a document says reaches the template as JSON, never as markup, and the template names no
file and no package, so that nothing is read and nothing is fetched. Fonts are those inside typst: the same everywhere.
"""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, cast

import typst

from assent.privacy.documents.contracts import (
    Block,
    Callout,
    Document,
    Facts,
    Items,
    Paragraph,
    Run,
    Runs,
    Section,
    Table,
)
from assent.privacy.documents.frame import short, stamped, warning
from assent.privacy.documents.links import allowed

__all__ = ["to_pdf"]

TEMPLATE = Path(__file__).with_name("document.typ")
# What the fonts inside typst show, tried sign by sign: European scripts with their punctuation, currencies, arrows and
# mathematical signs. A tagged document must not hold a sign that no font shows, so any other is written by its code point.
UNSHOWN = re.compile(
    "[^\n\x20-\x7e\xa0-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff"
    "\u0531-\u0556\u0559-\u058a\u05d0-\u05ea\u10d0-\u10ff\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u2042\u2044-\u2052"
    "\u2054-\u205e\u2070\u2071\u2074-\u208e\u20a0-\u20c0\u2100-\u211e\u2120\u2122\u2126-\u2151\u2153-\u2184\u2190-\u23ff"
    "\u2460-\u25ff\ufb00-\ufb06\ufffd]"
)


def to_pdf(document: Document) -> bytes:
    """
    Return a document as PDF. A sign that no font of ours has is written by its code point, as ``[U+7530]``.

    :raises typst.TypstError: if it can't be laid out
    """
    moment = int(document.stamp.published_at.timestamp()) if document.stamp.published_at else 0
    found = typst.compile(
        _template(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(_written(document), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=moment,
    )
    return cast("bytes", found)  # without a file to write to, and in one format, it is nothing else


@cache
def _fonts() -> typst.Fonts:
    # Read once: looking for them takes as long as a short document.
    return typst.Fonts(include_system_fonts=False)


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _shown(text: str) -> str:
    # What one sign can say is said by one: a letter and its mark together are in the fonts, the mark alone is not.
    return UNSHOWN.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", unicodedata.normalize("NFC", text))


def _written(document: Document) -> dict[str, Any]:
    return {
        "title": _shown(document.title),
        "author": _shown(document.of),
        "language": document.language,
        "lead": _runs(document.lead),
        "sections": [_section(section) for section in document.sections],
        "warning": warning(document),
        "foot": _shown(f"{document.title} · {short(document)}"),
        "stamp": stamped(document),
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": _shown(section.title),
        "blocks": [_block(block) for block in section.blocks],
        "sections": [_section(inner) for inner in section.sections],
    }


def _block(block: Block) -> list[Any]:
    match block:
        case Paragraph(runs):
            return ["p", _runs(runs)]
        case Items(items, ordered):
            return ["ol" if ordered else "ul", [_runs(item) for item in items]]
        case Facts(pairs):
            return ["dl", [[_shown(term), _runs(said)] for term, said in pairs]]
        case Callout(_, runs):
            return ["note", _runs(runs)]
        case _:
            rows = [[{"c": _runs(cell)} for cell in row] for row in block.rows]
            return ["table", _shown(block.caption), [_shown(head) for head in block.head], rows, _widths(block)]


def _widths(table: Table) -> list[float]:
    """Return how the columns share the page: by the root of what stands in them, so that no long one starves the rest."""
    columns = zip(*([[Run(head)] for head in table.head], *table.rows), strict=True)
    totals = [[sum(len(run.text) for run in cell) for cell in column] for column in columns]
    return [
        round(max(sum(each) / len(each), len(head) * 1.2, 4) ** 0.5, 2) for each, head in zip(totals, table.head, strict=True)
    ]


def _runs(runs: Runs) -> list[dict[str, Any]]:
    # An empty list has nothing to join; typst wants something.
    return [_run(run) for run in runs] or [{"t": ""}]


def _run(run: Run) -> dict[str, Any]:
    told: dict[str, Any] = {"t": _shown(run.text)}
    if run.strong:
        told["s"] = True
    if run.quiet:
        told["q"] = True
    # Ways within a document would have typst lay it out twice, a third of the time; its outline leads everywhere as well.
    if href := allowed(run.href, ()):
        told["h"] = href
    return told
