"""
Whole columns out of a table: millions of numbers as arrays, without a Python object for each.

They are read through Django's own connection. A second SQLite library in the process (ADBC's, DuckDB's) must never open
a file that Django has open: closing it drops the process's POSIX locks, and committed rows are lost. See
``docs/decisions/columns-without-a-second-sqlite.md``.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from django.db import connections

__all__ = ["Ints", "read"]

Ints = npt.NDArray[np.int64]


def read(
    *, using: str, numbers: Mapping[str, str], rows: str, values: Sequence[Any], digits: Mapping[str, str] | None = None
) -> dict[str, Ints]:
    """
    Return one array of 64-bit integers per column, aligned with each other, in the order the engine finds the rows.

    The texts are SQL of our own, never a person's; what comes from outside goes into ``values``.

    :param using: alias of the database
    :param numbers: SQL expression by column name; none may be NULL
    :param digits: the same for values from 0 to 9, which cost less
    :param rows: ``FROM … WHERE …`` with ``%s`` for each of ``values``
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _copied(cursor, {**numbers, **(digits or {})}, rows, values)
        return _joined(cursor, numbers, digits or {}, rows, values)


def _joined(
    cursor: Any, numbers: Mapping[str, str], digits: Mapping[str, str], rows: str, values: Sequence[Any]
) -> dict[str, Ints]:
    # One text per column, put together inside the engine: half the time of a million tuples. SQLite's longest text,
    # 1 GB, ends this near 50 million rows; the engine for such a controller is PostgreSQL.
    texts = [f"CAST(group_concat({sql}, char(10)) AS BLOB)" for sql in numbers.values()]
    texts += [f"CAST(group_concat({sql}, '') AS BLOB)" for sql in digits.values()]
    cursor.execute(f"SELECT {', '.join(texts)} {rows}", values)
    found = cursor.fetchone()
    parts = dict(zip((*numbers, *digits), found, strict=True))
    return {
        name: (np.frombuffer(part or b"", np.uint8) - ord("0")).astype(np.int64)
        if name in digits
        else _parse([name], part)[name]
        for name, part in parts.items()
    }


def _copied(cursor: Any, numbers: Mapping[str, str], rows: str, values: Sequence[Any]) -> dict[str, Ints]:
    text = io.BytesIO()
    with cursor.copy(f"COPY (SELECT {', '.join(numbers.values())} {rows}) TO STDOUT (FORMAT csv)", values) as copy:
        for part in copy:
            text.write(part)
    return _parse(list(numbers), text.getvalue())


def _parse(names: Sequence[str], text: bytes | None) -> dict[str, Ints]:
    if not text:
        return {name: np.empty(0, np.int64) for name in names}
    table = pyarrow.csv.read_csv(
        pa.py_buffer(text),
        read_options=pyarrow.csv.ReadOptions(column_names=list(names)),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.int64())),
    )
    return {name: table[name].to_numpy() for name in names}
