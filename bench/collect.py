"""
How much durability costs: the collector against a bare ASGI app that only parses the same body and answers 200.

Both run under Granian with the same settings, one worker, and are driven by the same generator in turns within one run:
32 connections, each sending its next request when the last was answered.
"""

import json
import os
import random
import select
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from statistics import median

import msgspec
import psutil

HERE = Path(__file__).resolve()
KEY = "bench-key-" + "x" * 33
CONNECTIONS = 32
SECONDS = 0.7  # short turns, many of them: what else the machine does then meets both alike
ROUNDS = 9
EVENTS_FOR_MEMORY = 5_000_000
MEMORY_SECONDS = 120.0
NAMES = ("collect_single_ratio", "collect_batch_ratio", "collect_rss_growth_mb")


async def bare(scope, receive, send):
    """Parse the body and say yes: as fast as an application can be that keeps nothing."""
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message.get("more_body"):
            break
    msgspec.json.decode(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"16")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"success":true}'})


def make_bare():
    return bare


def make_durable():
    from assent.entrypoints.collect.app import Collector
    from assent.entrypoints.collect.keys import Keys
    from assent.foundation.crypto import FileMasterKey
    from assent.ingest.ports import open_writer
    from assent.tenancy.contracts import PropertyInfo, WriteKey

    var = Path(os.environ["BENCH_VAR"])
    key = WriteKey(1, sha256(KEY.encode()).hexdigest(), PropertyInfo(7, 3, "shop", "Shop", "server", rudder=False), secret=True)
    writer = open_writer(var=var, master=FileMasterKey(var / "master.key"))
    return Collector(Keys(lambda: {key.digest: key}), writer, url="http://127.0.0.1:1")


def _serve(which: str, port: str) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops

    Granian(
        f"{HERE}:make_{which}",
        factory=True,
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        backpressure=256,
        log_enabled=False,
    ).serve()


def _event(rng: random.Random) -> dict:
    return {
        "anonymousId": None,
        "channel": "server",
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "event": rng.choice(["Order Completed", "Product Viewed", "Product Added"]),
        "integrations": {},
        "messageId": str(uuid.UUID(int=rng.getrandbits(128))),
        "properties": {
            "order_id": str(rng.randrange(500_000, 600_000)),
            "total": rng.randrange(100, 20_000) / 100,
            "currency": "RON",
            "sku": f"{rng.randrange(10_000, 99_999)}A",
            "quantity": rng.randrange(1, 30),
        },
        "timestamp": f"2026-11-23T16:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(10**6):06}+00:00",
        "type": "track",
        "userId": f"user-{rng.randrange(10**6)}",
    }


