"""What does not fit in a request, as places and cures. Pydantic's own words repeat values, which may be somebody's address."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ninja import Schema

from assent.entrypoints.api.fields import Many
from assent.privacy.subjects.contracts import Field as Identifier

__all__ = ["faults", "pointer"]

MOST = 50  # more would not be read

CURES = {
    "missing": "is missing: send it",
    "string_type": "is not a text: send a JSON string",
    "string_too_long": "is too long: at most {max_length} characters",
    "string_too_short": "is too short: at least {min_length} characters",
    "string_pattern_mismatch": "has another form: it must match {pattern}",
    "too_long": "has too many entries: at most {max_length}",
    "too_short": "has too few entries: at least {min_length}",
    "enum": "is not one of {expected}",
    "literal_error": "is not one of {expected}",
    "list_type": "is not a list",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "greater_than_equal": "is too small: at least {ge}",
    "less_than_equal": "is too large: at most {le}",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "uuid_type": "is not a UUID",
    "uuid_parsing": "is not a UUID",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "is not a whole number",
    "datetime_type": "is not a time: send one like 2026-11-30T09:00:00Z",
    "datetime_parsing": "is not a time: send one like 2026-11-30T09:00:00Z",
    "datetime_from_date_parsing": "is not a time: send one like 2026-11-30T09:00:00Z",
    "datetime_object_invalid": "is not a time: send one like 2026-11-30T09:00:00Z",
    "timezone_aware": "has no time zone: send one like 2026-11-30T09:00:00Z",
    "extra_forbidden": "is not known here: leave it out",
}
OTHERWISE = "does not fit: see /api/v1/docs for what belongs here"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Return every name that our own descriptions of requests use."""
    names: set[str] = {field.value for field in Identifier}
    ahead: list[type] = [Schema, Many]
    while ahead:
        kind = ahead.pop()
        names.update(getattr(kind, "model_fields", {}))
        ahead += kind.__subclasses__()
    return frozenset(names)


def pointer(parts: Iterable[str | int], known: Iterable[str] = ()) -> str:
    """Return a JSON pointer (RFC 6901) as far as it consists of our own names: a key may be somebody's address, too."""
    names, shown = _names().union(known), ""
    for part in parts:
        if not isinstance(part, int) and part not in names:
            break
        shown += f"/{part}"
    return shown


def _cure(error: Mapping[str, Any]) -> str:
    words = CURES.get(error["type"], OTHERWISE)
    try:
        return words.format(**error.get("ctx", {}))
    except KeyError:
        return OTHERWISE


def faults(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return ``pointer`` or ``parameter`` with ``detail`` for what pydantic found, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for error in errors:
        source, *place = error["loc"]
        if source == "body":
            # The first part is the name of our own function's parameter, not of anything in the body.
            where = {"pointer": pointer(place[1:])}
            unknown_key = error["type"] == "enum" and place and place[-1] == "[key]"
            detail = "has a name that is " + _cure(error).removeprefix("is ") if unknown_key else _cure(error)
        else:
            where = {"parameter": str(place[0])}
            detail = _cure(error)
        found.setdefault((str(where), detail), {**where, "detail": detail})
        if len(found) == MOST:
            break
    return list(found.values())
