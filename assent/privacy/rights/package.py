"""The access package: everything held about one person, as JSON for machines and as one page for the person."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from assent.foundation.personal import Page

__all__ = ["build"]

FIXED = (1980, 1, 1, 0, 0, 0)
_SAFE = re.compile(r"[^a-z0-9._/-]")


def build(pages: Iterable[Page], *, about: Sequence[Page] = (), controller: str, language: str, at: datetime) -> bytes:
    """
    Return a zip with a JSON file per page, and ``index.html`` that shows all of it.

    :param about: what is said beside the copy, shown before it

    Times in the archive are fixed and names are in order, so that equal contents give equal bytes.
    """
    kept = [*about, *pages]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in sorted(kept, key=lambda page: page.path):
            rows = json.dumps(list(page.rows), ensure_ascii=False, indent=2, default=str).encode()
            data = rows if page.raw is None else page.raw
            # Paths come from the rooms, but a package must not be able to write outside its folder, whoever wrote it.
            name = _SAFE.sub("_", page.path.lower()).replace("..", "_").lstrip("/")
            archive.writestr(zipfile.ZipInfo(name, FIXED), data, zipfile.ZIP_DEFLATED)
        shown = [
            {"title": page.title, "columns": _columns(page), "rows": _rows(page), "count": len(page.rows)}
            for page in kept
            if page.rows
        ]
        html = render_to_string(
            "rights/package.html", {"pages": shown, "controller": controller, "language": language, "at": at}
        )
        archive.writestr(zipfile.ZipInfo("index.html", FIXED), html, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _columns(page: Page) -> list[str]:
    names: dict[str, None] = {}
    for row in page.rows:
        names.update(dict.fromkeys(row))
    return list(names)


def _rows(page: Page) -> SafeString:
    """Return the rows as HTML, each value escaped: a template's own loop takes seconds for ten thousand of them."""
    columns = _columns(page)
    lines = ("".join(f"<td>{escape(_words(row.get(name)))}</td>" for name in columns) for row in page.rows)
    return mark_safe("\n".join(f"<tr>{line}</tr>" for line in lines))  # noqa: S308 - every value is escaped above


def _words(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
