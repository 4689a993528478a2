"""A real house in processes of its own: started on free loopback ports, asked from outside, stopped by process id."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import clerk, prepared
from tests.postgres import free_port
from tests.prepared import HOME


class House:
    """One house with its own data folder. ``made`` holds the brand's id and its write keys."""

    def __init__(self, var: Path, **env: str) -> None:
        self.var = var
        self.web_port, self.collect_port = free_port(), free_port()
        self.env = prepared.environment(
            var, ASSENT_PUBLIC_URL=f"http://127.0.0.1:{self.web_port}", ASSENT_COLLECT_URL=self.collect_url, **env
        )
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.made: dict[str, Any] = prepared.put(var, self.env)

    @property
    def collect_url(self) -> str:
        """Where clients reach the collector."""
        return f"http://127.0.0.1:{self.collect_port}"

    @property
    def web_url(self) -> str:
        """Where people reach the web server."""
        return f"http://127.0.0.1:{self.web_port}"

    def assent(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in a fork of the house's clerk."""
        code = f"import sys\nfrom assent.__main__ import main\nsys.argv[1:] = {list(words)!r}\nmain()"
        done = subprocess.CompletedProcess(["assent", *words], *clerk.ask(code, self.env))
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    def ask(self, code: str) -> Any:
        """Run code inside a process of the house and return the JSON it prints last."""
        return prepared.run(code, self.env)

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
