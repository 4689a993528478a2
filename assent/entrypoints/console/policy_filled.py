"""
What somebody filled in on a form of the policy, as plain data.

What the schema does not know stays as it is: a form never loses what somebody wrote in YAML.
"""

from enum import StrEnum
from typing import Any

from django.http import QueryDict

from assent.entrypoints.console.policy_shapes import OWNER, SEPARATOR, Part, Place, Plain, Shape, shape_of
from assent.entrypoints.console.policy_words import REFERS

__all__ = ["ADD", "REMOVE", "Filled"]

REMOVE = "remove:"
"""In front of a path: this entry is to go."""
ADD = "add:"
"""In front of a path: an entry is to be added there, with this key."""


class Filled(Part):
    """A part as it was filled in."""

    def read(self, post: QueryDict) -> Plain:
        """Return the part as plain data; None if nothing is left of it."""
        return self._read(self.shape, SEPARATOR.join(self.path), (OWNER, self.path[0]), self.plain, post)

    def one(self, name: str, post: QueryDict) -> Plain:
        """Return a single field of the part as plain data."""
        info = self.shape.of.model_fields[name]
        inside = self.plain if isinstance(self.plain, dict) else {}
        path = SEPARATOR.join((*self.path, name))
        return self._read(
            shape_of(info.annotation, info.metadata), path, (self.shape.of.__name__, name), inside.get(name), post
        )

    def _read(self, shape: Shape, path: str, place: Place, old: Plain, post: QueryDict) -> Plain:
        found = self._typed(shape, path, place, old, post)
        return old if found is None and old is not None and not _shown(shape, old) else found

    def _typed(self, shape: Shape, path: str, place: Place, old: Plain, post: QueryDict) -> Plain:
        if shape.kind == "model":
            return self._read_model(shape, path, old, post)
        if shape.kind == "local":
            names = dict.fromkeys([*self.languages, *(old if isinstance(old, dict) else {})])
            said = {name: _typed(post.get(f"{path}{SEPARATOR}{name}", "")) for name in names}
            return {name: text for name, text in said.items() if text} or None
        if shape.kind in {"map", "models"}:
            return self._read_entries(shape, path, place, old, post)
        if shape.kind == "list":
            return self._read_list(shape, path, place, old, post)
        return _scalar(shape, old, post.get(path, ""))

    def _read_model(self, shape: Shape, path: str, old: Plain, post: QueryDict) -> Plain:
        before = old if isinstance(old, dict) else {}
        result = {key: value for key, value in before.items() if key not in shape.of.model_fields}
        for name, info in shape.of.model_fields.items():
            inner = shape_of(info.annotation, info.metadata)
            value = self._read(inner, f"{path}{SEPARATOR}{name}", (shape.of.__name__, name), before.get(name), post)
            default = None if info.is_required() else _as_plain(info.default)
            if value is not None and (name in before or value != default):
                result[name] = value
        return result or None

    def _read_entries(self, shape: Shape, path: str, place: Place, old: Plain, post: QueryDict) -> Plain:
        inner, result = shape_of(shape.of), {}
        blank: Plain = [] if inner.kind == "list" else {}
        for key, each in self.entries(shape, old):
            known = f"{path}{SEPARATOR}{key}"
            if post.get(REMOVE + known):
                continue
            value = self._read(inner, known, place, each, post)
            if value is not None or shape.keys is None:
                result[key] = blank if value is None else value
        added = post.get(ADD + path, "").strip()
        if shape.kind == "models":
            return [*result.values(), *([{}] if added else [])] or None
        if shape.keys is None and added:
            result.setdefault(added, blank)
        return result or None

    def _read_list(self, shape: Shape, path: str, place: Place, old: Plain, post: QueryDict) -> Plain:
        if self.options(shape_of(shape.of), REFERS.get(place)) is None:
            return [part for part in (one.strip() for one in post.get(path, "").split(",")) if part] or None
        ticked = list(dict.fromkeys(post.getlist(path)))
        before = [str(one) for one in old] if isinstance(old, list) else []
        # What was there keeps its place, so that ticking one more thing changes one word and no order.
        return [*(one for one in before if one in ticked), *(one for one in ticked if one not in before)] or None


def _shown(shape: Shape, value: Plain) -> bool:
    """Say whether a form can show what stands there; what it can't, it leaves alone."""
    wanted = {"model": dict, "map": dict, "local": dict, "list": list, "models": list}.get(shape.kind)
    return isinstance(value, wanted) if wanted else not isinstance(value, dict | list)


def _scalar(shape: Shape, old: Plain, typed: str) -> Plain:
    if shape.kind == "truth":
        return True if typed else (False if old is False else None)
    text = _typed(typed)
    return int(text) if shape.kind == "number" and text.lstrip("-").isdecimal() else text or None


def _typed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _as_plain(default: Any) -> Plain:
    if isinstance(default, tuple):
        return [_as_plain(one) for one in default]
    return str(default) if isinstance(default, StrEnum) else default
