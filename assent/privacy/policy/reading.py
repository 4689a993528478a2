"""Read a YAML file into plain data, remembering on which line each part stands."""

from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Finding, InvalidPolicy, Severity
from assent.privacy.policy.files import refuse

__all__ = ["BROKEN", "Place", "Sheet", "merged", "read_sheet", "read_yaml"]

MAX_DEPTH = 20
# Beyond 2**53 a JSON number is no longer exact (RFC 8785 refuses it).
MAX_INTEGER = 2**53 - 1
TAG = "tag:yaml.org,2002:"

Path_ = tuple[str | int, ...]


class Broken(Enum):
    """What stands where YAML could not be taken in."""

    BROKEN = "broken"


BROKEN = Broken.BROKEN


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: str
    line: int


@dataclass(slots=True)
class Sheet:
    """Plain data with the place of every path in it, and what was wrong with the YAML; ``BROKEN`` stands there instead."""

    data: dict[str, Any]
    places: dict[Path_, Place] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def place(self, path: Path_) -> Place:
        """Return where a path is written, or its nearest parent that is."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]


def read_yaml(text: str, shown: str) -> Sheet:
    """
    Read a YAML 1.2 mapping: no anchors, aliases, tags, fractions or repeated keys.

    :raises InvalidPolicy: with every fault found
    """
    sheet = read_sheet(text, shown)
    if sheet.faults:
        raise InvalidPolicy(sheet.faults)
    return sheet


def read_sheet(text: str, shown: str) -> Sheet:
    """
    Read a YAML 1.2 mapping, and note what is not allowed in it instead of stopping there.

    :raises InvalidPolicy: if it is no YAML at all, or no mapping
    """
    try:
        root = composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise refuse(
            shown, line, "yaml", " ".join(str(error.problem or error.context).split()), "mend the YAML on that line"
        ) from None
    except YAMLError as error:
        raise refuse(shown, 1, "yaml", " ".join(str(error).split())[:200], "mend the YAML") from None
    except (RecursionError, ValueError):
        raise refuse(
            shown, 1, "yaml", "is nested too deeply or holds a character YAML forbids", "write a flat, plain file"
        ) from None
    if not isinstance(root, MappingNode):
        raise refuse(shown, 1, "yaml", "is not a mapping of keys to values", "start with `controller:`")
    walker = Walker(shown)
    data = walker.walk(root, ())
    return Sheet(data, walker.places, walker.faults)


@lru_cache(maxsize=4)
def composed(text: str) -> Node | None:
    """Return the nodes of a YAML text; an editor checks one again and again whose base, or whose own text, is unchanged."""
    found: Node | None = YAML(typ="safe", pure=True).compose(text)
    return found


class Walker:
    """Turns YAML nodes into plain data and collects what is not allowed."""

    def __init__(self, shown: str) -> None:
        """Name the file as findings should show it."""
        self.shown = shown
        self.places: dict[Path_, Place] = {}
        self.faults: list[Finding] = []

    def fault(self, node: Node, path: Path_, message: str, cure: str) -> None:
        """Note a fault where a node starts."""
        place = ".".join(map(str, path)) or "yaml"
        line = node.start_mark.line + 1
        self.faults.append(Finding(Severity.ERROR, self.shown, line, place, message, cure, code=Code.YAML))

    def walk(self, node: Node, path: Path_) -> Any:
        """Return the plain data of a node."""
        self.places.setdefault(path, Place(self.shown, node.start_mark.line + 1))
        if len(path) > MAX_DEPTH:
            self.fault(node, path, f"is nested deeper than {MAX_DEPTH} levels", "flatten it")
        elif node.anchor:
            self.fault(node, path, "uses a YAML anchor or alias", "write the value out; use `extends` to share a whole bundle")
        elif isinstance(node, MappingNode):
            return self.mapping(node, path)
        elif isinstance(node, SequenceNode):
            return [self.walk(item, (*path, at)) for at, item in enumerate(node.value)]
        elif isinstance(node, ScalarNode):
            return self.scalar(node, path)
        return BROKEN

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        """Return a mapping whose keys are texts and stand once."""
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or key_node.anchor or key_node.tag != TAG + "str":
                self.fault(
                    key_node,
                    path,
                    "has a key that is not a plain text",
                    "write the key as a word, quoted if it looks like a number",
                )
                if isinstance(key_node, ScalarNode) and self.sound(key_node, path):
                    found[str(key_node.value)] = BROKEN
                continue
            key = key_node.value
            if key in found:
                self.fault(key_node, (*path, key), "the key stands twice", "keep one of the two")
            if not self.sound(key_node, path):
                continue
            self.places[*path, key] = Place(self.shown, key_node.start_mark.line + 1)
            found[key] = self.walk(value_node, (*path, key))
        return found

    def scalar(self, node: ScalarNode, path: Path_) -> Any:
        """Return a text, whole number, truth value or nothing; dates stay text."""
        match str(node.tag).removeprefix(TAG):
            case "str" | "timestamp":
                return node.value if self.sound(node, path) else BROKEN
            case "bool":
                return node.value.lower() == "true"
            case "null":
                return None
            case "int":
                if node.value.lstrip("+-").isdecimal() and len(node.value) < len(str(MAX_INTEGER)):
                    return int(node.value)
                self.fault(node, path, f"{node.value[:40]!r} is not a plain whole number", "quote it if it is a text")
            case "float":
                self.fault(node, path, f"{node.value[:40]!r} is a fraction", "use a whole number, or quote it if it is a text")
            case _:
                self.fault(node, path, f"uses the YAML tag {str(node.tag)[:60]!r}", "remove the tag")
        return BROKEN

    def sound(self, node: ScalarNode, path: Path_) -> bool:
        """Say whether a text can be written in UTF-8 (an escape may smuggle in half a character)."""
        try:
            node.value.encode()
        except UnicodeEncodeError:
            self.fault(node, path, "holds half of a character (a lone surrogate)", "write the character itself")
            return False
        return True


def merged(base: Sheet, own: Sheet) -> Sheet:
    """Lay one sheet over another as RFC 7386 does: mappings merge, anything else replaces, null removes."""
    places = dict(base.places)

    def lay(under: Any, over: Any, path: Path_) -> Any:
        if not isinstance(over, dict):
            return over
        result = dict(under) if isinstance(under, dict) else {}
        for key, value in over.items():
            if value is None:
                result.pop(key, None)
            else:
                result[key] = lay(result.get(key), value, (*path, key))
        return result

    data = lay(base.data, own.data, ())
    return Sheet(data, places | own.places, [*base.faults, *own.faults])
