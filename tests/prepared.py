"""
Houses that begin prepared: migrating takes seconds, copying what it leaves takes none, and many tests want a house.

The first who asks in a run prepares one, the others wait for it; whoever copies it still runs ``assent prepare``, which
then finds nothing to do.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

HOME = Path(__file__).resolve().parents[1]
NAME, SUFFIXES = "prepared", ("", "_keys", "_profiles")


def copy(var: Path) -> None:
    """Put a prepared house on SQLite into a data folder."""
    shutil.copytree(_prepared({}), var, dirs_exist_ok=True)


def own_database(*, empty: bool = False) -> dict[str, str]:
    """
    Return the environment that names databases of this test's own on the engine the tests run on; none on SQLite.

    :param empty: without tables, as who restores needs them
    """
    address = os.environ.get("ASSENT_DATABASE", "sqlite")
    if address == "sqlite":
        return {}
    import psycopg

    if not empty:
        _prepared({"ASSENT_DATABASE": _named(address, NAME)})
    name = f"own_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        for suffix in SUFFIXES:
            connection.execute(f"CREATE DATABASE {name}{suffix}" + ("" if empty else f" TEMPLATE {NAME}{suffix}"))
    return {"ASSENT_DATABASE": _named(address, name)}


def _named(address: str, database: str) -> str:
    return urlsplit(address)._replace(path=f"/{database}").geturl()


def _prepared(env: dict[str, str]) -> Path:
    folder = Path(os.environ["ASSENT_TEST_RUN"]) / f"{NAME}-{'postgresql' if env else 'sqlite'}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            if env:
                _make_databases()
            begun = folder.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            keep = {k: v for k, v in os.environ.items() if not k.startswith(("ASSENT_", "DJANGO_"))}
            given = {**keep, "ASSENT_VAR": str(begun), "DJANGO_SETTINGS_MODULE": "assent.config.settings", **env}
            subprocess.run([sys.executable, "-m", "assent", "prepare"], cwd=HOME, env=given, check=True)
            begun.rename(folder)
    return folder


def _make_databases() -> None:
    import psycopg

    with psycopg.connect(os.environ["ASSENT_DATABASE"], autocommit=True) as connection:
        for suffix in SUFFIXES:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME}{suffix}")
            connection.execute(f"CREATE DATABASE {NAME}{suffix}")
