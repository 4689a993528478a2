"""A document as JSON and back: the form in which it is kept for ever, and from which its digest is taken."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assent.foundation import canonical
from assent.privacy.documents.contracts import (
    Block,
    Callout,
    CalloutKind,
    Document,
    Facts,
    Items,
    Kind,
    Paragraph,
    Run,
    Runs,
    Section,
    Stamp,
    Table,
)

__all__ = ["read", "write"]

# Named inside, so that a later shape can be told from this one.
FORM = "assent-document-1"
BLOCKS: dict[str, type] = {kind.__name__.lower(): kind for kind in (Paragraph, Items, Facts, Table, Callout)}


def write(document: Document) -> bytes:
    """Return a document in RFC 8785 form."""
    return canonical.dumps({"form": FORM} | _values(document))


def read(form: str | bytes) -> Document:
    """
    Return the document of a form.

    :raises ValueError: if it is of another shape
    """
    said = json.loads(form)
    if said.get("form") != FORM:
        raise ValueError(f"this is no {FORM}: it was written by another version of the software")
    stamp = said["stamp"]
    moment = stamp.get("published_at")
    return Document(
        kind=Kind(said["kind"]),
        of=said["of"],
        language=said["language"],
        title=said["title"],
        lead=_runs(said["lead"]),
        stamp=Stamp(stamp["number"], stamp["digest"], datetime.fromisoformat(moment) if moment else None),
        sections=tuple(_section(each) for each in said["sections"]),
    )


def _values(part: Any) -> Any:
    if is_dataclass(part) and not isinstance(part, type):
        # What is as it mostly is (not strong, leading nowhere) is left out.
        told = {field.name: _values(value) for field in fields(part) if (value := getattr(part, field.name)) != field.default}
        return told | {"is": type(part).__name__.lower()} if isinstance(part, tuple(BLOCKS.values())) else told
    if isinstance(part, tuple):
        return [_values(each) for each in part]
    if isinstance(part, datetime):
        return part.isoformat()
    return str(part) if isinstance(part, StrEnum) else part


def _section(said: dict[str, Any]) -> Section:
    blocks = tuple(_block(each) for each in said.get("blocks", ()))
    return Section(said["id"], said["title"], blocks, tuple(_section(each) for each in said.get("sections", ())))


def _block(said: dict[str, Any]) -> Block:
    match said["is"]:
        case "paragraph":
            return Paragraph(_runs(said["runs"]))
        case "items":
            return Items(tuple(_runs(item) for item in said["items"]), said.get("ordered", False))
        case "facts":
            return Facts(tuple((term, _runs(runs)) for term, runs in said["pairs"]))
        case "callout":
            return Callout(CalloutKind(said["kind"]), _runs(said["runs"]))
        case _:
            rows = tuple(tuple(_runs(cell) for cell in row) for row in said["rows"])
            return Table(said["caption"], tuple(said["head"]), rows)


def _runs(said: list[dict[str, Any]]) -> Runs:
    return tuple(Run(**run) for run in said)
