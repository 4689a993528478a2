"""A form for a part of the policy, made from its schema: what each field is, what stands in it, and what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assent.entrypoints.console.policy_shapes import OWNER, SEPARATOR, Part, Place, Plain, Shape, shape_of
from assent.entrypoints.console.policy_words import GROUPS, HELP, KEYS, LONG, REFERS, label, word
from assent.privacy.policy.contracts import Finding

__all__ = ["Field", "Form", "Group"]


@dataclass(slots=True)
class Field:
    """One field on the page. ``choices`` are value, word and whether it is chosen; ``many`` lets one tick several."""

    path: str
    kind: str
    label: str
    value: str = ""
    help: str = ""
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    required: bool = False
    language: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "f-" + self.path.replace(" ", "_").replace("$", "_")


@dataclass(slots=True)
class Group:
    """Fields that belong together. ``removable`` is an entry of its own; ``add`` what may be added here."""

    path: str
    label: str
    children: list["Field | Group"] = field(default_factory=list)
    help: str = ""
    kind: str = "group"
    empty: bool = False
    removable: bool = False
    adds: str = ""
    add_choices: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "g-" + self.path.replace(" ", "_").replace("$", "_")


@dataclass
class Form(Part):
    """The form of a part, with what is wrong in it beside each field."""

    findings: Iterable[Finding] = ()
    problems: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the findings by the field they are about."""
        self.problems = {}
        for finding in self.findings:
            self.problems.setdefault(finding.place, []).append(f"{finding.message} → {finding.cure}")

    def fields(self) -> list[Field | Group]:
        """Return the page's fields, in groups where the part has many."""
        path = SEPARATOR.join(self.path)
        drawn = self._draw(self.shape, path, (OWNER, self.path[0]), self.plain)
        if isinstance(drawn, Field):
            return [Group("", "", [drawn], kind="chapter")]
        groups = GROUPS.get(getattr(self.shape.of, "__name__", ""))
        if drawn.kind == "local" or not groups:
            return [Group("", "", [drawn] if drawn.kind == "local" else drawn.children, kind="chapter")]
        by_name = {child.path.rpartition(SEPARATOR)[2]: child for child in drawn.children}
        return [Group("", str(name), [by_name[one] for one in names], kind="chapter") for name, names in groups]

    def one(self, name: str) -> Field | Group:
        """Return a single field of the part."""
        info = self.shape.of.model_fields[name]
        inside = self.plain if isinstance(self.plain, dict) else {}
        path = SEPARATOR.join((*self.path, name))
        return self._draw(shape_of(info.annotation, info.metadata), path, (self.shape.of.__name__, name), inside.get(name))

    def _draw(self, shape: Shape, path: str, place: Place, value: Plain) -> Field | Group:
        words = (label(place[1], self.language), str(HELP.get(place, "")))
        if shape.kind == "model":
            return self._draw_model(shape, path, value, words)
        if shape.kind == "local":
            return self._draw_words(shape, path, place[1], value, words)
        if shape.kind in {"map", "models"}:
            return self._draw_entries(shape, path, place, value, words)
        return self._draw_field(shape, path, place, value, words)

    def _draw_model(self, shape: Shape, path: str, value: Plain, words: tuple[str, str]) -> Group:
        inside = value if isinstance(value, dict) else {}
        children = [
            self._draw(
                shape_of(info.annotation, info.metadata),
                f"{path}{SEPARATOR}{name}",
                (shape.of.__name__, name),
                inside.get(name),
            )
            for name, info in shape.of.model_fields.items()
        ]
        empty = shape.optional and not inside
        return Group(path, words[0], children, words[1], empty=empty, problems=self.problems.get(path, []))

    def _draw_words(self, shape: Shape, path: str, name: str, value: Plain, words: tuple[str, str]) -> Group:
        inside = value if isinstance(value, dict) else {}
        children: list[Field | Group] = [
            Field(
                f"{path}{SEPARATOR}{language}",
                "words" if name in LONG else "line",
                words[0],
                _text(inside.get(language)),
                language=language,
                problems=self.problems.get(f"{path}{SEPARATOR}{language}", []),
            )
            for language in dict.fromkeys([*self.languages, *inside])
        ]
        empty = shape.optional and not inside
        return Group(path, words[0], children, words[1], kind="local", empty=empty, problems=self.problems.get(path, []))

    def _draw_entries(self, shape: Shape, path: str, place: Place, value: Plain, words: tuple[str, str]) -> Group:
        inner = shape_of(shape.of)
        children: list[Field | Group] = []
        fixed = [str(one) for one in shape.keys] if shape.keys else None
        for key, each in self.entries(shape, value):
            known = f"{path}{SEPARATOR}{key}"
            drawn = self._draw(inner, known, place, each)
            drawn.label = word(shape.keys(key), self.language) if fixed else self._named(place, key)
            if isinstance(drawn, Group):
                drawn.kind = drawn.kind if drawn.kind == "local" else "entry"
                drawn.empty, drawn.removable = False, fixed is None
            else:
                drawn.kind, drawn.help = f"{drawn.kind}-entry" if fixed is None else drawn.kind, ""
            children.append(drawn)
        group = Group(path, words[0], children, words[1], kind="entries", problems=self.problems.get(path, []))
        if fixed is None:
            section = KEYS.get(place)
            taken = set(value) if isinstance(value, dict) else set()
            group.adds = "entry" if shape.kind == "models" else "choice" if section else "key"
            group.add_choices = [one for one in self.titles(section) if one[0] not in taken] if section else []
        return group

    def _draw_field(self, shape: Shape, path: str, place: Place, value: Plain, words: tuple[str, str]) -> Field:
        section = REFERS.get(place)
        drawn = Field(
            path, shape.kind, words[0], help=words[1], required=not shape.optional, problems=self._problems_below(path)
        )
        if shape.kind == "truth":
            drawn.value = "true" if value is True else ""
        elif shape.kind == "list":
            chosen = [str(one) for one in value] if isinstance(value, list) else []
            options = self.options(shape_of(shape.of), section)
            if options is None:
                drawn.value = ", ".join(chosen)
            else:
                drawn.kind = "ticks"
                drawn.choices = [(key, said, key in chosen) for key, said in [*options, *_unknown(chosen, options)]]
        else:
            drawn.value = _text(value)
            options = self.options(shape, section)
            if options is not None:
                drawn.kind = "choice"
                drawn.choices = [(key, said, key == drawn.value) for key, said in [*options, *_unknown([drawn.value], options)]]
        return drawn

    def _named(self, place: Place, key: str) -> str:
        section = KEYS.get(place)
        return dict(self.titles(section)).get(key, key) if section else f"{int(key) + 1}" if key.isdecimal() else key

    def _problems_below(self, path: str) -> list[str]:
        below = (said for place, said in self.problems.items() if place == path or place.startswith(f"{path}{SEPARATOR}"))
        return [one for said in below for one in said]


def _text(value: Plain) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _unknown(chosen: Iterable[str], options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    known = {key for key, _ in options}
    return [(one, one) for one in chosen if one and one not in known]
