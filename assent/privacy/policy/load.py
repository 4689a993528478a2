"""Read a bundle: ``policy.yaml`` (perhaps extending another bundle) and ``texts/<language>/<key>.md``."""

import json
import posixpath
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from assent.privacy.policy.contracts import Finding, InvalidPolicy, Policy, Severity
from assent.privacy.policy.faults import Fault
from assent.privacy.policy.files import Disk, Files, Memory, refuse
from assent.privacy.policy.parts import plain_words, schema_words
from assent.privacy.policy.reading import Place, Sheet, merged, read_yaml
from assent.privacy.policy.references import broken_references
from assent.privacy.policy.rules import faults

__all__ = ["LoadedBundle", "check", "check_files", "load", "load_files", "recheck", "schema"]

MAX_EXTENDS = 3
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """A bundle that holds together: the policy, its texts, and what could still be better."""

    policy: Policy
    texts: Mapping[tuple[str, str], str]
    """(key, language) → text"""
    warnings: tuple[Finding, ...] = ()
    sheet: Sheet = field(default_factory=lambda: Sheet({}), repr=False, compare=False)
    """where each part is written"""


def load(bundle: Path, *, on: date | None = None) -> LoadedBundle:
    """
    Read a bundle; ``on`` is the day safeguards are held against.

    :raises InvalidPolicy: with a finding for each error
    """
    return read(Disk(bundle), on)


def load_files(files: Mapping[str, str], *, name: str = "", on: date | None = None) -> LoadedBundle:
    """
    Read a bundle that is on no disk: ``policy.yaml`` and ``texts/<language>/<key>.md``, each path with its content.

    Bundles it extends stand beside it as ``../brand/policy.yaml``; ``name`` is put before the paths findings show.

    :raises InvalidPolicy: with a finding for each error
    """
    return read(Memory(files, name), on)


def check(bundle: Path, *, on: date | None = None) -> list[Finding]:
    """Return everything wrong with a bundle, errors and warnings, in the order of the file."""
    return checked(Disk(bundle), on)


def check_files(files: Mapping[str, str], *, name: str = "", on: date | None = None) -> list[Finding]:
    """Return everything wrong with a bundle that is on no disk; see ``load_files``."""
    return checked(Memory(files, name), on)


def checked(files: Files, on: date | None) -> list[Finding]:
    """Return everything wrong, errors and warnings."""
    try:
        return list(read(files, on).warnings)
    except InvalidPolicy as invalid:
        return invalid.findings


def read(files: Files, on: date | None) -> LoadedBundle:
    """
    Read a bundle from its files.

    :raises InvalidPolicy: with a finding for each error
    """
    sheet, folders = read_extended(files)
    policy = validated(sheet)
    texts, text_faults = read_texts(policy, files, folders)
    found = [*text_faults, *located(sheet, [*broken_references(policy), *faults(policy, on=on)])]
    if any(finding.severity is Severity.ERROR for finding in found):
        raise InvalidPolicy(in_order(found))
    return LoadedBundle(policy, texts, tuple(in_order(found)), sheet)


def recheck(policy: Policy, *, name: str, on: date) -> list[Finding]:
    """Hold a published policy against today's checks and return its errors; a stored version has no lines."""
    sheet = Sheet({}, {(): Place(name, 1)})
    found = located(sheet, [*broken_references(policy), *faults(policy, on=on)])
    return [finding for finding in found if finding.severity is Severity.ERROR]


def in_order(findings: list[Finding]) -> list[Finding]:
    """Sort findings as a reader meets them."""
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.place))


def read_extended(files: Files) -> tuple[Sheet, list[str]]:
    """
    Read ``policy.yaml`` over the bundles it extends, and the folders texts are looked up in, own first.

    :raises InvalidPolicy: if a file cannot be read, or the chain is circular or long
    """
    folders: list[str] = []
    sheets: list[Sheet] = []
    folder = "."
    while True:
        path = posixpath.join(folder, "policy.yaml")
        shown = files.shown(path)
        sheet = read_yaml(files.read(path), shown)
        folders.append(folder)
        sheets.append(sheet)
        base = sheet.data.pop("extends", None)
        if base is None:
            break
        line = sheet.places["extends",].line
        if not isinstance(base, str) or not re.fullmatch(r"\.\./[a-z][a-z0-9-]*", base):
            raise refuse(shown, line, "extends", "is not a neighbouring bundle", "write it as ../name")
        folder = posixpath.normpath(posixpath.join(folder, base))
        if files.shown(folder) in {files.shown(each) for each in folders}:
            raise refuse(shown, line, "extends", "leads back to itself", "extend a plain neighbour")
        if len(folders) >= MAX_EXTENDS:
            raise refuse(shown, line, "extends", f"is a chain of more than {MAX_EXTENDS} bundles", "extend the base directly")
    whole = sheets.pop()
    while sheets:
        whole = merged(whole, sheets.pop())
    return whole, folders


