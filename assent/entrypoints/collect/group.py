"""Group commit: what arrives while a commit is under way becomes durable with the next one, all at once."""

import asyncio
import logging
import queue
import threading

from assent.ingest.ports import Arrival, LogUnavailable, LogWriter

__all__ = ["GroupCommit", "Overloaded"]

log = logging.getLogger(__name__)

GROUP_BYTES = 8 << 20
WAITING_BYTES = 64 << 20

Waiting = tuple[Arrival, "asyncio.Future[None]"]
Job = tuple[asyncio.AbstractEventLoop, list[Waiting]]


class Overloaded(Exception):
    """More is waiting to be written than memory should hold; come back in a moment."""


class GroupCommit:
    """
    Stands between many requests and one log writer, which works in a thread of its own.

    Everything but the writing happens in the event loop, so nothing here needs a lock.
    """

    def __init__(self, writer: LogWriter) -> None:
        """Write with this writer, and close it at the end."""
        self.failing = ""
        self._writer = writer
        self._waiting: list[Waiting] = []
        self._waiting_bytes = 0
        self._flying = False
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="arrival-log", daemon=True)
        self._thread.start()

    async def append(self, arrival: Arrival) -> None:
        """
        Return when the arrival is durable.

        :raises LogUnavailable: if the log can't take it now
        :raises Overloaded: if too much is waiting
        """
        if self._waiting_bytes > WAITING_BYTES:
            raise Overloaded
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.append((arrival, done))
        self._waiting_bytes += len(arrival.body)
        if not self._flying:
            self._flying = True
            loop.call_soon(self._launch, loop)  # after the requests that are ready now have joined
        await done

    def close(self) -> None:
        """Write what was handed over and let the log go. What still waits in the loop was never acknowledged."""
        self._jobs.put(None)
        self._thread.join()
        self._writer.close()

    def _launch(self, loop: asyncio.AbstractEventLoop) -> None:
        size = taken = 0
        for arrival, _done in self._waiting:
            size += len(arrival.body)
            taken += 1
            if size >= GROUP_BYTES:
                break
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._jobs.put((loop, group))

    def _run(self) -> None:
        """Write group after group (in the thread)."""
        while (job := self._jobs.get()) is not None:
            loop, group = job
            error: Exception | None = None
            try:
                self._writer.write([arrival for arrival, _done in group])
            except LogUnavailable as unavailable:
                error = unavailable
            except Exception as unforeseen:  # noqa: BLE001 - a thread that dies leaves every request waiting for ever
                error = LogUnavailable(type(unforeseen).__name__)
            try:
                loop.call_soon_threadsafe(self._landed, loop, group, error)
            except RuntimeError:  # the loop was closed: nobody waits for an answer any more
                return

    def _landed(self, loop: asyncio.AbstractEventLoop, group: list[Waiting], error: Exception | None) -> None:
        if str(error or "") != self.failing:
            self.failing = str(error or "")
            log.warning("arrival log: %s", self.failing or "writing again", extra={"safe": True})
        for arrival, done in group:
            self._waiting_bytes -= len(arrival.body)
            if done.done():  # its request was cancelled
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        self._flying = bool(self._waiting)
        if self._flying:
            self._launch(loop)
