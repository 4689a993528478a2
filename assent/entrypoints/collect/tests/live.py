"""A collector in processes of its own, as in production but for where its write keys come from: a file to edit."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from assent.entrypoints.collect.app import Collector
from assent.entrypoints.collect.keys import Keys
from assent.entrypoints.collect.tests.cast import write_keys
from assent.foundation.crypto import FileMasterKey
from assent.foundation.processes import die_with_parent
from assent.ingest.ports import open_writer

HOME = Path(__file__).resolve().parents[4]


def make():
    """Called by Granian in the worker."""
    die_with_parent(patience=1.0)
    var = Path(os.environ["LIVE_VAR"])

    def keys():
        revoked = json.loads((var / "revoked.json").read_text())
        return {digest: key for digest, key in write_keys().items() if key.property.id not in revoked}

    writer = open_writer(var=var, master=FileMasterKey(var / "master.key"))
    return Collector(Keys(keys), writer, url="http://127.0.0.1:1")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Live:
    """One running server."""

    def __init__(self, var, port, workers=1, limit=""):
        (var / "revoked.json").write_text("[]")
        self.var, self.port = var, port
        program = (
            "from assent.entrypoints.collect import serve; from pathlib import Path;"
            f"serve.TARGET = {__name__!r} + ':make'; serve.serve('127.0.0.1', {port}, {workers}, Path({str(var)!r}))"
        )
        env = {**os.environ, "LIVE_VAR": str(var), "PYTHONPATH": str(HOME)}
        command = f"{limit}exec '{sys.executable}' -c \"$PROGRAM\""
        self.process = subprocess.Popen(["/bin/bash", "-c", command], env={**env, "PROGRAM": program}, cwd=HOME)

    def wait(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(OSError):
                if self.post(b"{}", path="/healthz", method="GET")[0] == 200:
                    return self
            time.sleep(0.05)
        message = "the collector did not start"
        raise AssertionError(message)

    def post(self, body, headers=(), path="/v1/batch", method="POST"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, dict(headers), method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own loopback address
                return answer.status, json.loads(answer.read()), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read()), dict(error.headers)

    def workers(self):
        return [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]

    def kill(self):
        """kill -9 of the main process and all below it."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        for process in [self.process, *family]:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        self.process.wait()
        psutil.wait_procs(family, timeout=10)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


@contextmanager
def running(var, port=None, **options):
    server = Live(var, port or free_port(), **options)
    try:
        yield server.wait()
    finally:
        server.stop()
