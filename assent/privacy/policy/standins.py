"""
Stand-ins for what is missing or wrong, so that one fault does not hide the others.

As a compiler goes on after an error, a part that has no valid shape is replaced by one that has. What should have stood
there nobody knows, so several are tried, each with other stand-ins: what is wrong in all of them is wrong whatever the
part will say, and only that is reported.
"""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from assent.privacy.policy.contracts import Policy
from assent.privacy.policy.faults import Path
from assent.privacy.policy.parts import Local, Model, Shape
from assent.privacy.policy.reading import BROKEN

__all__ = ["Shaped", "known_words", "shaped"]

# As many as there are lawful bases, the longest list of words whose choice matters to other parts.
TURNS = 7
# A stand-in always fits its part; parts that do not fit together are replaced whole, further up each time.
PATIENCE = 12


class Shaped:
    """What came of plain data: the policies to check, what pydantic refused, and where stand-ins are."""

    def __init__(self, policies: list[Policy], errors: list[Any], stand_ins: set[Path]) -> None:
        """One policy if the shape is right, else several, alike but for their stand-ins."""
        self.policies = policies
        self.errors = errors
        self.stand_ins = stand_ins

    def knows(self, *paths: Path) -> bool:
        """Say whether nothing at these paths, or around them, is a stand-in; ``*`` in a path is any key."""
        return not any(covers(stand_in, path) for stand_in in self.stand_ins for path in paths)


def covers(outer: Path, path: Path) -> bool:
    """Say whether a path lies at or under another."""
    return len(outer) <= len(path) and all(other in {one, "*"} for one, other in zip(outer, path, strict=False))


def shaped(data: dict[str, Any]) -> Shaped:
    """Hold plain data against the schema, and mend what does not fit."""
    broken = set(broken_paths(data))
    try:
        if not broken:
            return Shaped([Policy.model_validate_json(json.dumps(data))], [], set())
    except ValidationError:
        pass
    errors, stand_ins, policies = [], set(broken), []
    for turn in range(TURNS):
        guess = Guess(deepcopy(data), turn)
        for path in broken:
            guess.stand_in(path)
        policy = guess.mended()
        if turn == 0:
            errors = guess.errors
        stand_ins |= guess.stand_ins
        if policy is not None:
            policies.append(policy)
    return Shaped(policies, errors, stand_ins)


def broken_paths(node: Any, path: Path = ()) -> Iterator[Path]:
    """Name where the YAML could not be read."""
    if node is BROKEN:
        yield path
    elif isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from broken_paths(value, (*path, key))


