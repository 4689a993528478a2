"""Reading: an expression becomes DuckDB's SQL and runs over the files that two snapshots name."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from assent.foundation.ids import random_id
from assent.records.lake.contracts import Kind
from assent.records.lake.drivers import Limits
from assent.records.lake.leases import free, lease

__all__ = ["Files", "Gone", "connect", "rows_of", "run", "sweep_spills", "view"]


class Gone(Exception):
    """A file was moved or erased between the snapshot and the read: take a new snapshot."""


@dataclass(frozen=True, slots=True)
class Files:
    """
    What there is to read of one kind at one moment.

    :param fresh: files of the fresh table; rows up to ``moved`` in them are already in ``base``
    :param base: files of the bucketed table
    """

    fresh: list[str]
    base: list[str]
    moved: int


@contextmanager
def connect(limits: Limits, *, reads: list[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open a DuckDB that reads these folders and nothing else: no extensions, no network, bounded memory.

    What it spills lies in a folder of its own that goes with it; ``sweep_spills`` takes those of killed readers.
    """
    name = f"{random_id():x}"
    limits.spill.mkdir(parents=True, exist_ok=True)
    mark = limits.spill / f"{name}.lease"
    with lease(mark):
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "memory_limit": f"{limits.memory_mb}MB",
                "threads": str(limits.threads),
                "temp_directory": str(limits.spill / name),
                "preserve_insertion_order": "false",
            }
        )
        try:
            allowed = ", ".join(_text(f"{folder}/") for folder in reads)
            connection.execute(f"SET allowed_directories = [{allowed}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection
        except duckdb.IOException as error:
            raise Gone(str(error)) from error
        finally:
            connection.close()
            shutil.rmtree(limits.spill / name, ignore_errors=True)
            mark.unlink(missing_ok=True)


def sweep_spills(spill: Path) -> int:
    """Remove what killed readers left behind: it may hold rows of a person who is erased. Return how many folders."""
    swept = 0
    for mark in spill.glob("*.lease"):
        if free(mark):
            shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
            mark.unlink(missing_ok=True)
            swept += 1
    return swept


def run(connection: duckdb.DuckDBPyConnection, expr: ibis.Expr, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Evaluate an expression over the connection's views and these tables."""
    for name, table in tables.items():
        connection.register(name, table)
    return connection.execute(ibis.to_sql(expr, dialect="duckdb")).to_arrow_table()


def view(connection: duckdb.DuckDBPyConnection, kind: Kind, files: Files) -> None:
    """Give a kind's rows their name. A view and not a common table expression: filters reach the files through it."""
    connection.execute(f"CREATE TEMP VIEW {_name(kind.name)} AS {rows_of(kind, files)}")


def rows_of(kind: Kind, files: Files) -> str:
    """
    Return the SQL of all rows of a kind, each once.

    A ``latest`` kind gains columns over time, so files are joined by name and columns that no file has yet are null.
    """
    columns = ", ".join(_name(name) for name in kind.schema.names)
    waiting = f"ord > {files.moved}"
    if not kind.latest:
        parts = [f"SELECT {columns} FROM {source}" for source in _sources(files.base, kind)]
        parts += [f"SELECT {columns} FROM {source} WHERE {waiting}" for source in _sources(files.fresh, kind)]
        return " UNION ALL ".join(parts) or _nothing(kind)
    fresh, base = _sources(files.fresh, kind), _sources(files.base, kind)
    parts = [_nothing(kind)]
    last = "QUALIFY row_number() OVER (PARTITION BY subject ORDER BY ord DESC) = 1"
    parts += [f"SELECT * FROM {source} WHERE {waiting} {last}" for source in fresh]
    unchanged = f"WHERE subject NOT IN (SELECT subject FROM {fresh[0]} WHERE {waiting})" if fresh else ""
    parts += [f"SELECT * FROM {source} {unchanged}" for source in base]
    return f"SELECT {columns} FROM ({' UNION ALL BY NAME '.join(parts)})"


def _sources(files: list[str], kind: Kind) -> list[str]:
    if not files:
        return []
    names = ", ".join(_text(file) for file in files)
    by_name = "true" if kind.latest else "false"
    return [f"read_parquet([{names}], hive_partitioning = false, union_by_name = {by_name})"]


def _nothing(kind: Kind) -> str:
    """Return the SQL of no rows with the kind's columns in their types."""
    columns = [f"CAST(NULL AS {_TYPES[str(field.type)]}) AS {_name(field.name)}" for field in kind.schema]
    return f"SELECT {', '.join(columns)} WHERE false"


_TYPES = {
    "bool": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "binary": "BLOB",
    "fixed_size_binary[16]": "BLOB",
}


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
