"""A segment while it is being built: what the form says, what may be chosen, and what is wrong."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from assent.entrypoints.console import words
from assent.entrypoints.console.builder import HOW, Row, Unsayable, definition, rows
from assent.privacy.policy.contracts import Compiled, PropertyType
from assent.records.profiles.contracts import NUMBERS
from assent.segments import api as segments
from assent.segments.contracts import Problem, SegmentInfo

__all__ = ["Draft", "Vocabulary"]

SUMMED = {PropertyType.MONEY, PropertyType.NUMBER, PropertyType.INTEGER}
COMPARED = {
    "number": ("is", "is_not", "over", "under", "known", "unknown"),
    "truth": ("is", "known", "unknown"),
    "day": ("within_days", "over", "under", "is", "known", "unknown"),
    "text": ("is", "is_not", "in", "known", "unknown"),
}
MOST_ROWS = 20


class Vocabulary:
    """What a segment for one purpose may name, in the reader's words."""

    def __init__(self, controller: int, purpose: str, policy: Compiled) -> None:
        self.attributes = {info.name: info.type for info in segments.attributes(controller=controller, purpose=purpose)}
        found = segments.events(controller=controller, purpose=purpose)
        self.summed = {
            name: [key for key, rule in event.properties.items() if rule.type in SUMMED and key in event.purposes[purpose]]
            for name, event in found.items()
        }
        self.groups = [
            (_("Known about the person"), [(f"a:{name}", words.attribute(policy, name)) for name in self.attributes]),
            (_("What happened"), [(f"e:{name}", words.local(event.title)) for name, event in found.items()]),
        ]

    @property
    def first(self) -> str:
        """The condition a new row starts with: a deed that has an amount, else any, else what is known."""
        deeds = sorted(self.summed, key=lambda name: not self.summed[name])
        return f"e:{deeds[0]}" if deeds else f"a:{next(iter(self.attributes), '')}"

    def kind(self, what: str) -> str:
        """Return ``event``, or what sort of value an attribute has."""
        if what.startswith("e:"):
            return "event"
        found = self.attributes.get(what[2:])
        if found is PropertyType.BOOLEAN:
            return "truth"
        if found is PropertyType.DATE:
            return "day"
        return "number" if found in NUMBERS else "text"

    def ways(self, what: str) -> list[tuple[str, Any]]:
        """Return how a condition may compare."""
        kind = self.kind(what)
        if kind == "event":
            names: tuple[str, ...] = ("times", "never", "sum") if self.summed.get(what[2:]) else ("times", "never")
        else:
            names = COMPARED[kind]
        later = {"over": _("is after"), "under": _("is before")} if kind == "day" else {}
        return [(name, later.get(name, HOW[name])) for name in names]


@dataclass(slots=True)
class Draft:
    """
    What the form says.

    :param text: the definition as JSON, when it is edited so
    """

    name: str = ""
    purpose: str = ""
    match: str = "all"
    rows: list[Row] = field(default_factory=list)
    text: str | None = None
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, info: SegmentInfo) -> "Draft":
        """Return a saved segment, as rows if they can say it."""
        try:
            match, found = rows(info.definition)
        except Unsayable:
            return cls(info.name, info.purpose, text=_written(info.definition))
        return cls(info.name, info.purpose, match, found)

    @classmethod
    def posted(cls, form: Mapping[str, str], vocabulary: Vocabulary) -> "Draft":
        """Return what a browser sent; what it can't mean is put right rather than refused."""
        draft = cls(form.get("name", "").strip()[:100], form.get("purpose", ""))
        draft.match = "any" if form.get("match") == "any" else "all"
        draft.text = form.get("definition") if "definition" in form else None
        count = int(form["rows"]) if re.fullmatch(r"\d{1,2}", form.get("rows", "")) else 0
        draft.rows = [_row(form, f"c{n}-", vocabulary) for n in range(min(count, MOST_ROWS))]
        return draft

    def definition(self) -> Any:
        """
        Return the tree.

        :raises ValueError: if the text is no JSON
        """
        return json.loads(self.text) if self.text is not None else definition(self.rows, match=self.match)

    def written(self) -> str:
        """Return the tree as JSON to read."""
        return self.text if self.text is not None else _written(definition(self.rows, match=self.match))

    def to_rows(self) -> bool:
        """Leave the JSON if rows can say the same; tell whether they could."""
        try:
            self.match, self.rows = rows(self.definition())
        except (ValueError, Unsayable):
            return False
        self.text = None
        return True

    def unfinished(self, wrong: Sequence[Problem]) -> list[str]:
        """Say what is missing: which rows, or word for word what is wrong with the JSON."""
        if self.text is not None:
            return [f"{problem.message}: {problem.cure}" for problem in wrong]
        if not self.rows:
            return [_("Add at least one condition.")]
        places = [n for n in range(len(self.rows)) if any(problem.place.startswith(f"{self.match}[{n}]") for problem in wrong)]
        return [_("Condition %d: fill in what it compares with.") % (n + 1) for n in places]

    def wrong_in(self, row: int) -> Sequence[Problem]:
        """Return the problems of one row."""
        return [problem for problem in self.problems if problem.place.startswith(f"{self.match}[{row}]")]

    @property
    def wrong_elsewhere(self) -> Sequence[Problem]:
        """Problems that belong to no row."""
        mine = {id(problem) for n in range(len(self.rows)) for problem in self.wrong_in(n)} if self.text is None else set()
        return [problem for problem in self.problems if id(problem) not in mine]


def _written(tree: Any) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False)


def _row(form: Mapping[str, str], prefix: str, vocabulary: Vocabulary) -> Row:
    what = form.get(f"{prefix}what", "")
    ways = [name for name, _word in vocabulary.ways(what)]
    how = form.get(f"{prefix}how", "")
    how = how if how in ways else ways[0]
    kind, value = vocabulary.kind(what), form.get(f"{prefix}value", "").strip()
    of = form.get(f"{prefix}of", "") if how == "sum" else ""
    if how == "sum" and of not in vocabulary.summed.get(what[2:], ()):
        of = vocabulary.summed[what[2:]][0]
    days = form.get(f"{prefix}days", "").strip()
    whole = int(days) if kind == "event" and re.fullmatch(r"\d{1,5}", days) else None
    return Row(what, how, _value(value, how, kind), of, whole or None)


def _value(text: str, how: str, kind: str) -> Any:
    if how in {"known", "unknown", "never"}:
        return None
    if how == "in":
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind == "truth":
        return text != "false"
    if kind in {"number", "event"} or how == "within_days":
        number = re.fullmatch(r"-?\d{1,15}([.,]\d{1,6})?", text)
        if number is None:
            return 1 if how == "times" and not text else text
        return float(text.replace(",", ".")) if number[1] else int(text)
    return text
