"""The leaves of a policy, and one change for each: the smallest that says something else."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from assent.privacy.policy.contracts import EEA, Policy

__all__ = ["Leaf", "leaves", "mutants", "steers"]

Path = tuple[str | int, ...]
Data = dict[str, Any]

# Where a key that is written somewhere leads to. Patterns of a leaf's path → section of the policy.
LEADS = (
    (r"purposes\.\w+\.data\.\d+|events\..*\.data|traits\.\w+\.data", "data"),
    (r"purposes\.\w+\.subjects\.\d+", "subjects"),
    (r"purposes\.\w+\.sources\.\d+", "sources"),
    (r"purposes\.\w+\.recipients\.\d+|cookies\.\w+\.supplier", "recipients"),
    (r"cookies\.\w+\.purpose|events\.\w+\.folds\.\d+\.purpose|solutions\.\w+\.purposes\.\d+", "purposes"),
    (r"cookies\.\w+\.category|purposes\.\w+\.consent_category", "consent_categories"),
    (r"purposes\.\w+\.(wording\.\w+|confirmation|source_line|opt_out|ask_again)|notice_summary", "texts"),
    (r"purposes\.\w+\.soft_opt_in\.opt_out_at_collection", "texts"),
    (r"purposes\.\w+\.soft_opt_in\.sale\.\d+", "events"),
    (r"traits\.\w+\.derived\.trait", "traits"),
)
SHORTER = {"P1Y": "P11M", "P1M": "P3W", "P1W": "P6D", "P1D": "PT23H"}
# What decides, and does not only tell: such a leaf must change what the house does as well as what it says.
STEERS = re.compile(
    r"purposes\.\w+\.(basis|special_condition|data\.\d+|channels\.\d+|recipients\.\d+|operations\.\d+|starts_on|consent_expires"
    r"|per_channel_choice|direct_marketing|double_opt_in|consent_category|retention\.(duration|counted_from|then)"
    r"|retention\.overrides\.\w+\.(duration|counted_from|then))"
    r"|events\.\w+\.(type|name|purposes\..*|properties\..*\.(type|data|max_length|identifying)|folds\..*)"
    r"|traits\..*"
    r"|data\.\w+\.(storage|special)"
    r"|recipients\.\w+\.(country|safeguard\.valid_until|instructions\.excluded_features\.\d+)"
    r"|rights\.deadlines\.\w+"
    r"|cookies\.\w+\.(name|supplier|category|purpose|lifetime|kind|domain)"
    r"|consent_categories\.\w+\.necessary|banner\.ask_again_after|backups\.\w+"
    r"|solutions\.\w+\.(role|agreement|purposes\.\d+)"
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a policy, or one text of it, with the path it stands at."""

    path: Path
    value: Any

    @property
    def name(self) -> str:
        """The path as people read it."""
        return ".".join(map(str, self.path))


def steers(leaf: Leaf) -> bool:
    """Say whether a leaf decides something."""
    return STEERS.fullmatch(leaf.name) is not None


def leaves(data: Data) -> Iterator[Leaf]:
    """Return every value that is no mapping and no list, in the order of the policy; an entry of a list is one."""

    def walk(node: Any, path: Path) -> Iterator[Leaf]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from walk(value, (*path, key))
        elif isinstance(node, list):
            for at, value in enumerate(node):
                yield from walk(value, (*path, at))
        else:
            yield Leaf(path, node)

    return walk(data, ())


def mutants(data: Data, leaf: Leaf) -> Iterator[Data]:
    """Return copies of a policy in which one leaf is another, the likeliest to hold together first."""
    for value in others(data, leaf):
        changed = copy.deepcopy(data)
        node = parent(changed, leaf.path)
        node[leaf.path[-1]] = value
        yield changed
    if isinstance(leaf.path[-1], int):
        changed = copy.deepcopy(data)
        del parent(changed, leaf.path)[leaf.path[-1]]
        yield changed


