"""A real house in processes of its own: started on free loopback ports, asked from outside, stopped by process id."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import prepared
from tests.postgres import free_port

HOME = Path(__file__).resolve().parents[1]

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


class House:
    """One house with its own data folder. ``made`` holds the brand's id and its write keys."""

    def __init__(self, var: Path, **env: str) -> None:
        self.var = var
        self.web_port, self.collect_port = free_port(), free_port()
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("ASSENT_", "DJANGO_"))}
        self.env = {
            **keep,
            "ASSENT_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "assent.config.settings",
            "ASSENT_PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "ASSENT_COLLECT_URL": self.collect_url,
            "PYTHONPATH": str(HOME),
            **env,
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        if "ASSENT_DATABASE" not in env:
            prepared.copy(var)
        self.assent("prepare")
        self.made: dict[str, Any] = self.ask(MAKE)

    @property
    def collect_url(self) -> str:
        """Where clients reach the collector."""
        return f"http://127.0.0.1:{self.collect_port}"

    @property
    def web_url(self) -> str:
        """Where people reach the web server."""
        return f"http://127.0.0.1:{self.web_port}"

    def assent(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "assent", *words]
        return subprocess.run(command, cwd=HOME, env=self.env, capture_output=True, text=True, check=check, timeout=120)

    def ask(self, code: str) -> Any:
        """Run code inside a process of the house and return the JSON it prints last."""
        command = [sys.executable, "-c", PRELUDE + textwrap.dedent(code)]
        done = subprocess.run(command, cwd=HOME, env=self.env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None

    def start(self, name: str) -> None:
        """Start one of: web, collect, ingest, tasks; web and collect are waited for."""
        words = {
            "web": ("serve", "--port", str(self.web_port)),
            "collect": ("collect", "--port", str(self.collect_port)),
            "ingest": ("worker", "ingest"),
            "tasks": ("worker", "tasks"),
        }[name]
        command = [sys.executable, "-m", "assent", *words]
        with (self.var / f"{name}.test-log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=HOME, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        url = {"web": self.web_url, "collect": self.collect_url}.get(name)
        if url:
            process = self.running[name]
            wait_for(lambda: process.poll() is not None or _answers(f"{url}/healthz"), seconds=120, what=f"{name} to answer")
            assert process.poll() is None, f"{name} ended at once:\n{self.logged()[-3000:]}"

    def kill(self, name: str) -> None:
        """``kill -9``: no chance to tidy up. Children must notice by themselves."""
        process = self.running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        port = {"web": self.web_port, "collect": self.collect_port}.get(name)
        if port:
            wait_for(lambda: not _answers(f"http://127.0.0.1:{port}/healthz"), seconds=20, what=f"{name}'s children to end")

    def stop(self) -> None:
        """Ask all to end, and end those that don't."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def logged(self) -> str:
        """Return what the processes wrote."""
        return "\n".join(p.read_text(errors="replace") for p in sorted(self.var.glob("*.test-log")))


@contextmanager
def house(var: Path, *parts: str, **env: str) -> Iterator[House]:
    """Give a running house; stop it afterwards, whatever happened."""
    one = House(var, **env)
    try:
        for part in parts:
            one.start(part)
        yield one
    finally:
        one.stop()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def wait_for(true, *, seconds: float, what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)
