"""
Houses that begin prepared: migrating and publishing take seconds, copying what they leave takes none, and many tests want one.

The first who asks in a run makes a house, with Bloom in it and the keys of its properties; the others wait for it and copy it.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import textwrap
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import clerk

HOME = Path(__file__).resolve().parents[1]
NAME, OWN, SUFFIXES = "prepared", "own_", ("", "_keys", "_profiles")

PRELUDE = """
import json, sys
from pathlib import Path
import django
django.setup()
from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.clock import now
US = Actor.system("test")
"""

MAKE = """
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from tests.agreements import agree
info = tenancy.make_controller(
    slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
)
policy.publish(controller=info.id, bundle=Path("policies/bloom"), by=US, at=now())
agree(controller=info.id, at=now())
shop = tenancy.make_property(controller=info.id, slug="shop", name="Shop", kind="server", by=US, at=now())
site = tenancy.make_property(controller=info.id, slug="site", name="Site", kind="website", by=US, at=now())
print(json.dumps({
    "controller": info.id,
    "secret": tenancy.make_write_key(property=shop.id, secret=True, by=US, at=now()),
    "public": tenancy.make_write_key(property=site.id, secret=False, by=US, at=now()),
}))
"""


def environment(var: Path, **more: str) -> dict[str, str]:
    """Return the environment of a house of its own: nothing of the one whose tests run."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("ASSENT_", "DJANGO_"))}
    own = {"ASSENT_VAR": str(var), "DJANGO_SETTINGS_MODULE": "assent.config.settings", "PYTHONPATH": str(HOME)}
    return {**keep, **own, **more}


def run(code: str, env: dict[str, str]) -> Any:
    """Run code inside a process of a house and return the JSON it prints last."""
    ended, said, complained = clerk.ask(PRELUDE + textwrap.dedent(code), env)
    assert ended == 0, complained[-3000:]
    return json.loads(said.strip().splitlines()[-1]) if said.strip() else None


def make(env: dict[str, str]) -> dict[str, Any]:
    """Make a house where there is none: tables, Bloom with its policy, two properties. Return Bloom's id and the keys."""
    command = [sys.executable, "-m", "assent", "prepare"]
    subprocess.run(command, cwd=HOME, env=env, capture_output=True, text=True, check=True, timeout=120)
    made: dict[str, Any] = run(MAKE, env)
    return made


def put(var: Path, env: dict[str, str]) -> dict[str, Any]:
    """Put a house into a data folder, a copy wherever its databases can be one; return what :func:`make` returned."""
    address = env.get("ASSENT_DATABASE")
    if "ASSENT_TEST_RUN" not in os.environ or (address and not urlsplit(address).path.startswith(f"/{OWN}")):
        return make(env)  # nobody else wants one (a measurement), or its databases are in a cluster of its own
    folder = _prepared({"ASSENT_DATABASE": _named(address, NAME)} if address else {})
    shutil.copytree(folder, var, dirs_exist_ok=True)
    made: dict[str, Any] = json.loads(folder.with_suffix(".json").read_text())
    return made


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
    name = f"{OWN}{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        for suffix in SUFFIXES:
            connection.execute(f"CREATE DATABASE {name}{suffix}" + ("" if empty else f" TEMPLATE {NAME}{suffix}"))
    return {"ASSENT_DATABASE": _named(address, name)}


def _named(address: str, database: str) -> str:
    return urlsplit(address)._replace(path=f"/{database}").geturl()


def _prepared(database: dict[str, str]) -> Path:
    # Files can be shared by all checks of a run; databases are those of one cluster.
    run = os.environ["ASSENT_TEST_RUN"]
    folder = (
        Path(run if database else os.environ.get("ASSENT_TEST_SHARED", run))
        / f"{NAME}-{'postgresql' if database else 'sqlite'}"
    )
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            if database:
                _make_databases()
            begun = folder.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            made = make(environment(begun, **database))
            folder.with_suffix(".json").write_text(json.dumps(made))
            begun.rename(folder)
    return folder


def _make_databases() -> None:
    import psycopg

    with psycopg.connect(os.environ["ASSENT_DATABASE"], autocommit=True) as connection:
        for suffix in SUFFIXES:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME}{suffix}")
            connection.execute(f"CREATE DATABASE {NAME}{suffix}")
