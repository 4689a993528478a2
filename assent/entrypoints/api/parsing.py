"""How bodies are read: strict JSON, and only text that a database can hold."""

from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser

from assent.entrypoints.api.problems import Problem

__all__ = ["StrictJson"]

NUL = b"\\u0000"


class StrictJson(Parser):
    """JSON as RFC 8259 has it: UTF-8, no lone surrogates, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """
        Return what the body holds.

        :raises Problem: 400, with the place where reading ended but without what stands there
        """
        try:
            found = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise Problem(400, "Not JSON", "send one JSON value in UTF-8, not nested too deeply") from None
        if NUL in request.body and _holds_nul(found):
            raise Problem(400, "A character that can't be kept", r"send text without \u0000")
        return found

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        """Return the query's parameters."""
        found: dict[str, Any] = super().parse_querydict(data, list_fields, request)
        if _holds_nul(found):
            raise Problem(400, "A character that can't be kept", "send text without NUL")
        return found


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    return isinstance(value, list) and any(_holds_nul(one) for one in value)
