"""A document as Markdown (CommonMark, with the tables of GitHub): hostile text stays text."""

import re
from collections.abc import Iterator

from assent.privacy.documents.contracts import Block, Callout, Document, Facts, Items, Paragraph, Run, Runs, Table, sections
from assent.privacy.documents.frame import stamped, warning
from assent.privacy.documents.links import allowed

__all__ = ["to_markdown"]

# Every mark that means something inside a line; a colon or a dot only where a bare address would become a link.
INLINE = re.compile(r"[\\`*_\[\]<>|~&$^]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What means something only at the beginning of a line.
BEGINNING = re.compile(r"^([0-9]*)([#+\-=]|(?<=[0-9])[.)])")


def to_markdown(document: Document) -> str:
    """Return a document as Markdown text."""
    return "".join(_document(document))


def _document(document: Document) -> Iterator[str]:
    ids = {section.id for _, section in sections(document)}
    yield f"# {_plain(document.title)}\n\n"
    if note := warning(document):
        yield f"> **{_plain(note)}**\n\n"
    if document.lead:
        yield f"{_text(document.lead, ids)}\n\n"
    for depth, section in sections(document):
        yield f'<a id="{_name(section.id)}"></a>\n\n{"#" * min(depth + 1, 6)} {_plain(section.title)}\n\n'
        for block in section.blocks:
            yield f"{_block(block, ids)}\n\n"
    yield "---\n\n"
    for term, said in stamped(document):
        yield f"- **{_plain(term)}**: {_plain(said)}\n"


def _block(block: Block, ids: set[str]) -> str:
    match block:
        case Paragraph(runs):
            return _text(runs, ids)
        case Items(items, ordered):
            marks = [f"{at}." for at in range(1, len(items) + 1)] if ordered else ["-"] * len(items)
            return "\n".join(f"{mark} {_line(item, ids)}" for mark, item in zip(marks, items, strict=True))
        case Facts(pairs):
            return "\n".join(f"- **{_plain(term)}**: {_line(said, ids)}" for term, said in pairs)
        case Callout(_, runs):
            return "\n".join(f"> {line}" for line in _text(runs, ids).split("\n"))
        case Table():
            return _table(block, ids)


def _table(table: Table, ids: set[str]) -> str:
    head = " | ".join(_plain(cell) for cell in table.head)
    rows = [" | ".join(_line(cell, ids) for cell in row) for row in table.rows]
    ruled = "|".join([" --- "] * len(table.head))
    return "\n".join([f"{_plain(table.caption)}\n", f"| {head} |", f"|{ruled}|", *(f"| {row} |" for row in rows)])


def _text(runs: Runs, ids: set[str]) -> str:
    """Return running text; a new line in it is a hard break."""
    lines = "".join(_run(run, ids) for run in runs).split("\n")
    return "\\\n".join(BEGINNING.sub(r"\1\\\2", line.strip()) if line.strip() else "" for line in lines).strip()


def _line(runs: Runs, ids: set[str]) -> str:
    """Return running text on one line."""
    text = " ".join("".join(_run(run, ids) for run in runs).split())
    return BEGINNING.sub(r"\1\\\2", text)


def _plain(text: str) -> str:
    return _line((Run(text),), set())


def _run(run: Run, ids: set[str]) -> str:
    text = INLINE.sub(r"\\\g<0>", run.text)
    if run.strong and text.strip():
        text = f"**{text.strip()}**"
    if href := allowed(run.href, ids):
        text = f"[{text}](<{href}>)"
    return text


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", text)
