"""The JSON Schema that editors complete ``policy.yaml`` with."""

from typing import Any

from assent.privacy.policy.contracts import Policy

__all__ = ["schema"]


def schema(*, overlay: bool = False) -> dict[str, Any]:
    """
    Return the JSON Schema editors complete ``policy.yaml`` with.

    An overlay is a bundle that extends another: nothing is required in it, and null removes what it inherits.
    """
    found = Policy.model_json_schema()
    if overlay:
        found = loosened(found)
        found["required"] = ["extends"]
        found["properties"]["extends"] = {"type": "string", "pattern": r"^\.\./[a-z][a-z0-9-]*$"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "Assent policy" + " overlay" * overlay}


def loosened(node: Any) -> Any:
    """Return a schema in which nothing is required and any member of a mapping may be null."""
    result: dict[str, Any] = {}
    for key, value in node.items():
        match key, value:
            case (("required" | "minProperties"), _):
                continue
            case (("properties" | "patternProperties"), _):
                result[key] = {name: nullable(loosened(each)) for name, each in value.items()}
            case "$defs", _:
                result[key] = {name: loosened(each) for name, each in value.items()}
            case "additionalProperties", dict():
                result[key] = nullable(loosened(value))
            case "anyOf", _:
                result[key] = [loosened(each) for each in value]
            case _:
                result[key] = value
    return result


def nullable(node: Any) -> Any:
    """Return a schema that also takes null."""
    return {"anyOf": [node, {"type": "null"}]}
