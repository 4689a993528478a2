"""Documents on pages of the console: the edition in force, its blocks as a template draws them, and files to take along."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from assent.entrypoints.console import words
from assent.entrypoints.console.access import Desk
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Block, Callout, Edition, Facts, Items, Paragraph, Section, Table

__all__ = ["TYPES", "attached", "blocks", "current", "language", "shown"]

TYPES: Mapping[str, str] = {
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def current(at: Desk) -> Edition:
    """
    Return the edition in force.

    :raises NoPolicy: if none was ever published
    """
    return documents.edition(controller=at.controller.id)


def language(edition: Edition) -> str:
    """Return the reader's language if documents are written in it for this policy, else the policy's first."""
    mine, written = words.spoken(edition.policy), documents.languages(edition.policy.policy)
    return mine if mine in written else written[0]


def shown(section: Section) -> dict[str, Any]:
    """Return a section as a template draws it, with the sections inside."""
    inside = [shown(one) for one in section.sections]
    return {"id": section.id, "title": section.title, "blocks": blocks(section), "sections": inside}


def blocks(section: Section) -> list[dict[str, Any]]:
    """Return the blocks of a section, each with the word its drawing hangs on."""
    return [_drawn(block) for block in section.blocks]


def attached(data: bytes, *, at: Desk, edition: Edition, name: str, form: str) -> HttpResponse:
    """Answer with a file named after the brand and the version."""
    file = f"{at.controller.slug}-{name}-v{edition.stamp.number}.{form}"
    return HttpResponse(data, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{file}"'})


def _drawn(block: Block) -> dict[str, Any]:
    match block:
        case Table(caption, head, rows):
            return {
                "is": "table",
                "caption": caption,
                "head": head,
                "rows": [list(zip(head, row, strict=True)) for row in rows],
            }
        case Facts(pairs):
            return {"is": "facts", "pairs": pairs}
        case Items(items, ordered):
            return {"is": "items", "items": items, "ordered": ordered}
        case Callout(kind, runs):
            return {"is": "callout", "kind": kind.value, "runs": runs}
        case Paragraph(runs):
            return {"is": "paragraph", "runs": runs}
