"""A house with a shelf for its copies, and what is asked of it in these tests. Runs on the engine the tests run on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests import clerk
from tests.prepared import own_database
from tests.running import HOME, House

PHASES = (
    "reading and checking",
    "putting the copy in place",
    "counting what came back",
    "bringing the tables",
    "beginning a log",
    "replaying the journal",
)

PEOPLE = """
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
WHO = {who}
names = {names!r}
made = subjects.upsert_many(controller=WHO, by=US, at=now(), people=[
    PersonInput({{"user_id": f"{{one}}-1", "email": f"{{one}}@people.example", "first_name": f"{{one.title()}}qzx"}})
    for one in names
])
ids = {{name: one.subject for name, one in zip(names, made, strict=True)}}
consent.apply_many(controller=WHO, by=US, at=now(), choices=[
    ChoiceInput(one, "direct_marketing", Choice.GIVEN, Method.WEB_FORM, "test", "email", "marketing_email")
    for one in ids.values()
])
print(json.dumps(ids))
"""


class Place:
    """One house, its shelf, its private key, and a second place for its journal."""

    def __init__(self, home: Path, **env: str) -> None:
        self.home, self.shelf, self.identity = home, home / "shelf", home / "private.key"
        self.database = own_database()
        self.house = House(
            home / "var",
            **self.database,
            ASSENT_BACKUP_FOLDER=str(self.shelf),
            ASSENT_JOURNAL_COPY=str(home / "elsewhere"),
            PYTHONUNBUFFERED="1",
            **env,
        )
        self.controller = self.house.made["controller"]
        public = self.house.assent("backup", "key", str(self.identity)).stdout.strip()
        self.house.env["ASSENT_BACKUP_RECIPIENTS"] = public

    def people(self, *names: str) -> dict[str, int]:
        """Make people who agreed to direct marketing."""
        return self.house.ask(PEOPLE.format(who=self.controller, names=list(names)))

    def backup(self) -> tuple[Path, Path]:
        """Make a backup and return its archives: data, keys."""
        data, keys = (Path(line.split()[0]) for line in self.house.assent("backup", "make").stdout.splitlines())
        return data, keys

    def words(self, data: Path, *more: str) -> list[str]:
        """Return the words of a restore."""
        return ["restore", str(data), "--identity", str(self.identity), *more]

    def restore(self, data: Path, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Put a copy back over the house."""
        done = self.house.assent(*self.words(data, *more), check=False)
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    def kill_in(self, phase: str, *words: str) -> None:
        """Start a command and end it with ``kill -9`` as soon as it says that this part has begun."""
        command = [sys.executable, "-m", "assent", *words]
        with subprocess.Popen(command, cwd=HOME, env=self.house.env, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(phase):
                    os.kill(process.pid, signal.SIGKILL)
                    break
            process.stdout.read()

    def lose(self, *, master_key: bool = True) -> Path:
        """Let the machine burn down: an empty place, with or without the master key; what was lost is returned."""
        lost = self.home / "lost"
        self.house.stop()
        clerk.dismiss()
        self.house.var.rename(lost)
        if self.database:
            self.house.env.update(own_database(empty=True))
        if master_key:
            self.bring_master_key(lost)
        return lost

    def bring_master_key(self, lost: Path) -> None:
        """Put the copy of the master key that lay elsewhere in its place."""
        (self.house.var / "keys").mkdir(parents=True, exist_ok=True)
        shutil.copy2(lost / "keys" / "master.key", self.house.var / "keys" / "master.key")

    def ask(self, code: str) -> object:
        """Run code in the house; WHO is its controller."""
        return self.house.ask(f"WHO = {self.controller}\n" + code)

    def refuses_to_work(self) -> str:
        """Return what a worker says when it is started and may not."""
        done = self.house.assent("worker", "tasks", check=False)
        assert done.returncode != 0
        return done.stderr

    def listed(self) -> list[str]:
        """Return what lies on the shelf."""
        return sorted(str(path.relative_to(self.shelf)) for path in self.shelf.rglob("*") if path.is_file())


def dumped(found: object) -> str:
    """Return it as text that can stand in code."""
    return json.dumps(found)
