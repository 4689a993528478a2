"""The way out: only to where it may lead, never for longer or for more than was said."""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from assent.foundation import http
from assent.foundation.http import CannotCall, call


class Recipient(BaseHTTPRequestHandler):
    seen: ClassVar = []

    def do_GET(self):
        type(self).seen.append((self.path, dict(self.headers)))
        getattr(self, f"say_{self.path.strip('/')}", self.say_well)()

    do_POST = do_GET  # noqa: N815 - the library's names

    def say_well(self, body=b"well", **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say_moved(self):
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def say_large(self):
        self.say_well(b"x" * 5000)

    def say_packed(self):
        self.say_well(Content_Encoding="gzip")

    def say_slowly(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.05)

    def say_nothing(self):
        time.sleep(2)

    def say_nonsense(self):
        self.wfile.write(b"\x00\xff not http at all\r\n\r\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def port(settings):
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    Recipient.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recipient)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def resolving(monkeypatch, *addresses):
    asked = []

    def lookup(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield asked


def why(url, **more):
    with pytest.raises(CannotCall) as told:
        call("GET", url, **more)
    return told.value.code


def test_it_calls_and_returns_what_came_back(port):
    answer = call("POST", f"http://127.0.0.1:{port}/hello", body=b"abc", headers={"X-One": "1"})
    assert (answer.status, answer.body) == (200, b"well")
    ((path, headers),) = Recipient.seen
    assert (path, headers["X-One"], headers["Content-Length"], headers["Host"]) == ("/hello", "1", "3", f"127.0.0.1:{port}")


def test_a_redirect_is_not_followed(port):
    assert call("GET", f"http://127.0.0.1:{port}/moved").status == 302
    assert [path for path, _ in Recipient.seen] == ["/moved"]


def test_loopback_is_refused_unless_a_setting_allows_it(port, settings):
    settings.ASSENT_HTTP_ALLOW = []
    assert why(f"https://127.0.0.1:{port}/") == "private"
    assert Recipient.seen == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104 - refused
     "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, address):
    with resolving(monkeypatch, "93.184.215.14", address):
        assert why("https://recipient.example/") == "private"


def test_a_name_is_asked_once_and_the_checked_address_is_called(port, monkeypatch):
    with resolving(monkeypatch, "127.0.0.1") as asked:
        assert call("GET", f"http://recipient.example:{port}/").status == 200
    assert asked[0] == "recipient.example"
    assert set(asked[1:]) <= {"127.0.0.1"}
    assert Recipient.seen[0][1]["Host"] == f"recipient.example:{port}"


def test_only_https_leaves_the_house(monkeypatch):
    with resolving(monkeypatch, "93.184.215.14"):
        assert why("http://recipient.example/") == "https"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://recipient.example/",
        "file:///etc/passwd",
        "recipient.example",
        "",
        "https://",
        "http://[",
        "https://a@b@c.example",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    assert why(url) in {"address", "resolve"}


def test_an_address_with_a_password_is_refused_and_not_repeated():
    with pytest.raises(CannotCall) as told:
        call("GET", "https://ada:hunter2@recipient.example/ada@people.example")
    assert "hunter2" not in str(told.value)
    assert "people.example" not in str(told.value)


def test_an_answer_has_an_end(port):
    assert why(f"http://127.0.0.1:{port}/large", most=4000) == "large"
    assert why(f"http://127.0.0.1:{port}/packed") == "encoded"


def test_an_answer_that_drips_is_cut_off(port):
    began = time.monotonic()
    assert why(f"http://127.0.0.1:{port}/slowly", within=0.4) == "time"
    assert time.monotonic() - began < 1.5


def test_no_answer_is_waited_for_only_so_long(port):
    with pytest.raises(CannotCall) as told:
        call("GET", f"http://127.0.0.1:{port}/nothing", within=0.3)
    assert (told.value.code, told.value.reached) == ("time", True)


def test_nonsense_is_no_answer(port):
    assert why(f"http://127.0.0.1:{port}/nonsense") == "broken"


def test_a_closed_port_reached_nobody(port, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    with pytest.raises(CannotCall) as told:
        call("GET", f"http://127.0.0.1:{closed}/")
    assert (told.value.code, told.value.reached) == ("connect", False)


def test_a_proxy_of_the_environment_is_not_used(port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert call("GET", f"http://127.0.0.1:{port}/").status == 200


def test_https_wants_a_certificate_it_trusts_for_that_name(settings, tmp_path, monkeypatch):
    import ssl

    from tests.certificates import Authority

    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    ours = Authority(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recipient)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ours.issue("recipient.example"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        url = f"https://recipient.example:{server.server_port}/"
        with resolving(monkeypatch, "127.0.0.1"):
            assert why(url) == "tls"
            settings.ASSENT_HTTP_CA = str(ours.file)
            assert call("GET", url).status == 200
            assert why(url.replace("recipient", "other")) == "tls"
    finally:
        server.shutdown()
        server.server_close()
        http._trust.cache_clear()
