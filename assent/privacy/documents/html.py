"""A document as an HTML fragment for pages of the house, and as a page of its own for files."""

from collections.abc import Iterator
from html import escape

from assent.privacy.documents.contracts import Block, Callout, Document, Facts, Items, Paragraph, Run, Runs, Section, sections
from assent.privacy.documents.frame import stamped, warning
from assent.privacy.documents.links import allowed
from assent.privacy.documents.words import words

__all__ = ["to_html", "to_page"]

# A file on disk has no stylesheet beside it, so it brings its own.
STYLE = """
:root{color-scheme:light dark;--ground:#fcfbf8;--text:#23262e;--quiet:#5b606b;--line:#d9dbe0;--raised:#fff;--note:#eef3fb}
@media(prefers-color-scheme:dark){:root{--ground:#16181d;--text:#e8e9ec;--quiet:#a9adb6;--line:#3b3f48;--raised:#1e2127;--note:#1d2735}}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.55 system-ui,sans-serif}
main{max-width:50rem;margin:0 auto;padding:2rem 1.25rem 4rem;overflow-wrap:break-word}
h1{font-size:2.1rem;line-height:1.2}h2{font-size:1.6rem;margin-top:3rem}h3{font-size:1.25rem;margin-top:2.25rem}
h4,h5,h6{font-size:1rem;margin-top:1.5rem}h1,h2,h3,h4,h5,h6{margin-bottom:.5rem;text-wrap:balance}
a{color:inherit;text-underline-offset:.15em}small{color:var(--quiet);font-size:.8125rem;font-weight:400}
.document-lead{font-size:1.15rem}dl{margin:.75rem 0}dt{font-weight:600;margin-top:.75rem}dd{margin:0 0 0 1rem}
.document-table{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;width:100%;background:var(--raised)}
caption{text-align:start;color:var(--quiet);padding-bottom:.5rem}
th,td{text-align:start;vertical-align:top;border:1px solid var(--line);padding:.5rem .65rem}
.document-callout{border-inline-start:4px solid var(--quiet);background:var(--note);padding:.75rem 1rem;margin:1rem 0}
.document-callout p{margin:0}
.document-stamp{border-top:1px solid var(--line);margin-top:3rem;color:var(--quiet)}
nav ol{padding-inline-start:1.25rem}
@media screen and (max-width:40rem){
table,caption,tbody,tr,th,td{display:block}thead{position:absolute;clip-path:inset(50%)}
table{background:none}tr{background:var(--raised);border:1px solid var(--line);border-radius:8px;
padding:.5rem .75rem;margin-bottom:.75rem}th,td{border:0;padding:.25rem 0}
td::before{content:attr(data-head);display:block;color:var(--quiet);font-size:.8125rem}td:empty{display:none}}
@media print{body{background:#fff;color:#000}main{max-width:none;padding:0}nav{display:none}}
@media(min-width:40rem){
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.25rem 1.25rem}dt{margin:0}dd{margin:0}}
"""


def to_html(document: Document, *, level: int = 1) -> str:
    """
    Return an ``<article>`` with everything of a document.

    :param level: of the title's heading; sections lie below it
    """
    return "".join(_article(document, level))


def to_page(document: Document) -> str:
    """Return a whole page, with its contents listed first and nothing to fetch."""
    frame = words(document.language, "frame")
    listed = "".join(f'<li><a href="#{escape(s.id)}">{escape(s.title)}</a></li>' for s in document.sections)
    contents = f'<nav aria-label="{escape(frame.say("contents"))}"><ol>{listed}</ol></nav>\n'
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(_article(document, 1, contents))}</main>\n</body>\n</html>\n"
    )


def _article(document: Document, level: int, contents: str = "") -> Iterator[str]:
    ids = {section.id for _, section in sections(document)}
    yield f'<article class="document" lang="{escape(document.language)}">\n'
    yield f"<h{level}>{escape(document.title)}</h{level}>\n"
    if note := warning(document):
        yield f'<div class="document-callout document-callout-draft" role="note"><p>{escape(note)}</p></div>\n'
    if document.lead:
        yield f'<p class="document-lead">{_runs(document.lead, ids)}</p>\n'
    yield contents
    for section in document.sections:
        yield from _section(section, level + 1, ids, landmark=True)
    facts = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in stamped(document))
    yield f'<footer class="document-stamp"><dl>{facts}</dl></footer>\n</article>\n'


def _section(section: Section, level: int, ids: set[str], *, landmark: bool) -> Iterator[str]:
    heading = f"h{min(level, 6)}"
    name = escape(section.id)
    # A section with a name is a landmark, and of those a page may have few; deeper ones are found by their headings.
    named = f' aria-labelledby="{name}-title"' if landmark else ""
    yield f'<section id="{name}"{named}>\n'
    yield f'<{heading} id="{name}-title">{escape(section.title)}</{heading}>\n'
    for at, block in enumerate(section.blocks):
        yield from _block(block, f"{name}-{at}", ids)
    for inner in section.sections:
        yield from _section(inner, level + 1, ids, landmark=False)
    yield "</section>\n"


def _block(block: Block, name: str, ids: set[str]) -> Iterator[str]:
    match block:
        case Paragraph(runs):
            yield f"<p>{_runs(runs, ids)}</p>\n"
        case Items(items, ordered):
            kind = "ol" if ordered else "ul"
            yield f"<{kind}>{''.join(f'<li>{_runs(item, ids)}</li>' for item in items)}</{kind}>\n"
        case Facts(pairs):
            told = "".join(f"<dt>{escape(term)}</dt><dd>{_runs(said, ids)}</dd>" for term, said in pairs)
            yield f"<dl>{told}</dl>\n"
        case Callout(kind, runs):
            yield f'<div class="document-callout document-callout-{kind}" role="note"><p>{_runs(runs, ids)}</p></div>\n'
        case _:
            # What is wider than its place scrolls on its own, so it can be reached with the keyboard and has a name. On a
            # phone a stylesheet may lay cells under one another: hence the head in each, and roles that survive it.
            yield f'<div class="document-table" role="group" tabindex="0" aria-labelledby="{name}">\n<table role="table">\n'
            yield f'<caption id="{name}">{escape(block.caption)}</caption>\n<thead role="rowgroup"><tr role="row">'
            yield "".join(f'<th scope="col" role="columnheader">{escape(head)}</th>' for head in block.head)
            yield '</tr></thead>\n<tbody role="rowgroup">\n'
            for first, *rest in block.rows:
                cells = "".join(
                    f'<td role="cell" data-head="{escape(head)}">{_runs(cell, ids)}</td>'
                    for head, cell in zip(block.head[1:], rest, strict=True)
                )
                yield f'<tr role="row"><th scope="row" role="rowheader">{_runs(first, ids)}</th>{cells}</tr>\n'
            yield "</tbody>\n</table>\n</div>\n"


def _runs(runs: Runs, ids: set[str]) -> str:
    return "".join(_run(run, ids) for run in runs)


def _run(run: Run, ids: set[str]) -> str:
    text = "<br>".join(escape(line) for line in run.text.split("\n"))
    if run.strong:
        text = f"<strong>{text}</strong>"
    if run.quiet:
        text = f"<small>{text}</small>"
    if href := allowed(run.href, ids):
        text = f'<a href="{escape(href)}">{text}</a>'
    return text
