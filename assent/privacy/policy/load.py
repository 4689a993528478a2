"""Read a bundle: ``policy.yaml`` (perhaps extending another bundle) and ``texts/<language>/<key>.md``."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assent.privacy.policy import succession
from assent.privacy.policy.claims import claims
from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Finding, InvalidPolicy, Policy, Severity
from assent.privacy.policy.cookies import cookie_faults
from assent.privacy.policy.faults import Fault
from assent.privacy.policy.files import Disk, Files, Memory, refuse
from assent.privacy.policy.reading import Place, Sheet, merged, read_sheet
from assent.privacy.policy.recipients import recipient_faults
from assent.privacy.policy.references import broken_references
from assent.privacy.policy.rules import faults
from assent.privacy.policy.shapes import shape_fault
from assent.privacy.policy.standins import shaped
from assent.privacy.policy.texts import Texts, read_texts

__all__ = ["LoadedBundle", "check", "check_files", "load", "load_files", "recheck"]

MAX_EXTENDS = 3


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """A bundle that holds together: the policy, its texts, and what could still be better."""

    policy: Policy
    texts: Mapping[tuple[str, str], str]
    """(key, language) → text"""
    warnings: tuple[Finding, ...] = ()
    sheet: Sheet = field(default_factory=lambda: Sheet({}), repr=False, compare=False)
    """where each part is written"""


def load(bundle: Path, *, on: date | None = None, against: Policy | None = None) -> LoadedBundle:
    """
    Read a bundle; ``on`` is the day it is held against, ``against`` the version it would follow on that day.

    :raises InvalidPolicy: with a finding for each error
    """
    return whole(Disk(bundle), on, against)


def load_files(
    files: Mapping[str, str], *, name: str = "", on: date | None = None, against: Policy | None = None
) -> LoadedBundle:
    """
    Read a bundle that is on no disk: ``policy.yaml`` and ``texts/<language>/<key>.md``, each path with its content.

    Bundles it extends stand beside it as ``../brand/policy.yaml``; ``name`` is put before the paths findings show.

    :raises InvalidPolicy: with a finding for each error
    """
    return whole(Memory(files, name), on, against)


def check(bundle: Path, *, on: date | None = None, against: Policy | None = None) -> list[Finding]:
    """Return everything wrong with a bundle, errors and warnings, in the order of the file."""
    return everything(Disk(bundle), on, against)[1]


def check_files(
    files: Mapping[str, str], *, name: str = "", on: date | None = None, against: Policy | None = None
) -> list[Finding]:
    """Return everything wrong with a bundle that is on no disk; see ``load_files``."""
    return everything(Memory(files, name), on, against)[1]


def recheck(policy: Policy, texts: Mapping[tuple[str, str], str], *, name: str, on: date) -> list[Finding]:
    """
    Hold a published policy against today's checks and return its errors; a stored version has no lines.

    A lapsed safeguard is an error here: nobody can correct the words of a version that was published.
    """
    sheet = Sheet({}, {(): Place(name, 1)})
    found = located(sheet, every_fault(policy, texts, on, None))
    return [each for each in found if each.severity is Severity.ERROR or each.code == Code.TRANSFER_LAPSED]


def whole(files: Files, on: date | None, against: Policy | None) -> LoadedBundle:
    """
    Read a bundle that has no errors.

    :raises InvalidPolicy: with a finding for each error
    """
    bundle, findings = everything(files, on, against)
    if bundle is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidPolicy(findings)
    return bundle


def everything(files: Files, on: date | None, against: Policy | None) -> tuple[LoadedBundle | None, list[Finding]]:
    """
    Read a bundle and return it, if its shape is right, with all that is wrong with it.

    Faults of shape don't end the check: stand-ins take their places, and what is wrong whichever they are is reported.
    """
    try:
        sheet, folders = read_extended(files)
    except InvalidPolicy as invalid:
        return None, in_order(invalid.findings)
    shape = shaped(sheet.data)
    looks: list[dict[Finding, None]] = []
    for policy in shape.policies:
        texts = read_texts(policy, files, folders)
        known = (fault for fault in every_fault(policy, texts.words, on, against) if shape.knows(fault.path, *fault.rests_on))
        of_texts = (each for each in texts.findings if shape.knows(tuple(each.place.split("."))))
        looks.append(dict.fromkeys([*of_texts, *located(sheet, known, texts)]))
    certain = [finding for finding in looks[0] if all(finding in look for look in looks)] if looks else []
    found = in_order([*sheet.faults, *located(sheet, map(shape_fault, shape.errors)), *certain])
    if shape.errors or sheet.faults or not shape.policies:
        return None, found
    return LoadedBundle(shape.policies[0], texts.words, tuple(found), sheet), found


def every_fault(
    policy: Policy, texts: Mapping[tuple[str, str], str], on: date | None, against: Policy | None
) -> Iterator[Fault]:
    """Ask everything that can be asked of a policy whose shape is right."""
    yield from broken_references(policy)
    yield from faults(policy, texts)
    yield from recipient_faults(policy, on=on)
    yield from cookie_faults(policy)
    yield from claims(policy, texts)
    if against is not None and on is not None:
        yield from succession.faults(against, policy, on=on)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings as a reader meets them, each once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.file, finding.line, finding.place, finding.message))


def located(sheet: Sheet, found: Iterable[Fault], texts: Texts | None = None) -> Iterator[Finding]:
    """Put each fault on its line; one in a text, whose path is texts, key, language and line, in the text's own file."""
    for fault in found:
        place, shown = sheet.place(fault.path), ".".join(map(str, fault.path)) or "policy"
        match fault.path:
            case ("texts", str(key), str(language), int(line)) if texts is not None:
                place, shown = Place(texts.shown[key, language], line), f"texts.{key}"
        yield Finding(fault.severity, place.file, place.line, shown, fault.message, fault.cure, fault.code, fault.clause)


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
        sheet = read_sheet(files.read(path), shown)
        folders.append(folder)
        sheets.append(sheet)
        base = sheet.data.pop("extends", None)
        if base is None:
            break
        line = sheet.places["extends",].line
        if not isinstance(base, str) or not re.fullmatch(r"\.\./[a-z][a-z0-9-]*", base):
            raise refuse(shown, line, "extends", "is not a neighbouring bundle", "write it as ../name", code=Code.EXTENDS)
        folder = posixpath.normpath(posixpath.join(folder, base))
        if files.shown(folder) in {files.shown(each) for each in folders}:
            raise refuse(shown, line, "extends", "leads back to itself", "extend a plain neighbour", code=Code.EXTENDS)
        if len(folders) >= MAX_EXTENDS:
            message, cure = f"is a chain of more than {MAX_EXTENDS} bundles", "extend the base directly"
            raise refuse(shown, line, "extends", message, cure, code=Code.EXTENDS)
    result = sheets.pop()
    while sheets:
        result = merged(result, sheets.pop())
    return result, folders
