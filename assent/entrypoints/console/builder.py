"""
The segment builder: rows of a form on one side, the definition tree on the other.

A definition that the rows can't say (nested groups, filters on properties) is edited as JSON instead; nothing is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = ["HOW", "Row", "Unsayable", "definition", "rows"]

HOW: Mapping[str, Any] = {
    "is": _("is"),
    "is_not": _("is not"),
    "in": _("is one of (separate with commas)"),
    "over": _("is more than"),
    "under": _("is less than"),
    "within_days": _("is within the last … days"),
    "known": _("is known"),
    "unknown": _("is not known"),
    "times": _("happened at least … times"),
    "never": _("did not happen"),
    "sum": _("adds up to more than"),
}
"""How a row compares; which of them a row offers depends on what it is about."""


class Unsayable(ValueError):
    """The definition says more than rows can."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    One condition.

    :param what: ``a:city`` for an attribute, ``e:Order Completed`` for an event
    :param how: a key of ``HOW``
    :param value: what it is compared with; a number for ``times`` and ``sum``
    :param of: the property that ``sum`` adds up
    :param days: look back so many days; None for ever
    """

    what: str
    how: str
    value: Any = None
    of: str = ""
    days: int | None = None

    @property
    def kind(self) -> str:
        """``a`` or ``e``."""
        return self.what[:1]

    @property
    def name(self) -> str:
        """Name of the attribute or event."""
        return self.what[2:]


def definition(rows: Sequence[Row], *, match: str) -> dict[str, Any]:
    """Return the tree that says these rows, all of them or any."""
    return {match: [_node(row) for row in rows]}


def _node(row: Row) -> dict[str, Any]:
    if row.kind == "a":
        if row.how in {"known", "unknown"}:
            return {"attribute": row.name, "known": row.how == "known"}
        if row.how == "is_not":
            return {"not": {"attribute": row.name, "is": row.value}}
        return {"attribute": row.name, row.how: row.value}
    seen: dict[str, Any] = {"event": row.name}
    if row.how == "sum":
        seen["sum"] = {"property": row.of, "over": row.value}
    else:
        seen["count"] = {"at_least": 1 if row.how == "never" else row.value}
    if row.days:
        seen["within_days"] = row.days
    return {"not": seen} if row.how == "never" else seen


def rows(tree: Mapping[str, Any]) -> tuple[str, list[Row]]:
    """
    Return the rows that say a tree, and whether all or any must hold.

    :raises Unsayable: if rows can't
    """
    for match in ("all", "any"):
        if set(tree) == {match} and isinstance(tree[match], list):
            return match, [_row(node) for node in tree[match]]
    if "attribute" in tree or "event" in tree or "not" in tree:
        return "all", [_row(tree)]
    raise Unsayable


def _row(node: Mapping[str, Any]) -> Row:
    inner = node.get("not")
    if isinstance(inner, Mapping) and set(node) == {"not"}:
        row = _row(inner)
        if row.kind == "a" and row.how == "is":
            return Row(row.what, "is_not", row.value)
        if row.kind == "e" and row.how == "times" and row.value == 1:
            return Row(row.what, "never", days=row.days)
        raise Unsayable
    if "attribute" in node:
        return _attribute(node)
    if "event" in node:
        return _event(node)
    raise Unsayable


def _attribute(node: Mapping[str, Any]) -> Row:
    said = set(node) - {"attribute"}
    if len(said) != 1:
        raise Unsayable
    how = said.pop()
    what = f"a:{node['attribute']}"
    if how == "known":
        return Row(what, "known" if node["known"] else "unknown")
    if how in {"is", "in", "over", "under", "within_days"}:
        return Row(what, how, node[how])
    raise Unsayable


def _event(node: Mapping[str, Any]) -> Row:
    if set(node) - {"event", "count", "sum", "within_days"}:
        raise Unsayable
    what, days = f"e:{node['event']}", node.get("within_days")
    count, total = node.get("count"), node.get("sum")
    if count is None and total is None:
        return Row(what, "times", 1, days=days)
    if isinstance(count, Mapping) and set(count) == {"at_least"} and total is None:
        return Row(what, "times", count["at_least"], days=days)
    if isinstance(total, Mapping) and set(total) == {"property", "over"} and count is None:
        return Row(what, "sum", total["over"], of=total["property"], days=days)
    raise Unsayable
