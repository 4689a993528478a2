"""A policy as YAML that people read and edit: written anew, changed in one place, cut out part by part."""

import io
import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString

from assent.privacy.policy.contracts import InvalidPolicy, Policy
from assent.privacy.policy.reading import Sheet, read_yaml

__all__ = ["POLICY", "edited", "flattened", "lines_of", "replaced", "text_path", "written"]

POLICY = "policy.yaml"
Path_ = tuple[str | int, ...]

# What fits on a line stands on one, as in the house's own bundles.
WIDTH = 118
NEVER_WRAP = 1_000_000


def text_path(key: str, language: str) -> str:
    """Return where a text lies in a bundle."""
    return f"texts/{language}/{key}.md"


def written(policy: Policy) -> str:
    """Return a policy as YAML, its keys in the order of the schema, defaults left out."""
    plain = policy.model_dump(mode="json", exclude_defaults=True)
    return "\n".join(_dump(CommentedMap({key: _section(value)})) for key, value in plain.items())


def edited(text: str, path: Path_, value: Any) -> str:
    """
    Return a text with another value at a path, None to remove it. Comments stay, and so does every line that says the same.

    :param value: plain data, as JSON has them
    :raises InvalidPolicy: if the text can't be read
    """
    sheet = read_yaml(text, POLICY)
    new = path not in sheet.places
    if value is None:
        if new:
            return text
        if (shorter := _without(sheet, text, path)) is not None:
            return shorter
    data = _load(text)
    plainly = _dump(data)
    _put(data, path, value)
    after = _dump(data)
    if new:
        after = _tidied(after, path)
    if text == plainly:
        return after
    kept = _carried_over(text.splitlines(), plainly.splitlines(), after.splitlines())
    return kept if kept and read_yaml(kept, POLICY).data == read_yaml(after, POLICY).data else after


def lines_of(sheet: Sheet, text: str, path: Path_) -> tuple[int, int]:
    """
    Return the first and last line of a part, counted from 1, without what stands before the next part.

    :raises KeyError: if the part is not written here
    """
    first = sheet.places[path].line
    later = [place.line for other, place in sheet.places.items() if place.line > first and other[: len(path)] != path]
    lines = text.splitlines()
    last = min(later, default=len(lines) + 1) - 1
    while last > first and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    return first, last


def replaced(text: str, first: int, last: int, part: str) -> str:
    """Return a text with other lines in the place of some."""
    lines = text.splitlines()
    return "\n".join([*lines[: first - 1], *part.rstrip("\n").splitlines(), *lines[last:]]) + "\n"


def _without(sheet: Sheet, text: str, path: Path_) -> str | None:
    """Return a text without the lines of a part, where these lines hold that part and nothing else."""
    first, last = lines_of(sheet, text, path)
    lines = text.splitlines()
    shorter = "\n".join([*lines[: first - 1], *lines[last:]]) + "\n"
    try:
        left = read_yaml(shorter, POLICY).data
    except InvalidPolicy:
        return None
    expected = deepcopy(sheet.data)
    node: Any = expected
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return shorter if left == expected else None


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = NEVER_WRAP
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))
    return yaml


def _load(text: str) -> CommentedMap:
    found: CommentedMap = _yaml().load(text)
    return found


def _dump(data: Any) -> str:
    out = io.StringIO()
    _yaml().dump(data, out)
    return out.getvalue()


def _section(value: Any) -> Any:
    """Return a section of a policy, its members each on lines of their own."""
    return CommentedMap({key: _styled(inner, 2) for key, inner in value.items()}) if isinstance(value, dict) else value


def _styled(value: Any, indent: int) -> Any:
    """Return plain data that will be written on one line where they fit, ``indent`` columns from the left."""
    if isinstance(value, str):
        # What begins with a sign may mean something to YAML, and the writer overlooks some of them inside brackets.
        return value if value[:1].isalnum() else DoubleQuotedScalarString(value)
    if not isinstance(value, dict | list) or not value:
        return value
    # As JSON it is as long, but for the quotes around words.
    line = json.dumps(value, ensure_ascii=False)
    if indent + len(line) - line.count('"') <= WIDTH and "\\n" not in line and not _is_deep(value):
        flow = _inner(value, indent)
        flow.fa.set_flow_style()
        return flow
    return _inner(value, indent)


