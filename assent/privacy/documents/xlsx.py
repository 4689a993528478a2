"""
A document as a workbook: a sheet of facts, a sheet for each table, and sections of the same shape as rows of one sheet.

Every cell is text, whatever it begins with: nothing a policy says can become a formula. The same document gives the same bytes.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from assent.privacy.documents.contracts import Callout, Document, Facts, Items, Paragraph, Runs, Section, Table, sections
from assent.privacy.documents.frame import stamped
from assent.privacy.documents.words import words

__all__ = ["to_xlsx"]

# A draft was never published; a day all drafts share keeps their bytes the same.
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
# Excel refuses these in the name of a sheet, and more than 31 characters.
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31
# Excel cuts a cell off here.
LONGEST_CELL = 32_767
NARROW, WIDE = 14, 56


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under a head."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def to_xlsx(document: Document) -> bytes:
    """Return a document as an Office Open XML workbook."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    moment = document.stamp.published_at or LONG_AGO
    book.set_properties({
        "title": document.title,
        "comments": document.stamp.digest,
        "created": moment.astimezone(UTC).replace(tzinfo=None, microsecond=0),
    })  # fmt: skip
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF1F6"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    names = {"history"}  # Excel keeps this name for itself
    for sheet in _sheets(document):
        _write(book.add_worksheet(_name(sheet.name, names)), sheet, head, body)
    book.close()
    return stream.getvalue()


def _sheets(document: Document) -> Iterator[Sheet]:
    say = words(document.language, "workbook").say
    about = [(document.title, _text(document.lead)), *stamped(document)]
    # What is said beside a table has no row of its own there.
    about += [
        (section.title, text)
        for _depth, section in sections(document)
        if any(isinstance(block, Table | Facts) for block in section.blocks)
        for block in section.blocks
        for text in _prose(block)
    ]
    yield Sheet(say("about"), (say("what"), say("said")), tuple(about))
    for section in document.sections:
        yield from _of_section(section, say("what"), say("said"))


def _of_section(section: Section, what: str, said: str) -> Iterator[Sheet]:
    tables = [block for block in section.blocks if isinstance(block, Table)]
    facts = [pair for block in section.blocks if isinstance(block, Facts) for pair in block.pairs]
    prose = [text for block in section.blocks for text in _prose(block)]
    if facts:
        yield Sheet(section.title, (what, said), tuple((term, _text(runs)) for term, runs in facts))
    for at, table in enumerate(tables):
        name = section.title if at == 0 and not facts else table.caption
        yield Sheet(name, table.head, tuple(tuple(_text(cell) for cell in row) for row in table.rows))
    if prose and not facts and not tables:
        yield Sheet(section.title, (section.title,), tuple((text,) for text in prose))
    alike = [one for one in section.sections if len(one.blocks) == 1 and isinstance(one.blocks[0], Facts)]
    if alike:
        yield _as_rows(section.title, alike, what)
    for one in section.sections:
        if one not in alike:
            yield from _of_section(one, what, said)


def _as_rows(name: str, alike: list[Section], what: str) -> Sheet:
    """Lay sections that hold a definition list each under one head: a row for each, a column for each term."""
    told = [(one.title, {term: _text(runs) for block in one.blocks if isinstance(block, Facts) for term, runs in block.pairs})
            for one in alike]  # fmt: skip
    terms: list[str] = []
    for _title, pairs in told:
        at = 0
        # A term that only some sections have stands where it stands among theirs.
        for term in pairs:
            if term not in terms:
                terms.insert(at, term)
            at = terms.index(term) + 1
    return Sheet(name, (what, *terms), tuple((title, *(pairs.get(term, "") for term in terms)) for title, pairs in told))


def _prose(block: object) -> Iterator[str]:
    match block:
        case Paragraph(runs) | Callout(_, runs):
            yield _text(runs)
        case Items(items):
            yield from (_text(runs) for runs in items)


def _text(runs: Runs) -> str:
    return "".join(run.text for run in runs).strip()


def _write(page: Any, sheet: Sheet, head: Any, body: Any) -> None:
    for column, title in enumerate(sheet.head):
        longest = max((len(row[column]) for row in sheet.rows), default=0)
        page.set_column(column, column, min(max(NARROW, len(title) + 2, longest // 2), WIDE))
        page.write_string(0, column, title[:LONGEST_CELL], head)
    for at, row in enumerate(sheet.rows, 1):
        for column, text in enumerate(row):
            # An empty text would be a text to a spreadsheet; an empty cell is not.
            (page.write_string if text else page.write_blank)(at, column, text[:LONGEST_CELL] or None, body)
    page.freeze_panes(1, 1)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.head) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name for a sheet that Excel takes and no other sheet has."""
    plain = FORBIDDEN.sub(" ", wanted).strip()[:LONGEST_NAME] or "–"
    name, at = plain, 2
    while name.casefold() in taken:
        mark = f" {at}"
        name, at = plain[: LONGEST_NAME - len(mark)] + mark, at + 1
    taken.add(name.casefold())
    return name