def _requests(size: int, many: int) -> list[bytes]:
    """Return different requests of so many events each, as bytes for the wire."""
    rng = random.Random(size)
    path = "/v1/batch" if size > 1 else "/v1/track"
    basic = b64encode(f"{KEY}:".encode()).decode()
    found = []
    for _ in range(many):
        events = [_event(rng) for _ in range(size)]
        content = {"batch": events, "sentAt": "2026-11-23T16:00:00Z", "writeKey": KEY} if size > 1 else events[0]
        body = json.dumps(content).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: analytics-python/2.4.0\r\nAccept: */*\r\n"
            f"Content-Type: application/json\r\nAuthorization: Basic {basic}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _drive(port: int, requests: list[bytes], seconds: float, most: int = 10**9) -> tuple[int, float]:
    """Send for so long and return how many were answered with 200, and the seconds it took."""
    poll = select.epoll()
    connections = {}
    for number in range(CONNECTIONS):
        connection = _connect(port)
        connections[connection.fileno()] = connection
        poll.register(connection.fileno(), select.EPOLLIN)
        connection.sendall(requests[number % len(requests)])
    sent = len(connections)
    done = 0
    begun = time.perf_counter()
    until = begun + seconds
    while connections:
        for number, _event_mask in poll.poll(5):
            answer = connections[number].recv(4096)
            if not answer.startswith(b"HTTP/1.1 200 ") or not answer.endswith(b'{"success":true}'):
                message = f"unexpected answer: {answer[:200]!r}"
                raise RuntimeError(message)
            done += 1
            if time.perf_counter() < until and sent < most:
                connections[number].sendall(requests[sent % len(requests)])
                sent += 1
            else:
                poll.unregister(number)
                connections.pop(number).close()
    return done, time.perf_counter() - begun


class _Server:
    """One of the two applications in a process of its own."""

    def __init__(self, which: str, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**os.environ, "BENCH_VAR": folder, "PYTHONPATH": str(HERE.parents[1])}
        self.process = subprocess.Popen([sys.executable, str(HERE), "serve", which, str(self.port)], env=env)

    def __enter__(self):
        for _ in range(200):
            try:
                _connect(self.port).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        message = "the server did not start"
        raise RuntimeError(message)

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait(20)

    def rss(self) -> int:
        return max(child.memory_info().rss for child in psutil.Process(self.process.pid).children(recursive=True))


def _ratio(bare_server: _Server, durable: _Server, requests: list[bytes]) -> tuple[float, float, float]:
    """Return the median of the ratios of neighbouring turns, and both rates."""
    rates = []
    for server in (bare_server, durable):
        _drive(server.port, requests, 0.5)
    for _ in range(ROUNDS):
        turn = []
        for server in (bare_server, durable):
            done, took = _drive(server.port, requests, SECONDS)
            turn.append(done / took)
        rates.append(turn)
    return median(d / b for b, d in rates), median(b for b, _ in rates), median(d for _, d in rates)


def _empty(folder: str) -> None:
    """Consume everything, as ingest would, so that the disk does not fill."""
    from assent.foundation.crypto import FileMasterKey
    from assent.ingest.ports import open_log

    log = open_log(var=Path(folder), master=FileMasterKey(Path(folder) / "master.key"))
    for partition, upto in log.tail().items():
        log.consume(partition, upto)
    log.close()


def _growth(durable: _Server, folder: str, requests: list[bytes]) -> tuple[float, int]:
    """Return by how many megabytes a worker grew over so many events after its first tenth, and how many there were."""
    begun = time.monotonic()
    chunk = EVENTS_FOR_MEMORY // 100 // 10
    events = early = 0
    while events < EVENTS_FOR_MEMORY and time.monotonic() - begun < MEMORY_SECONDS:
        done, _took = _drive(durable.port, requests, 60, most=chunk)
        events += done * 100
        _empty(folder)
        if not early and events >= EVENTS_FOR_MEMORY // 10:
            early = durable.rss()
    return (durable.rss() - early) / 1e6, events


def measure(only: str = "") -> list[dict]:
    """Return the measured numbers with their bars."""
    results = []

    def add(name: str, value: float, unit: str, bar: float, *, holds: bool, note: str) -> None:
        results.append({"name": name, "value": round(value, 3), "unit": unit, "bar": bar, "holds": holds, "note": note})

    single, batch, memory = (name if only in {"", name} else "" for name in NAMES)
    batches = _requests(100, 40)
    with (
        tempfile.TemporaryDirectory(prefix="assent-bench-", dir=os.environ.get("ASSENT_BENCH_DIR")) as folder,
        _Server("bare", folder) as bare_server,
        _Server("durable", folder) as durable,
    ):
        for name, requests in ((single, _requests(1, 400)), (batch, batches)):
            if name:
                ratio, plain, kept = _ratio(bare_server, durable, requests)
                add(name, ratio, "ratio", 0.4, holds=ratio >= 0.4, note=f"{kept:,.0f} of {plain:,.0f} requests/s")
        if memory:
            grown, events = _growth(durable, folder, batches)
            add(memory, grown, "MB", 32, holds=grown <= 32, note=f"over {events:,} events")
    return results


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        _serve(*sys.argv[2:])
    else:
        for line in measure(*sys.argv[1:2]):
            print(line)
