"""The gate in: take what lies in the arrival log, let in what may be let in, and say what was not and why."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from assent.foundation import keys, scope
from assent.foundation.clock import millis
from assent.ingest import models, ports
from assent.ingest.contracts import Counted, GapInfo, GapKind, Progress, SetAsideInfo
from assent.ingest.moved import Moved, import_package
from assent.ingest.pipeline import DAY_MS, TRANSIENT, Pipeline
from assent.ingest.seen import DAYS, Seen

__all__ = [
    "TRANSIENT",
    "AlreadyRunning",
    "Gate",
    "Moved",
    "counts",
    "drain",
    "files",
    "gaps",
    "hour_keys",
    "import_package",
    "open_gate",
    "open_log",
    "run_once",
    "set_aside",
    "standstill",
    "tidy",
]  # fmt: skip

LIMIT_BYTES = 16 << 20
# An erasure has a month (art. 12(3)); by then its mark has long been passed.
MARKS_KEPT = timedelta(days=40)


class AlreadyRunning(RuntimeError):
    """Another process takes events from this log; there is one at a time."""


class Gate:
    """The log, the index of messages seen, and the right to work on them."""

    def __init__(self, log: ports.Log, seen: Seen) -> None:
        """Use ``open_gate``."""
        self._pipeline = Pipeline(log, seen)
        self._seen = seen

    def run_once(self, *, at: datetime, limit_bytes: int = LIMIT_BYTES) -> Progress:
        """
        Take the next stretch of the log through the gate and return how it went.

        :raises TRANSIENT: one of these if something below is unavailable; nothing is lost, call it again
        """
        with standstill():
            return self._pipeline.run(at=at, limit_bytes=limit_bytes)

    def forget(self, *, at: datetime) -> int:
        """Forget messages seen more than 35 days ago; return how many."""
        return self._seen.forget(before_day=millis(at) // DAY_MS - DAYS)


def open_log() -> ports.Log:
    """Open the arrival log of this installation for its consumer."""
    return ports.open_log(var=Path(settings.ASSENT_VAR), master=keys.master())


@contextmanager
def open_gate(log: ports.Log) -> Iterator[Gate]:
    """
    Take the lease on the log's consumption, which the system lifts when the process dies.

    :raises AlreadyRunning: if another process has it
    """
    folder = Path(settings.ASSENT_VAR) / "ingest"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lease", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another process ingests from {settings.ASSENT_VAR}: stop it first, or let it work"
            raise AlreadyRunning(message) from None
        seen = Seen(folder / "seen.sqlite3")
        try:
            yield Gate(log, seen)
        finally:
            seen.close()
    finally:
        os.close(handle)


@contextmanager
def standstill(*, patience_s: float = 120.0) -> Iterator[None]:
    """
    Hold events still for the block: none of a stretch's effects is half done. Collectors go on taking events in.

    Whoever takes a stretch through the gate holds this, and whoever copies the house takes it in between.

    :raises AlreadyRunning: if a stretch takes longer than ``patience_s`` seconds
    """
    folder = Path(settings.ASSENT_VAR) / "ingest"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + patience_s
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    message = f"a stretch of events has been under way for over {patience_s:.0f} s: try again later"
                    raise AlreadyRunning(message) from None
                time.sleep(0.005)
        yield
    finally:
        os.close(handle)


def files() -> list[Path]:
    """Return the SQLite files of the log and of the index of messages seen, to be copied at one moment."""
    var = Path(settings.ASSENT_VAR)
    return [*sorted((var / "arrival").glob("*.sqlite3")), *sorted((var / "ingest").glob("seen.sqlite3"))]


def hour_keys() -> Path:
    """Return the folder of the hours' wrapped keys, which no copy of the data holds."""
    return Path(settings.ASSENT_VAR) / "arrival" / "hours"


def drain(*, at: datetime) -> int:
    """
    Take all that waits in the log through the gate and return how many events were read.

    :raises AlreadyRunning: if another process does
    :raises TRANSIENT: one of these if something below is unavailable; nothing is lost, call it again
    """
    read, log = 0, open_log()
    try:
        with open_gate(log) as gate:
            while True:
                progress = gate.run_once(at=at)
                read += progress.read
                if not progress.read:
                    return read
    finally:
        log.close()


def run_once(log: ports.Log, *, at: datetime) -> Progress:
    """
    Take the next stretch of the log through the gate, under the lease.

    :raises AlreadyRunning: if another process does
    :raises TRANSIENT: one of these if something below is unavailable; nothing is lost, call it again
    """
    with open_gate(log) as gate:
        return gate.run_once(at=at)


def counts(*, controller: int, since: datetime, until: datetime) -> list[Counted]:
    """Return how many events of each kind met which fate in each hour that begins in this time, latest hour first."""
    with scope.controller(controller):
        rows = (
            models.Tally.objects.filter(hour__gte=since, hour__lt=until)
            .order_by("-hour", "event", "reason")
            .values_list("hour", "event", "reason", "count")
        )
        return [Counted(*row) for row in rows]


def gaps(*, controller: int) -> list[GapInfo]:
    """Return the names clients send that the policy does not declare, the most frequent first."""
    with scope.controller(controller):
        rows = models.Gap.objects.order_by("-count", "kind", "event", "name")
        return [GapInfo(GapKind(row.kind), row.event, row.name, row.count, row.first_at, row.last_at) for row in rows]


def set_aside(*, controller: int) -> list[SetAsideInfo]:
    """Return the messages that could not be processed, newest first; what they hold stays sealed."""
    with scope.controller(controller):
        rows = models.SetAside.objects.order_by("-id")[:1000]
        return [
            SetAsideInfo(row.pk, row.partition, row.seq, row.place, row.reason, row.at, row.until)
            for row in rows.only("id", "partition", "seq", "place", "reason", "at", "until")
        ]


def tidy(*, controller: int, at: datetime) -> int:
    """Delete messages set aside whose time is over, and marks of erasures long done; return how many rows went."""
    with scope.controller(controller):
        gone, _ = models.SetAside.objects.filter(until__lte=at).delete()
        marks, _ = models.ErasureMark.objects.filter(at__lte=at - MARKS_KEPT).delete()
    return gone + marks