def validated(sheet: Sheet) -> Policy:
    """
    Hold plain data against the schema.

    :raises InvalidPolicy: with each departure and its cure
    """
    try:
        return Policy.model_validate_json(json.dumps(sheet.data))
    except ValidationError as error:
        raise InvalidPolicy(in_order([shape_finding(sheet, each) for each in error.errors(include_url=False)])) from None


def shape_finding(sheet: Sheet, error: Any) -> Finding:
    """Say in plain words what pydantic found."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx") or {}
    name = str(path[-1]) if path else "policy"
    message, cure = error["msg"], context.get("cure", "see policies/policy.schema.json")
    match error["type"]:
        case "missing":
            message, cure = f"`{name}` is missing", f"add `{name}: …`"
        case "extra_forbidden":
            near = get_close_matches(name, schema_words(Policy.model_json_schema()), 1)
            message, cure = (
                f"`{name}` is not a known key",
                f"write `{near[0]}`" if near else "remove it, or correct its spelling",
            )
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
    place = sheet.place(path)
    return Finding(Severity.ERROR, place.file, place.line, dotted(path), message, cure)


SEEN = {str: "a text", int: "a number", bool: "true or false", list: "a list", dict: "a mapping", type(None): "empty"}
WANTED = {
    "string": "a text (quoted if it looks like a number)", "int": "a whole number", "bool": "true or false",
    "tuple": "a list", "dict": "a mapping", "model": "a mapping", "date_from_datetime": "a day as 2026-01-31",
    "date": "a day as 2026-01-31", "model_attributes": "a mapping",
}  # fmt: skip


def dotted(path: tuple[str | int, ...]) -> str:
    """Write a path as people read it: ``purposes.newsletter.data.0``."""
    return ".".join(map(str, path)) or "policy"


def located(sheet: Sheet, found: list[Fault]) -> Iterator[Finding]:
    """Put each fault on its line."""
    for fault in found:
        place = sheet.place(fault.path)
        yield Finding(
            fault.severity, place.file, place.line, dotted(fault.path), fault.message, fault.cure, fault.code, fault.clause
        )


def read_texts(policy: Policy, files: Files, folders: list[str]) -> tuple[dict[tuple[str, str], str], list[Finding]]:
    """Read every declared text in every language; a bundle's own file stands before the one it extends."""
    texts: dict[tuple[str, str], str] = {}
    found: list[Finding] = []
    for language in policy.controller.languages:
        for key in policy.texts:
            candidates = [f"{folder}/texts/{language}/{key}.{end}" for folder in folders for end in ("md", "txt")]
            path = next(filter(files.has, candidates), None)
            if path is None:
                message, cure = f"the text {key!r} is not written in {language!r}", f"write texts/{language}/{key}.md"
                found.append(text_finding(files.shown(candidates[0]), 1, key, message, cure))
                continue
            try:
                texts[key, language] = filled(tidy(files.read(path)), policy)
            except PydanticCustomError as error:
                context = error.context or {}
                found.append(text_finding(files.shown(path), 1, key, context["message"], context["cure"]))
            except InvalidPolicy as invalid:
                found.extend(invalid.findings)
    for path in files.texts():
        _, language, name = path.split("/")
        key = name.rsplit(".", 1)[0]
        if key not in policy.texts or language not in policy.controller.languages:
            message, cure = "the policy declares no such text", "declare it under `texts:`, or delete the file"
            found.append(text_finding(files.shown(path), 1, key, message, cure))
    return texts, found


def text_finding(file: str, line: int, key: str, message: str, cure: str) -> Finding:
    """Return a finding about a text file."""
    return Finding(Severity.ERROR, file, line, f"texts.{key}", message, cure, code="text")


def tidy(text: str) -> str:
    """Return a text as it is digested: composed characters, single line ends, no stray white space around."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    clean = plain_words("\n".join(line.rstrip() for line in lines))
    if len(clean) > MAX_TEXT:
        message, cure = f"the text is longer than {MAX_TEXT} characters", "shorten it"
        raise PydanticCustomError("assent", "{message}", {"message": message, "cure": cure})
    return clean


def filled(text: str, policy: Policy) -> str:
    """Put the controller's name and contact into a text shared by several bundles: what is digested is what is shown."""
    words = {"{controller}": policy.controller.name, "{contact}": policy.controller.contact.email}
    for word, value in words.items():
        text = text.replace(word, value)
    if left := re.search(r"\{[^{}\s]*\}", text):
        message = f"{left[0]!r} is not filled in"
        cure = f"only {' and '.join(words)} are; write other words out"
        raise PydanticCustomError("assent", "{message}", {"message": message, "cure": cure})
    return text


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
