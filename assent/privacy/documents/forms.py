"""A document as JSON and back: the form in which it is kept for ever, and from which its digest is taken."""

import json
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

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
KINDS_OF_BLOCK = (Paragraph, Items, Facts, Table, Callout)


def write(document: Document) -> bytes:
    """
    Return a document in RFC 8785 form.

    Every name in it is plain ASCII and no number has a fraction, so that sorted and without spaces is that form; a test
    compares the two. Python's own encoder writes it many times faster than one that must think of the rest.
    """
    return ENCODER.encode({"form": FORM} | _told(document)).encode()


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


def _told(part: Any) -> Any:
    if isinstance(part, datetime):
        return part.isoformat()
    # What is as it mostly is (not strong, leading nowhere) is left out.
    told = {name: value for name, default in _parts(part.__class__) if (value := getattr(part, name)) != default}
    return told | {"is": type(part).__name__.lower()} if isinstance(part, KINDS_OF_BLOCK) else told


@cache
def _parts(of: type) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in fields(of))


ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_told)


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
