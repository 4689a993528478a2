"""
Many numbers asked about as one parameter.

A list of placeholders for ten thousand people takes Django longer to write, and the engine longer to read, than the rows take
to be found; and engines allow only so many. Here the numbers are one value, and the query is the same for any number of them.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, Lookup, Model, QuerySet

__all__ = ["among", "clause"]

T = TypeVar("T", bound=Model)


class Among(Lookup):
    """The column holds one of these whole numbers; none of them means no row."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition as the engine says it."""
        column, params = self.process_lhs(compiler, connection)
        said, value = _said(self.rhs, connection.vendor)
        return f"{column} {said}", (*params, value)


def among(rows: QuerySet[T], column: str, numbers: Iterable[int]) -> QuerySet[T]:
    """Return those rows whose column holds one of the numbers."""
    return rows.filter(Among(F(column), list(numbers)))


def clause(numbers: Iterable[int]) -> tuple[str, Any]:
    """Return what follows a column in SQL written by hand, with its one parameter."""
    return _said(numbers, connection.vendor)


def _said(numbers: Iterable[int], vendor: str) -> tuple[str, Any]:
    whole = [int(number) for number in numbers]
    if vendor == "postgresql":
        return "= ANY(CAST(%s AS BIGINT[]))", whole
    return "IN (SELECT value FROM json_each(%s))", json.dumps(whole)
