"""
The portability package (art. 20): what a person provided, under consent or contract, for another controller's machines.

A zip with ``package.json`` (its schema: ``docs/portability.schema.json``), the same as CSV, and the receipts of consents as
they were handed out. What was concluded about the person, what others gave, and what is kept on another basis stays out:
the copy under art. 15 has it. Reading trusts nothing: whoever made a package may mean harm.
"""

import base64
import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from assent.foundation.personal import Page
from assent.privacy.policy.contracts import Compiled
from assent.privacy.rights.contracts import RECEIPT_FILE, BadPackage

__all__ = ["Package", "build", "read", "schema"]

PACKAGE = "package.json"

# A package of 10,000 events has about 3 MB; ten times that is nobody's history.
LARGEST_ZIP, LARGEST_JSON, LARGEST_FILE, MOST_FILES, LARGEST_RATIO = 32 << 20, 64 << 20, 1 << 20, 2_000, 200
NAME = re.compile(r"receipts/receipt-[0-9a-f-]{36}\.jsonld|[a-z]+\.csv|package\.json")
FIXED = (1980, 1, 1, 0, 0, 0)

Word = Annotated[str, Field(max_length=200)]
Value = Annotated[str, Field(max_length=4_000)]


class _Part(BaseModel):
    """Frozen and exact: nothing unknown is taken in unnoticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Identifier(_Part):
    """Who the person is: one value of a field."""

    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    value: Value


class Attribute(_Part):
    """What the person said of themself."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    value: Value | int | float | bool


