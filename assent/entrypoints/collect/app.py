"""
The collector: an ASGI application that answers 200 when a request's events are on the disk, and decides nothing else.

It stands outside Django's request cycle, which would cost ten times what keeping the events does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from assent.entrypoints.collect import shape, wire
from assent.entrypoints.collect.group import GroupCommit, Overloaded
from assent.entrypoints.collect.keys import Keys
from assent.foundation import clock, peers
from assent.ingest.ports import Arrival, LogUnavailable, LogWriter
from assent.tenancy.contracts import WriteKey

__all__ = ["Collector"]

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_S = 30.0  # for a whole body to come in
DRAIN_BYTES = 16 << 20  # read and thrown away, so that a client still sending gets to read its refusal

NOT_YET = wire.problem(503, "starting", "write keys are not known yet; try again", retry_after=1)
NO_KEY = wire.problem(
    401, "missing_write_key", "send the write key as the user of Basic credentials or as writeKey in the body"
)
WRONG_KEY = wire.problem(401, "invalid_write_key", "this write key is unknown or revoked; copy the right one from the console")
OVERLOADED = wire.problem(429, "overloaded", "too much is waiting to be written; try again", retry_after=1)
NO_PATH = wire.problem(404, "not_found", "there is nothing here; events go to /v1/batch, /v1/track and their like")
POST_ONLY = wire.problem(405, "method_not_allowed", "send events with POST", headers=[(b"allow", b"POST, OPTIONS")])
GET_ONLY = wire.problem(405, "method_not_allowed", "read this with GET", headers=[(b"allow", b"GET, OPTIONS")])
SLOW = wire.problem(408, "body_too_slow", "the body did not come in within the time; try again")
SECRET_IN_PAGE = wire.problem(403, "secret_key", "this is a secret key: take it off the page, revoke it and use a public one")


class Refused(Exception):
    """The request ends here."""

    def __init__(self, answer: wire.Answer | None) -> None:
        """Say with which answer; None if nobody is there to read it."""
        super().__init__()
        self.answer = answer


class Collector:
    """The application, for one worker process."""

    def __init__(self, keys: Keys, writer: LogWriter, *, url: str, proxies: Sequence[str] = ()) -> None:
        """
        Take events for these keys into this log.

        :param url: the collector's own public address, told to browsers
        :param proxies: networks whose ``X-Forwarded-For`` is believed
        """
        self._keys = keys
        self._group = GroupCommit(writer)
        self._url = url
        self._proxies = [peers.Network(network) for network in proxies]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        kind = wire.KINDS_BY_PATH.get(scope["path"])
        if kind is not None and scope["method"] == "POST":
            answer = await self._take(kind, scope, receive)
        else:
            answer = await self._other(kind, scope, receive)
        if answer is not None:
            await send(answer.start)
            await send(answer.body)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.to_thread(self._keys.start)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._keys.stop()
        self._group.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _take(self, kind: str, scope: dict[str, Any], receive: Receive) -> wire.Answer | None:
        """Take events in; None if the client has gone."""
        try:
            arrival = await self._arrival(kind, scope, receive)
            if arrival is not None:
                await self._group.append(arrival)
        except Refused as refused:
            return refused.answer
        except shape.BadBody as bad:
            return wire.problem(400, bad.code, bad.message)
        except Overloaded:
            return OVERLOADED
        except LogUnavailable as error:
            return wire.problem(503, "unavailable", "events can't be kept now; try again", retry_after=error.retry_after)
        return wire.OK

    async def _arrival(self, kind: str, scope: dict[str, Any], receive: Receive) -> Arrival | None:
        """Return what is to be kept of a request; None if there is nothing in it."""
        received_ms = clock.millis(clock.now())
        headers = dict(scope["headers"])
        key = await self._key(headers.get(b"authorization", b""), receive)
        limit = _limit(rudder=key.property.rudder if key else self._keys.rudder)
        body = await _read(receive, limit)
        body = shape.unpack(body, encoding=headers.get(b"content-encoding", b"").strip().lower(), limit=limit)
        body, inside, count = shape.outline(body, batch=kind == "batch")
        key = key or self._key_inside(inside)
        limit = _limit(rudder=key.property.rudder, single=kind != "batch")
        if len(body) > limit:
            raise shape.too_large(limit)
        if not count:
            return None
        gpc = b"sec-gpc" in headers and peers.opted_out(v for k, v in scope["headers"] if k == b"sec-gpc")
        return Arrival(received_ms, key.property.id, key.secret, kind, gpc, self._ip(scope), body)

    async def _key(self, authorization: bytes, receive: Receive) -> WriteKey | None:
        """Return the key that the header names; None if it names none."""
        named, key = self._keys.by_header(authorization)
        if named and key is None:
            await _drain(receive)
            raise Refused(self._wrong())
        return key

    def _key_inside(self, clear: str) -> WriteKey:
        if not clear:
            raise Refused(NO_KEY)
        key = self._keys.find(clear)
        if key is None:
            raise Refused(self._wrong())
        return key

    def _wrong(self) -> wire.Answer:
        return WRONG_KEY if self._keys.known else NOT_YET

    async def _other(self, kind: str | None, scope: dict[str, Any], receive: Receive) -> wire.Answer:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            return wire.preflight
        if kind is not None:
            return POST_ONLY
        if path == wire.METRICS:  # clients report on themselves here; nobody needs it
            await _drain(receive)
            return wire.OK if method == "POST" else POST_ONLY
        if path == "/healthz":
            return self._health()
        head, tail = wire.SETTINGS
        if path.startswith(head) and path.endswith(tail):
            return self._project(path[len(head) : -len(tail)]) if method in {"GET", "HEAD"} else GET_ONLY
        return NO_PATH

    def _project(self, clear: str) -> wire.Answer:
        key = self._keys.find(clear)
        if key is None:
            return self._wrong()
        return SECRET_IN_PAGE if key.secret else wire.project(clear, self._url)

    def _health(self) -> wire.Answer:
        if not self._keys.known:
            return NOT_YET
        if self._group.unwell:
            return wire.problem(503, "unavailable", "the arrival log can't be written", retry_after=2)
        return wire.say(200, {"status": "ok"})

    def _ip(self, scope: dict[str, Any]) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        if self._proxies:
            forwarded = (value for name, value in scope["headers"] if name == b"x-forwarded-for")
            peer = peers.address(peer, forwarded, self._proxies)
        return peers.shortened(peer)


def _limit(*, rudder: bool, single: bool = False) -> int:
    if rudder:
        return shape.RUDDER_BYTES
    return shape.MESSAGE_BYTES if single else shape.BATCH_BYTES


async def _read(receive: Receive, limit: int) -> bytes:
    """
    Return a body.

    :raises BadBody: if it is larger than the limit
    :raises Refused: if the client went away in the middle of it, or is too slow
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(BODY_S):
                body = await _rest(message, receive, limit)
        except TimeoutError as error:
            raise Refused(SLOW) from error
    elif message["type"] != "http.request":
        raise Refused(None)
    if len(body) > limit:
        raise shape.too_large(limit)
    return body


async def _rest(message: dict[str, Any], receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(None)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            if message.get("more_body"):
                await _drain(receive)
            raise shape.too_large(limit)
    return b"".join(parts)


async def _drain(receive: Receive) -> None:
    """Read on for a while and keep nothing."""
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            while size < DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
    except TimeoutError:
        return