def _inner(value: Any, indent: int) -> Any:
    if isinstance(value, dict):
        return CommentedMap({key: _styled(inner, indent + 2 + len(str(key))) for key, inner in value.items()})
    return CommentedSeq([_styled(inner, indent + 4) for inner in value])


def _is_deep(value: Any, depth: int = 2) -> bool:
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(depth == 0 or _is_deep(each, depth - 1) for each in inner if isinstance(each, dict | list) and each)


def _put(node: Any, path: Path_, value: Any) -> None:
    for key in path[:-1]:
        if isinstance(node, dict) and not isinstance(node.get(key), dict | list):
            node[key] = CommentedMap()
        node = node[key]
    key = path[-1]
    if value is None:
        del node[key]
        return
    old = node.get(key) if isinstance(node, dict) else node[key]
    node[key] = _laid(old, value, 2 * len(path))


def _laid(old: Any, value: Any, indent: int) -> Any:
    """Return a value in the clothes of the one it replaces."""
    if old == value and isinstance(old, bool) == isinstance(value, bool):
        return old
    if isinstance(old, CommentedMap) and isinstance(value, dict):
        for key in [key for key in old if key not in value]:
            del old[key]
        for key, inner in value.items():
            old[key] = _laid(old.get(key), inner, indent + 2)
        return old
    if isinstance(old, CommentedSeq) and isinstance(value, list) and old.fa.flow_style() and not _is_deep(value, 0):
        made = _inner(value, indent)
        made.fa.set_flow_style()
        return made
    if isinstance(old, ScalarString) and isinstance(value, str) and "\n" not in value:
        return type(old)(value)
    return _styled(value, indent)


def _tidied(text: str, path: Path_) -> str:
    """Put what is new right below its neighbours: blank lines and comments before the next section stay before that."""
    first, last = lines_of(read_yaml(text, POLICY), text, path)
    lines = text.splitlines()
    above = first - 1
    while above > 0 and (not lines[above - 1].strip() or lines[above - 1].lstrip().startswith("#")):
        above -= 1
    moved = [*lines[:above], *lines[first - 1 : last], *lines[above : first - 1], *lines[last:]]
    return "\n".join(moved) + "\n"


def _carried_over(theirs: list[str], ours: list[str], after: list[str]) -> str:
    """
    Return a text as somebody wrote it with the lines that were changed, or nothing where that can't be told.

    :param ours: the text as this house would write it
    :param after: the same with the change
    """
    at: dict[int, int] = {}
    blocks = SequenceMatcher(None, [_gist(line) for line in ours], [_gist(line) for line in theirs], autojunk=False)
    for block in blocks.get_matching_blocks():
        at |= {block.a + step: block.b + step for step in range(block.size + 1)}
    result, done = [], 0
    for word, first, last, start, end in SequenceMatcher(None, ours, after, autojunk=False).get_opcodes():
        if word == "equal":
            continue
        if first not in at or last not in at:
            return ""
        shift = _indent(theirs, at[first]) - _indent(ours, first)
        result += [*theirs[done : at[first]], *(_shifted(line, shift) for line in after[start:end])]
        done = at[last]
    return "\n".join([*result, *theirs[done:]]) + "\n"


def _gist(line: str) -> str:
    """Return a line without what is a matter of style."""
    return " ".join(line.split())


def _indent(lines: list[str], at: int) -> int:
    return len(lines[at]) - len(lines[at].lstrip()) if at < len(lines) else 0


def _shifted(line: str, by: int) -> str:
    return " " * by + line if by >= 0 else line[min(-by, len(line) - len(line.lstrip())) :]


def flattened(texts: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return texts as the files of a bundle."""
    return {text_path(key, language): f"{text}\n" for (key, language), text in sorted(texts.items())}
