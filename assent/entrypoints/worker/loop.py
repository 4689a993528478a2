"""
The worker: every job is a function that does a bounded piece of what is due and says whether there is more.

State, lease and attempt of each piece of work lie in rows of the room that owns it, so any worker may be killed at any
moment and another goes on. Several workers may run at once.
"""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from assent.foundation.clock import now

__all__ = ["Job", "pause", "run"]

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0  # seconds between tries of a job that keeps failing


@dataclass(frozen=True, slots=True)
class Job:
    """
    One kind of upkeep.

    :param name: as logs show it
    :param every: seconds to wait when nothing was left to do
    :param work: does a bounded piece; true if there is more
    :param first: seconds to wait before the first time, for what judges other jobs' work
    :param end: lets go of what the work keeps open, in the thread that worked
    """

    name: str
    every: float
    work: Callable[[datetime], object]
    end: Callable[[], None] | None = None
    first: float = 0.0


def run(jobs: Sequence[Job], *, stop: threading.Event | None = None) -> None:
    """Run all jobs, each in a thread of its own, until SIGTERM or SIGINT (or ``stop``)."""
    done = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: done.set())
    threads = [threading.Thread(target=_keep_doing, args=(job, done), name=job.name) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def pause(every: float, failures: int) -> float:
    """Return the seconds until a job is tried again: longer after each failure, up to half a minute, or to its turn."""
    return max(every, min(LONGEST_WAIT, every * 2**failures))


def _keep_doing(job: Job, done: threading.Event) -> None:
    failures = 0
    done.wait(job.first)  # returns early when all is to end
    while not done.is_set():
        try:
            more = job.work(now())
            failures = 0
        except Exception:  # a job that fails is tried again; the others go on
            log.exception("job %s failed", job.name, extra={"safe": True})
            connections.close_all()
            failures += 1
            more = False
        if not more:
            done.wait(pause(job.every, failures))
    if job.end is not None:
        job.end()
    connections.close_all()
