"""Group commit: requests that arrive together become durable together, at the price of one disk flush."""

import asyncio
import logging

from assent.ingest.ports import Arrival, LogUnavailable, LogWriter

__all__ = ["GroupCommit", "Overloaded"]

log = logging.getLogger(__name__)

GROUP = 256
GROUP_BYTES = 8 << 20
WAITING_BYTES = 64 << 20
PASSES = 4  # of the event loop without a newcomer, before a group is written
PAUSE_S = 1.0  # after a failure, so that a stuck disk does not hold up every single answer
UNWELL_S = 5.0

Waiting = tuple[Arrival, "asyncio.Future[None]"]


class Overloaded(Exception):
    """More is waiting to be written than memory should hold; come back in a moment."""


class GroupCommit:
    """
    Stands between many requests and one log writer.

    It writes in the event loop itself: nothing could be answered before the write is done anyway, and a thread of its own
    costs a third of the throughput in waiting for the interpreter's lock.
    """

    def __init__(self, writer: LogWriter) -> None:
        """Write with this writer, and close it at the end."""
        self._writer = writer
        self._waiting: list[Waiting] = []
        self._waiting_bytes = 0
        self._failed_at = float("-inf")

    async def append(self, arrival: Arrival) -> None:
        """
        Return when the arrival is durable.

        :raises LogUnavailable: if the log can't take it now
        :raises Overloaded: if too much is waiting
        """
        loop = asyncio.get_running_loop()
        if loop.time() - self._failed_at < PAUSE_S:
            raise LogUnavailable("the last write failed a moment ago")
        if self._waiting_bytes > WAITING_BYTES:
            raise Overloaded
        done = loop.create_future()
        self._waiting.append((arrival, done))
        self._waiting_bytes += len(arrival.body)
        if len(self._waiting) == 1:
            loop.call_soon(self._gather, loop, 1, PASSES)
        await done

    @property
    def unwell(self) -> bool:
        """Whether a write failed a moment ago."""
        return asyncio.get_running_loop().time() - self._failed_at < UNWELL_S

    def close(self) -> None:
        """Let the log go. What still waits was never acknowledged."""
        self._writer.close()

    def _gather(self, loop: asyncio.AbstractEventLoop, seen: int, left: int) -> None:
        """Let requests that are almost here join, then write."""
        now = len(self._waiting)
        if now > seen:
            left = PASSES
        if left and now < GROUP and self._waiting_bytes < GROUP_BYTES:
            loop.call_soon(self._gather, loop, now, left - 1)
        else:
            self._write(loop)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        size = taken = 0
        while taken < len(self._waiting) and taken < GROUP and size < GROUP_BYTES:
            size += len(self._waiting[taken][0].body)
            taken += 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._waiting_bytes -= size
        if self._waiting:
            loop.call_soon(self._write, loop)
        error = self._kept([arrival for arrival, _done in group])
        if error:
            self._failed_at = loop.time()
            log.warning("arrival log: %s", error, extra={"safe": True})
        for _arrival, done in group:
            if done.done():  # its request was cancelled
                continue
            if error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _kept(self, arrivals: list[Arrival]) -> LogUnavailable | None:
        try:
            self._writer.write(arrivals)
        except LogUnavailable as error:
            return error
        except Exception as unforeseen:  # noqa: BLE001 - whatever it is, no request may wait for ever
            return LogUnavailable(type(unforeseen).__name__)
        return None
