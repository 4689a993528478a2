"""Keys of the test world and a way to knock at the collector without a network."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from assent.entrypoints.collect.app import Collector
from assent.entrypoints.collect.keys import Keys
from assent.tenancy.contracts import PropertyInfo, WriteKey

SERVER = "sk_bloom-server"
PAGE = "pk_bloom-page"
RUDDER = "sk_harbour-rudder"


def basic(key):
    return "Basic " + b64encode(f"{key}:".encode()).decode()


def _key(number, clear, slug, kind, *, rudder=False):
    info = PropertyInfo(number, 1, slug, slug.title(), kind, rudder)
    return WriteKey(number, sha256(clear.encode()).hexdigest(), info, clear.startswith("sk_"))


def write_keys():
    keys = [
        _key(11, SERVER, "shop", "server"),
        _key(12, PAGE, "site", "website"),
        _key(13, RUDDER, "till", "server", rudder=True),
    ]
    return {key.digest: key for key in keys}


@dataclass
class Answered:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Door:
    """The application, called as a server calls it."""

    def __init__(self, writer, load=write_keys, **options):
        self.keys = Keys(load)
        self.keys.reload()
        self.app = Collector(self.keys, writer, url="https://in.bloom.example", **options)

    def knock(self, method, path, body=b"", headers=(), *, peer="203.0.113.77", chunks=None):
        return asyncio.run(self._knock(method, path, body, headers, peer, chunks))

    def knock_together(self, requests):
        async def all_at_once():
            return await asyncio.gather(*(self._knock(*request) for request in requests))

        return asyncio.run(all_at_once())

    def post(self, path, content, *, key=SERVER, headers=(), **more):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        credentials = [("authorization", basic(key))] if key else []
        return self.knock("POST", path, body, [*credentials, *headers], **more)

    async def _knock(self, method, path, body, headers, peer="203.0.113.77", chunks=None):  # noqa: PLR0917 - as HTTP has it
        parts = list(chunks) if chunks is not None else [body]
        inbox = [{"type": "http.request", "body": p, "more_body": n < len(parts) - 1} for n, p in enumerate(parts)]
        inbox.append({"type": "http.disconnect"})
        sent = []

        async def receive():
            return inbox.pop(0)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            "client": (peer, 40000),
        }
        await self.app(scope, receive, send)
        if not sent:
            return None
        start, end = sent
        return Answered(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, end["body"])
