"""A record as JSON: the words of the policy in one language, codes as they stand in the policy, days as ISO 8601."""

import json
from typing import Any

from pydantic import TypeAdapter

from assent.privacy.ropa.contracts import ControllerRecord, ProcessorRecord

__all__ = ["as_json", "schema"]

# Named inside, so that a later shape can be told from this one.
FORMS: dict[type[Any], tuple[str, str, TypeAdapter[Any]]] = {
    ControllerRecord: ("assent-record-controller-1", "gdpr:30(1)", TypeAdapter(ControllerRecord)),
    ProcessorRecord: ("assent-record-processor-1", "gdpr:30(2)", TypeAdapter(ProcessorRecord)),
}


def as_json(record: ControllerRecord | ProcessorRecord) -> bytes:
    """Return a record in UTF-8, indented, its fields in the order of the contract: the same record gives the same bytes."""
    form, article, adapter = FORMS[type(record)]
    said = {"form": form, "article": article} | adapter.dump_python(record, mode="json")
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of both records."""
    shapes: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    for form, article, adapter in FORMS.values():
        shape = adapter.json_schema(mode="serialization", ref_template="#/$defs/{model}")
        definitions |= shape.pop("$defs", {})
        shape["properties"] = {"form": {"const": form}, "article": {"const": article}} | shape["properties"]
        shape["required"] = ["form", "article", *shape["required"]]
        shapes.append(shape | {"additionalProperties": False})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record of processing (GDPR art. 30)",
        "oneOf": shapes,
        "$defs": definitions,
    }
