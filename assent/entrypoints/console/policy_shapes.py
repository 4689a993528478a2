"""What the parts of the policy's schema are, and what stands in them while a policy is being written."""

import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from assent.entrypoints.console.policy_words import label, title, word
from assent.privacy.policy.contracts import Local, Model, Policy

__all__ = ["OWNER", "SEPARATOR", "Part", "Place", "Plain", "Shape", "shape_of"]

Plain = Any
"""Data as JSON has them."""
Place = tuple[str, str]
"""Model and field, as the schema names them."""
SEPARATOR = "."
OWNER = "Policy"
KINDS: tuple[tuple[type, str], ...] = (
    (Local, "local"), (Model, "model"), (StrEnum, "enum"), (bool, "truth"), (int, "number"), (date, "day"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What a field of the schema is.

    :param kind: ``model``, ``models`` (a list of them), ``map``, ``local``, ``list``, ``enum``, ``truth``, ``number``, ``day``,
        ``span`` or ``line``
    :param of: the model, enumeration, or the annotation of what is inside
    :param keys: of a map, the enumeration its keys come from, if any
    """

    kind: str
    of: Any = None
    optional: bool = False
    keys: Any = None


def shape_of(annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
    """Return what an annotation of the schema is."""
    marks, optional = list(metadata), False
    while True:
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, marks = inner[0], [*marks, *inner[1:]]
        elif origin in {Union, types.UnionType} and type(None) in inner:
            annotation, optional = next(one for one in inner if one is not type(None)), True
        else:
            break
    if origin is tuple:
        of = shape_of(inner[0])
        return Shape("models" if of.kind == "model" else "list", inner[0], optional)
    if origin is dict:
        keys = shape_of(inner[0])
        return Shape("map", inner[1], optional, keys.of if keys.kind == "enum" else None)
    if isinstance(annotation, type):
        for of_type, kind in KINDS:
            if issubclass(annotation, of_type):
                return Shape(kind, annotation, optional)
    spans = {"duration", "lifetime"} & {getattr(getattr(mark, "func", None), "__name__", "") for mark in marks}
    return Shape("span" if spans else "line", optional=optional)


@dataclass
class Part:
    """
    A part of a policy that is being written.

    :param path: ``("controller",)``, or ``("purposes", "news")``
    :param whole: the whole policy as plain data, for what may be chosen and in which languages words are written
    :param language: the reader's
    """

    path: tuple[str, ...]
    whole: Plain
    language: str

    @property
    def languages(self) -> list[str]:
        """The languages of the policy, as it is being written."""
        controller = self.whole.get("controller")
        found = controller.get("languages") if isinstance(controller, dict) else None
        return [str(one) for one in found if isinstance(one, str)] if isinstance(found, list) and found else [self.language]

    @property
    def shape(self) -> Shape:
        """What the part is."""
        info = Policy.model_fields[self.path[0]]
        shape = shape_of(info.annotation, info.metadata)
        return shape_of(shape.of) if len(self.path) > 1 else shape

    @property
    def plain(self) -> Plain:
        """What stands in the part now."""
        node = self.whole
        for key in self.path:
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def entries(self, shape: Shape, value: Plain) -> Iterator[tuple[str, Plain]]:
        """Return the entries of a mapping or list, by key; one whose keys are given has them all."""
        if shape.kind == "models":
            yield from ((str(at), each) for at, each in enumerate(value if isinstance(value, list) else []))
        elif shape.keys:
            inside = value if isinstance(value, dict) else {}
            yield from ((str(key), inside.get(str(key))) for key in shape.keys)
        elif isinstance(value, dict):
            yield from ((str(key), each) for key, each in value.items())

    def options(self, shape: Shape, section: str | None) -> list[tuple[str, str]] | None:
        """Return what may be chosen, with words for it; None where anything may be written."""
        if shape.kind == "enum":
            return [(str(one), word(one, self.language)) for one in shape.of]
        return self.titles(section) if section else None

    def titles(self, section: str | None) -> list[tuple[str, str]]:
        """Return the entries of a part (or several, joined by +) by what people call them."""
        found: list[tuple[str, str]] = []
        for one in (section or "").split("+"):
            members = self.whole.get(one)
            if one == "controller":
                found.append(("controller", label("controller", self.language)))
            elif isinstance(members, dict):
                found += [(str(key), title(member, str(key), self.language)) for key, member in members.items()]
        return found