class Event(_Part):
    """What the person did."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    type: Literal["track", "page", "screen", "group"]
    event: Word = ""
    occurred_at: AwareDatetime
    purposes: Annotated[tuple[Word, ...], Field(max_length=62)]
    """purposes of the old controller, under consent or contract"""
    properties: dict[Annotated[str, Field(max_length=100)], JsonValue] = {}


class Choice(_Part):
    """What the person agreed to or refused at the old controller. No consent to the new one follows from it."""

    purpose: Word
    channel: Word
    choice: Literal["GIVEN", "WITHDRAWN"]
    at: AwareDatetime
    language: Annotated[str, Field(max_length=8)] = ""
    receipt: Annotated[str, Field(pattern=r"^(receipts/receipt-[0-9a-f-]{36}\.jsonld)?$")] = ""


class File(_Part):
    """A file beside this one, by its SHA-256 in hexadecimal."""

    path: Annotated[str, Field(pattern=r"^receipts/receipt-[0-9a-f-]{36}\.jsonld$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Package(_Part):
    """What ``package.json`` holds."""

    format: Literal["assent-portability"] = "assent-portability"
    version: Literal[1] = 1
    controller: Word
    """the one the data come from"""
    exported_at: AwareDatetime
    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=200)] = ()
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=1_000)] = ()
    events: Annotated[tuple[Event, ...], Field(max_length=200_000)] = ()
    choices: Annotated[tuple[Choice, ...], Field(max_length=10_000)] = ()
    files: Annotated[tuple[File, ...], Field(max_length=2_000)] = ()


def schema() -> str:
    """Return the JSON Schema of ``package.json``, as it is published."""
    found = Package.model_json_schema()
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def build(pages: Iterable[Page], *, policy: Compiled, given: frozenset[str], controller: str, at: datetime) -> bytes:
    """
    Return the package of one person.

    :param pages: what every store holds of them
    :param given: purposes under a contract, and those they agree to now
    """
    items = {item for key in given for item in policy.policy.purposes[key].data}
    told = {name: trait for name, trait in policy.policy.traits.items() if trait.data in items and not trait.derived}
    found: dict[str, list[Any]] = {"identifiers": [], "attributes": [], "events": [], "choices": []}
    receipts: dict[str, bytes] = {}
    for page in pages:
        if page.path == "person/identifiers.json":
            found["identifiers"] += [row for row in page.rows if row["field"] in told]
        elif page.path == "profile.json":
            named = [{"name": row["attribute"], "value": row["value"]} for row in page.rows if row["attribute"] in told]
            found["attributes"] += [one for one in named if one["value"] is not None]
        elif page.path.startswith("events/"):
            found["events"] += [one for row in page.rows if (one := _event(row, policy))]
        elif page.path == "consent/choices.json":
            found["choices"] += [_choice(row) for row in page.rows if row["choice"] in {"GIVEN", "WITHDRAWN"}]
        elif page.path.startswith("consent/receipt-") and page.raw is not None:
            receipts[f"receipts/{page.path.removeprefix('consent/')}"] = page.raw
        elif page.path.startswith("files/"):
            for row in page.rows:
                if row["kind"] == RECEIPT_FILE:
                    receipts[f"receipts/{row['name']}"] = base64.b64decode(row["content_base64"])
    choices = [{**one, "receipt": one["receipt"] if one["receipt"] in receipts else ""} for one in found["choices"]]
    package = Package.model_validate(
        {
            "controller": controller,
            "exported_at": at,
            "identifiers": sorted(found["identifiers"], key=lambda one: (one["field"], one["value"])),
            "attributes": sorted(found["attributes"], key=lambda one: str(one["name"])),
            "events": sorted(found["events"], key=lambda one: (one["occurred_at"], one["id"])),
            "choices": choices,
            "files": [{"path": path, "sha256": sha256(data).hexdigest()} for path, data in sorted(receipts.items())],
        }
    )
    return _zip(package, receipts)


def _event(row: Mapping[str, Any], policy: Compiled) -> dict[str, Any] | None:
    given = [purpose for purpose, basis in row["bases"].items() if basis in {"consent", "contract"}]
    declared = policy.event(row["kind"], row["event"])
    # What an identify said stands among identifiers and attributes.
    if not given or declared is None or row["kind"] == "identify":
        return None
    allowed = {path for purpose in given for path in declared.purposes.get(purpose, ())}
    return {
        "id": row["message"],
        "type": row["kind"],
        "event": row["event"],
        "occurred_at": row["occurred_at"],
        "purposes": sorted(given),
        "properties": _kept(row["properties"], allowed),
    }


def _kept(properties: Mapping[str, Any], allowed: set[str]) -> dict[str, Any]:
    """Return the properties, and the parts of lists and objects, that were kept under consent or contract."""
    kept: dict[str, Any] = {}
    for name, value in properties.items():
        inner = {path.partition(".")[2] for path in allowed if path.startswith(f"{name}.")}
        if name in allowed:
            kept[name] = value
        elif inner and isinstance(value, list):
            kept[name] = [{key: one[key] for key in one if key in inner} for one in value if isinstance(one, dict)]
    return kept


def _choice(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "purpose": row["purpose"],
        "channel": row["channel"],
        "choice": row["choice"],
        "at": row["at"],
        "language": row["language"],
        "receipt": f"receipts/receipt-{row['receipt']}.jsonld" if row["receipt"] else "",
    }


def _zip(package: Package, receipts: Mapping[str, bytes]) -> bytes:
    said = package.model_dump(mode="json")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(PACKAGE, FIXED), json.dumps(said, ensure_ascii=False, indent=1))
        for part in ("identifiers", "attributes", "events", "choices"):
            archive.writestr(zipfile.ZipInfo(f"{part}.csv", FIXED), _csv(said[part]))
        for path, data in sorted(receipts.items()):
            archive.writestr(zipfile.ZipInfo(path, FIXED), data)
    return out.getvalue()


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    if rows:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow([_cell(value) for value in row.values()])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A spreadsheet would run what begins like a formula; the quote makes it text again, as its own users write it.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and isinstance(value, str) else text


def read(data: bytes) -> tuple[Package, dict[str, bytes]]:
    """
    Return what a package holds, and its receipts by path.

    :raises BadPackage: if it is too large, unpacks to too much, names files it should not, or does not fit the schema
    """
    if len(data) > LARGEST_ZIP:
        raise BadPackage(f"the package has more than {LARGEST_ZIP >> 20} MB: ask for one without what you do not need")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _unpacked(archive)
    except BadPackage:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise BadPackage("it is no zip file that can be read: download the package again") from None
    if PACKAGE not in files:
        raise BadPackage(f"it holds no {PACKAGE}: this is another kind of file")
    try:
        package = Package.model_validate_json(files.pop(PACKAGE))
    except (ValidationError, ValueError, RecursionError) as error:
        raise BadPackage(f"{PACKAGE} does not fit the schema{_where(error)}: see docs/portability.schema.json") from None
    receipts = {path: body for path, body in files.items() if path.startswith("receipts/")}
    named = {one.path: one.sha256 for one in package.files}
    if {path: sha256(body).hexdigest() for path, body in receipts.items()} != named:
        raise BadPackage("its receipts are not those that package.json names: some were added, changed or left out")
    return package, receipts


def _where(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return ""
    found = [[str(part) for part in one["loc"]] for one in error.errors()[:3]]
    # A key nobody knows is its sender's word and is not repeated.
    places = [".".join(part for part in parts if part.isdecimal() or part in _FIELDS) for parts in found]
    return f" at {', '.join(place for place in places if place)}" if any(places) else ""


_FIELDS = frozenset(name for part in (Package, Identifier, Attribute, Event, Choice, File) for name in part.model_fields)


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise BadPackage(f"it holds more than {MOST_FILES} files")
    files: dict[str, bytes] = {}
    for entry in entries:
        if not NAME.fullmatch(entry.filename) or entry.filename in files or entry.flag_bits & 0x1:
            raise BadPackage("it holds a file that no package has: a strange name, the same name twice, or a password")
        most = LARGEST_JSON if entry.filename == PACKAGE or entry.filename.endswith(".csv") else LARGEST_FILE
        if entry.filename.endswith(".csv"):
            continue  # the same once more, for people
        with archive.open(entry) as opened:
            # Read and counted, since the size an archive claims is its maker's word.
            body = opened.read(most + 1)
        if len(body) > most or len(body) > LARGEST_RATIO * max(entry.compress_size, 1) + 65_536:
            raise BadPackage("a file in it unpacks to far more than a package has")
        files[entry.filename] = body
    return files
