"""What pydantic refuses, in plain words: what is wrong, how to mend it, and which law asks for the part."""

import re
from difflib import get_close_matches
from functools import cache
from typing import Any

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Policy
from assent.privacy.policy.faults import Fault, Path
from assent.privacy.policy.parts import schema_words
from assent.privacy.policy.standins import known_words, plain_path

__all__ = ["shape_fault"]

SEEN = {str: "a text", int: "a number", bool: "true or false", list: "a list", dict: "a mapping", type(None): "empty"}
WANTED = {
    "string": "a text (quoted if it looks like a number)", "int": "a whole number", "bool": "true or false",
    "tuple": "a list", "dict": "a mapping", "model": "a mapping", "date_from_datetime": "a day as 2026-01-31",
    "date": "a day as 2026-01-31", "model_attributes": "a mapping",
}  # fmt: skip
ENDLESS = re.compile(
    r"permanent|persistent|forever|unlimited|indefinit|endless|always|nelimitat|nedefinit|mereu", re.IGNORECASE
)

# Which article wants to be told what is missing; ``*`` is any key. The first that fits counts.
ASKED_BY: tuple[tuple[Path, str, str], ...] = (
    (("purposes", "*", "basis"), "gdpr:13(1)(c)", "one of consent, contract, legal_obligation, vital_interests, …"),
    (("purposes", "*", "retention", "*"), "gdpr:13(2)(a)", ""),
    (("purposes", "*", "retention"), "gdpr:13(2)(a)", "how long, counted from what, and what happens then"),
    (("purposes", "*", "soft_opt_in", "*"), "eprivacy:13(2)", "the sale, the similar products and the way out at collection"),
    (("purposes", "*", "title"), "gdpr:13(1)(c)", "the words of the notice, in each language"),
    (("purposes", "*", "description"), "gdpr:13(1)(c)", "the words of the notice, in each language"),
    (("purposes", "*", "data"), "gdpr:14(1)(d)", "the data items it processes"),
    (("purposes", "*", "sources"), "gdpr:14(2)(f)", "where the data come from"),
    (("purposes",), "gdpr:13(1)(c)", ""),
    (("controller", "address"), "gdpr:13(1)(a)", "where the controller can be reached by post"),
    (("controller", "contact"), "gdpr:13(1)(a)", "how people reach the controller"),
    (("controller", "data_protection_officer"), "gdpr:13(1)(b)", "the officer's contact, or why there is none"),
    (("controller", "authority", "*"), "gdpr:13(2)(d)", "the authority people may complain to, and how to reach it"),
    (("controller", "authority"), "gdpr:13(2)(d)", "the authority people may complain to, and how to reach it"),
    (("controller",), "gdpr:13(1)(a)", ""),
    (("rights", "deadlines", "answer"), "gdpr:12(3)", "P1M, one month from receipt"),
    (("rights", "deadlines", "extension"), "gdpr:12(3)", "P2M, two further months at most, told within the first"),
    (("rights", "deadlines", "tell_source"), "gdpr:14(3)", "P1M, at most"),
    (("rights", "deadlines", "breach"), "gdpr:33(1)", "PT72H, at most"),
    (("rights", "deadlines"), "gdpr:12(3)", "by when requests are answered"),
    (("rights", "*"), "gdpr:12", ""),
    (("rights",), "gdpr:13(2)(b)", ""),
    (("recipients", "*", "safeguard", "*"), "gdpr:13(1)(f)", ""),
    (("recipients", "*", "*"), "gdpr:13(1)(e)", ""),
    (("cookies", "*", "lifetime"), "gdpr:13(2)(a)", "session, or how long as P6M"),
    (("cookies", "*", "*"), "eprivacy:5(3)", ""),
    (("automated_decisions",), "gdpr:13(2)(f)", "say whether machines decide alone"),
    (("automated_decisions", "*"), "gdpr:13(2)(f)", ""),
    (("measures", "*", "check"), "gdpr:32", "the check that shows the measure works"),
    (("measures",), "gdpr:32", "the measures of security, each with its check"),
    (("backups",), "gdpr:13(2)(a)", "how long copies live after an erasure"),
    (("notice_summary",), "gdpr:12(1)", "the text that says it in short"),
    (("data", "*", "*"), "gdpr:14(1)(d)", ""),
)  # fmt: skip


def shape_fault(error: Any) -> Fault:
    """Say in plain words what pydantic found."""
    path = plain_path(error)
    context = error.get("ctx") or {}
    name = str(path[-1]) if path else "policy"
    code, clause = Code.SHAPE, ""
    message, cure = error["msg"], context.get("cure", "see policies/policy.schema.json")
    match error["type"]:
        case "missing":
            code, (clause, what) = Code.MISSING, asked_by(path)
            message, cure = f"`{name}` is missing", f"add `{name}: …`" + f" ({what})" * bool(what)
        case "extra_forbidden":
            code, message, cure = Code.UNKNOWN_PART, f"`{name}` is not a known key", "remove it, or correct its spelling"
            near = get_close_matches(name, known_words(path[:-1]), 1) or get_close_matches(name, all_words(), 1)
            cure = f"write `{near[0]}`" if near else cure
        case "enum":
            given = str(error.get("input"))[:40]
            words = re.findall(r"'([^']+)'", str(context.get("expected", "")))
            near = get_close_matches(given, words, 1)
            message = f"{given!r} is not one of the words allowed here"
            cure = f"write {near[0]!r}" if near else f"use one of: {', '.join(words)}"
        case "too_short" | "string_too_short":
            message, cure = "is empty", "add at least one entry"
        case "too_long" | "string_too_long":
            limit = context.get("max_length")
            message, cure = f"is longer than {limit}", f"shorten it to {limit}"
        case kind if kind.endswith(("_type", "_parsing")):
            wanted = WANTED.get(kind.rsplit("_", 1)[0], "the kind of value the schema names")
            message, cure = f"is {SEEN.get(type(error.get('input')), 'something else')}", f"write {wanted} here"
    if name in {"duration", "lifetime"} and ENDLESS.search(str(error.get("input"))):
        code, clause = Code.NO_END, "gdpr:5(1)(e)"
        if path[0] == "cookies":
            cure = "write the lifetime it is set with (Max-Age) as P6M or P30D, or `session`; nothing is kept without an end"
    return Fault(path, message, cure, code, clause)


def asked_by(path: Path) -> tuple[str, str]:
    """Return the clause that wants a part to be told, and what belongs there."""
    for asked, clause, what in ASKED_BY:
        if len(asked) == len(path) and all(one in {"*", other} for one, other in zip(asked, path, strict=True)):
            return clause, what
    return "", ""


@cache
def all_words() -> set[str]:
    """Return every key of the schema."""
    return schema_words(Policy.model_json_schema())