class Guess:
    """One way the policy might be meant."""

    def __init__(self, data: dict[str, Any], turn: int) -> None:
        """Take data that may be changed."""
        self.data, self.turn = data, turn
        self.errors: list[Any] = []
        self.stand_ins: set[Path] = set()
        self.tried: Counter[Path] = Counter()

    def mended(self) -> Policy | None:
        """Replace what does not fit until all does."""
        for attempt in range(PATIENCE):
            try:
                return Policy.model_validate_json(json.dumps(self.data))
            except ValidationError as error:
                found = error.errors(include_url=False)
            # What a later look finds in parts that are no stand-ins was hidden before: two faults in one place.
            self.errors += [each for each in found if attempt == 0 or not self.touches(plain_path(each))]
            for each in found:
                self.mend(each)
        return None

    def touches(self, path: Path) -> bool:
        """Say whether a path has to do with a stand-in."""
        return any(covers(each, path) or covers(path, each) for each in self.stand_ins)

    def mend(self, error: Any) -> None:
        """Mend one fault of shape."""
        path = plain_path(error)
        self.tried[path] += 1
        if error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",):
            self.rename_or_remove(path)
        else:
            self.stand_in(path[: max(len(path) - self.tried[path] + 1, 0)])

    def rename_or_remove(self, path: Path) -> None:
        """Give a misspelt key the name that was probably meant, if that is free; else drop it."""
        parent = found_at(self.data, path[:-1])
        if not isinstance(parent, dict) or path[-1] not in parent:
            return
        value = parent.pop(path[-1])
        near = get_close_matches(str(path[-1]), [word for word in known_words(path[:-1]) if word not in parent], 1)
        if near:
            parent[near[0]] = value
        else:
            self.stand_ins.add(path)

    def stand_in(self, path: Path) -> None:
        """Put something that fits at a path."""
        self.stand_ins.add(path)
        kind = kind_at(path)
        if not path:
            self.data = self.sample(Policy)
            return
        parent = found_at(self.data, path[:-1])
        if isinstance(parent, dict):
            if kind is None:
                parent.pop(path[-1], None)
            else:
                parent[path[-1]] = self.sample(kind)
        elif isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent):
            parent[path[-1]] = f"stand_in_{path[-1]}" if kind is None else self.sample(kind)

    def sample(self, kind: Any) -> Any:
        """Return a value of a kind, another one on each turn where it can be told apart."""
        if examples := examples_of(kind):
            return examples[self.turn % len(examples)]
        kind = bare(kind)
        if get_origin(kind) is dict:
            key, value = get_args(kind)
            return {self.sample(key): self.sample(value)}
        if get_origin(kind) is tuple:
            return self.sample_list(get_args(kind)[0])
        if kind is Local:
            return {"en": f"stand-in {self.turn}"}
        if issubclass(kind, Model):
            return {name: self.sample(whole(field)) for name, field in kind.model_fields.items() if field.is_required()}
        return self.sample_scalar(kind)

    def sample_scalar(self, kind: type) -> Any:
        """Return a single value."""
        if issubclass(kind, StrEnum):
            return list(kind)[self.turn % len(kind)].value
        others = {bool: self.turn % 2 == 0, int: 1 + self.turn, date: f"2026-01-{self.turn + 1:02}"}
        return others.get(kind, f"stand-in {self.turn}")

    def sample_list(self, kind: Any) -> list[Any]:
        """Return a list: of everything it might name on even turns, of one thing on odd ones."""
        if self.turn % 2:
            return [self.sample(kind)]
        inner = bare(kind)
        if isinstance(inner, type) and issubclass(inner, StrEnum):
            return [word.value for word in inner]
        shape = next((each for each in annotations(kind) if isinstance(each, Shape)), None)
        return sorted(word for word in set(words_of(self.data)) if shape and shape.fits(word)) or [self.sample(kind)]


def words_of(node: Any) -> Iterator[str]:
    """Return every key and text in plain data."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from (key for key in node if isinstance(key, str))
        for value in node.values():
            yield from words_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from words_of(value)


def plain_path(error: Any) -> Path:
    """Return where pydantic found something; it marks faults of keys."""
    return tuple(part for part in error["loc"] if part != "[key]")


def found_at(data: Any, path: Path) -> Any:
    """Return what stands at a path, or None."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def annotations(kind: Any) -> tuple[Any, ...]:
    """Return what is said of a kind besides its type."""
    return tuple(kind.__metadata__) if get_origin(kind) is Annotated else ()


def bare(kind: Any) -> Any:
    """Return a kind without what is said of it, and without the None it might also be."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return bare(next(each for each in get_args(kind) if each is not type(None)))
    return kind


def whole(field: FieldInfo) -> Any:
    """Return the kind of a field with what is said of it."""
    return Annotated[field.rebuild_annotation(), field]


def examples_of(kind: Any) -> list[Any]:
    """Return the values a text may have, if its kind names some."""
    for each in annotations(kind):
        if isinstance(each, Shape):
            return list(each.examples)
        extra = each.json_schema_extra if isinstance(each, FieldInfo) else None
        if isinstance(extra, dict) and isinstance(found := extra.get("examples"), list):
            return found
    if get_origin(kind) is Annotated:
        return examples_of(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return examples_of(next(each for each in get_args(kind) if each is not type(None)))
    return []


@lru_cache(4096)
def kind_at(path: Path) -> Any:
    """Return the kind of what belongs at a path, or None where nothing does."""
    kind: Any = Policy
    for part in path:
        inner = bare(kind)
        if inner is Local:
            kind = str
        elif isinstance(inner, type) and issubclass(inner, Model):
            field = inner.model_fields.get(str(part))
            kind = None if field is None else whole(field)
        elif get_origin(inner) is dict:
            kind = get_args(inner)[1]
        elif get_origin(inner) is tuple:
            kind = get_args(inner)[0]
        else:
            kind = None
        if kind is None:
            return None
    return kind


def known_words(path: Path) -> list[str]:
    """Return the keys that may stand in the part at a path."""
    kind = bare(kind_at(path))
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Model) else []