def parent(data: Data, path: Path) -> Any:
    node: Any = data
    for part in path[:-1]:
        node = node[part]
    return node


def others(data: Data, leaf: Leaf) -> Iterator[Any]:
    """Return other values for a leaf that the schema would take."""
    value, rule = leaf.value, schema_at(leaf.path)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif words := rule.get("enum"):
        at = words.index(value)
        yield from words[at + 1 :] + words[:at]
    elif isinstance(leaf.path[-1], int) and (leads := section(leaf)):
        # An entry of a list is taken out, which says more than another in its place would.
        if len(parent(data, leaf.path)) == 1:
            yield from (key for key in sorted(data[leads]) if key != value)
    elif leads := section(leaf):
        wanted = [key for key in sorted(data[leads]) if key != value]
        # Another item that the same purposes process would only be told otherwise; one they do not process must be refused.
        near = shared_data(data, leaf) if leads == "data" else set()
        yield from [key for key in wanted if key not in near] or wanted
    else:
        yield from other_texts(str(value), rule)


def shared_data(data: Data, leaf: Leaf) -> set[str]:
    """Return the data items that every purpose processes which keeps the property (or may keep the trait)."""
    if leaf.path[0] != "events":
        return set()
    _, event, _, name, *rest = leaf.path
    inner = f"{name}.{rest[1]}" if rest[0] == "of" else ""

    def keeps(path: str) -> bool:
        return path in {name, inner} if inner else path.split(".", maxsplit=1)[0] == name

    uses = [key for key, kept in data["events"][event]["purposes"].items() if any(map(keeps, kept))]
    return set.intersection(*(set(data["purposes"][key]["data"]) for key in uses)) if uses else set()


def section(leaf: Leaf) -> str:
    return next((section for pattern, section in LEADS if re.fullmatch(pattern, leaf.name)), "")


def other_texts(value: str, rule: Mapping[str, Any]) -> Iterator[str]:
    if rule.get("format") == "date":
        yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    elif value == "session":
        yield "P1D"
    elif re.fullmatch(r"P(\d+[YMWD])*(T.*)?", value):
        yield re.sub(r"\d+", lambda found: str(int(found[0]) + 1), value, count=1)
        # What is as long as the law allows can only become shorter.
        yield SHORTER.get(value) or re.sub(r"\d+", lambda found: str(max(int(found[0]) - 1, 0)), value, count=1)
    elif "@" in value and " " not in value:
        yield f"x{value}"
    elif value.startswith("https://"):
        yield f"{value.rstrip('/')}/other"
    elif re.fullmatch(r"[A-Z]{2}", value):
        yield "US" if value in EEA else "DE"  # over the border of the European Economic Area, where it matters
    elif "/" in value and " " not in value:  # a time zone
        yield "Europe/Berlin" if value != "Europe/Berlin" else "Europe/Bucharest"
    elif " " in value or (value[:1].isupper() and not rule.get("pattern")):
        yield f"{value} Otherwise"
    else:
        yield f"{value}_other"
        yield f"{value}other"
        yield f"{value} other"


@cache
def schema() -> dict[str, Any]:
    return Policy.model_json_schema()


def schema_at(path: Path) -> Mapping[str, Any]:
    """Return what the schema says of a path, references followed; empty if it says nothing particular."""
    node: Any = schema()
    for part in path:
        node = entered(followed(node), part)
    return followed(node)


def followed(node: Any) -> Any:
    while True:
        if "$ref" in node:
            node = schema()["$defs"][node["$ref"].rpartition("/")[2]]
        elif "anyOf" in node:
            node = next((each for each in node["anyOf"] if each.get("type") != "null"), {})
        elif len(node.get("allOf", ())) == 1:
            node = node["allOf"][0]
        else:
            return node


def entered(node: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return node.get("items", {})
    if part in node.get("properties", {}):
        return node["properties"][part]
    return next(iter(node.get("patternProperties", {}).values()), None) or node.get("additionalProperties") or {}
