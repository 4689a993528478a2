"""Paths and answers, as the clients of the Segment HTTP API expect them; each oddity beside the client that needs it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

__all__ = ["DAY_S", "KINDS_BY_PATH", "METRICS", "OK", "SETTINGS", "Answer", "preflight", "problem", "project", "say"]

DAY_S: Final = 86_400
_NAMES = ("batch", "identify", "track", "page", "screen", "group", "alias")
# Browsers use the first letters (analytics-next), servers the whole names.
KINDS_BY_PATH: Final[Mapping[str, str]] = {
    path: name for name in _NAMES for path in (f"/v1/{name}", f"/v1/{name[0]}", f"/v1/{name}/", f"/v1/{name[0]}/")
}
METRICS: Final = "/v1/m"
SETTINGS: Final = ("/v1/projects/", "/settings")

# Any page may send: what lets it in is its write key. No cookie is ever read, so there is nothing a foreign page could use.
_CORS: Final = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"retry-after")]


class Answer:
    """A response ready to be sent, as two ASGI messages."""

    __slots__ = ("body", "start")

    def __init__(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        """Put together a JSON response that any page may read."""
        plain = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        self.start: dict[str, Any] = {
            "type": "http.response.start",
            "status": status,
            "headers": [*(plain if status != 204 else []), *_CORS, *(headers or [])],
        }
        self.body: dict[str, Any] = {"type": "http.response.body", "body": body}


def say(status: int, content: object, headers: list[tuple[bytes, bytes]] | None = None) -> Answer:
    """Return content as JSON."""
    return Answer(status, msgspec.json.encode(content), headers)


# Python clients take nothing but exactly 200 for a success and send the batch again otherwise.
OK: Final = say(200, {"success": True})


def problem(
    status: int, code: str, message: str, *, retry_after: int = 0, headers: list[tuple[bytes, bytes]] | None = None
) -> Answer:
    """Return an error. Python clients retry a refusal for good, too, unless it is JSON with ``code`` and ``message``."""
    wait = [(b"retry-after", str(retry_after).encode())] if retry_after else []
    return say(status, {"code": code, "message": message}, [*wait, *(headers or [])])


preflight: Final = Answer(
    204,
    b"",
    [
        (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type, content-encoding, x-retry-count"),
        (b"access-control-max-age", str(DAY_S).encode()),
    ],
)


def project(key: str, collect_url: str) -> Answer:
    """
    Return what analytics-next asks for before it sends anything.

    The address is in it because a page that sets only where its settings come from would send its events to the
    vendor's own servers. ``metrics`` at 0 keeps the client from reporting on itself.
    """
    url = urlsplit(collect_url)
    segment = {"apiKey": key, "apiHost": f"{url.netloc}{url.path}/v1", "protocol": url.scheme, "unbundledIntegrations": []}
    default = {"__default": {"enabled": True, "integrations": {}}}
    content = {
        "integrations": {"Segment.io": segment},
        "plan": {"track": default, "identify": default, "group": default},
        "analyticsNextEnabled": True,
        "edgeFunction": {},
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "remotePlugins": [],
        "metrics": {"sampleRate": 0},
    }
    return say(200, content, [(b"cache-control", b"public, max-age=300")])
