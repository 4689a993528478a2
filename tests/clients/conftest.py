"""A real collector over real write keys, a network that loses answers, and what arrived."""

import gzip
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from assent.foundation.crypto import FileMasterKey
from assent.ingest.ports import LogEntry, open_log

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1]
NODE = HERE / "node"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

WORLD = """
import json
from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.tenancy import api
who = {"by": Actor.system("test"), "at": now()}
bloom = api.make_controller(slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", **who)
keys = {}
for slug, kind in (("shop", "server"), ("till", "server"), ("kiosk", "server"), ("site", "website")):
    place = api.make_property(controller=bloom.id, slug=slug, name=slug.title(), kind=kind, rudder=slug == "till", **who)
    keys[slug] = [place.id, api.make_write_key(property=place.id, secret=kind == "server", **who)]
print(json.dumps(keys))
"""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """A data folder with keys in it and a collector that serves them."""

    def __init__(self, var, collect_url, port, env):
        self.var, self.url, self.port, self.env = var, collect_url, port, env
        self.keys = json.loads(self.run(WORLD))

    def run(self, program):
        """Run a program inside the house and return its last line."""
        command = [sys.executable, "-m", "assent", "shell", "-v0", "-c", program]
        done = subprocess.run(command, env=self.env, cwd=HOME, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        return (done.stdout.splitlines() or [b""])[-1]

    def key(self, slug):
        return self.keys[slug][1]

    def entries(self, after, slug):
        """Return what arrived for a property behind these positions."""
        log = open_log(var=self.var, master=FileMasterKey(self.var / "keys" / "master.key"))
        try:
            found = log.read(after, limit_bytes=1 << 30)
        finally:
            log.close()
        assert all(isinstance(entry, LogEntry) for entry in found)
        return [entry for entry in found if entry.property == self.keys[slug][0]]

    def tail(self):
        log = open_log(var=self.var, master=FileMasterKey(self.var / "keys" / "master.key"))
        try:
            return log.tail()
        finally:
            log.close()


@contextmanager
def collecting(var):
    """Prepare a house, start its collector as an administrator does, and stop it afterwards."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ASSENT_", "DJANGO_"))}
    env |= {"ASSENT_VAR": str(var), "ASSENT_COLLECT_URL": url}
    subprocess.run([sys.executable, "-m", "assent", "prepare"], env=env, cwd=HOME, check=True)
    house = House(var, url, port, env)
    process = subprocess.Popen([sys.executable, "-m", "assent", "collect", "--port", str(port)], env=env, cwd=HOME)
    try:
        _wait_until_ready(url, process)
        yield house
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """One collector for all clients whose events are looked at in the arrival log."""
    with collecting(tmp_path_factory.mktemp("clients") / "var") as one:
        yield one


@pytest.fixture
def fresh_house(tmp_path):
    """A collector of this test's own, whose events go on into the lake."""
    with collecting(tmp_path / "house") as one:
        yield one


def _wait_until_ready(url, process):
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2):
            return
        time.sleep(0.1)
    pytest.fail("the collector did not start")


class Inbox:
    """What arrived since the test began."""

    def __init__(self, house):
        self.house, self._after = house, house.tail()

    def entries(self, slug):
        return self.house.entries(self._after, slug)

    def messages(self, slug):
        """Return messages by id: of each, all copies that arrived."""
        found = {}
        for entry in self.entries(slug):
            body = json.loads(entry.body)
            for message in body["batch"] if entry.kind == "batch" else [body]:
                found.setdefault(message["messageId"], []).append(message)
        return found


@pytest.fixture
def inbox(house):
    return Inbox(house)


def _first_message(body):
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    found = re.search(rb'"messageId":\s*"([^"]+)"', plain)
    return found and found[1]


class _Forgetful(BaseHTTPRequestHandler):
    """Hands every request on, and loses the answers it is told to lose."""

    protocol_version = "HTTP/1.1"

    def _pass(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        onward = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=20)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        lost = self.command == "POST" and self.server.loses(_first_message(body))
        if self.command == "POST":
            self.server.log.append((answer.status, lost))
        self.send_response(503 if lost else answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "date", "server", "transfer-encoding"}:
                self.send_header(name, value)
        content = b'{"code":"lost","message":"the answer was lost"}' if lost else content
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_OPTIONS = _pass  # noqa: N815 - the names the library looks for

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def forgetful(house):
    """A network in which the first acknowledgement of everything is lost, after the events were kept."""
    heard = set()

    def loses(message):
        known = message in heard
        heard.add(message)
        return not known

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Forgetful)
    server.target, server.log, server.loses = house.port, [], loses
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def node():
    """The folder in which the npm clients are installed."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.fail("no node found: install nodejs and npm, or leave out tests/clients")
    if not (NODE / "node_modules/@segment/analytics-next").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=NODE, check=True, capture_output=True)
    return NODE


@pytest.fixture
def page():
    """A page in a browser that can reach nothing but this machine; whom else it wanted to reach is noted."""
    if CHROMIUM is None:
        pytest.fail("no Chromium found: install the package chromium, or leave out tests/clients")
    with sync_playwright() as library:
        browser = library.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.strangers = []

        def only_here(route):
            if route.request.url.startswith(("http://127.0.0.1:", "http://localhost:")):
                route.fallback()
            else:
                page.strangers.append(route.request.url)
                route.abort()

        page.route("**/*", only_here)
        yield page
        browser.close()
