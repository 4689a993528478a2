"""What the worker does again and again: take the next stretch of the log, and now and then tidy up."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from assent.ingest import api
from assent.tenancy import api as tenancy

__all__ = ["close", "ingest"]

# A commit is a file of the lake: at most one a second, unless so much waits that the files are large anyway.
PAUSE_S = 1.0
TIDY_EVERY_S = 3600.0


@dataclass(slots=True)
class _Station:
    """The open log and the lease, kept from one call to the next."""

    var: Path
    gate: api.Gate
    closing: ExitStack
    rest_until: float = 0.0
    tidied: float = field(default=float("-inf"))


_station: list[_Station] = []


def ingest(at: datetime) -> bool:
    """
    Take the next stretch of the log through the gate; true if more waits. Does nothing while another process works.

    :raises assent.ingest.api.TRANSIENT: one of these if something below is unavailable; nothing is lost, call it again
    """
    try:
        station = _open()
    except api.AlreadyRunning:
        return False
    if time.monotonic() < station.rest_until:
        return False
    try:
        progress = station.gate.run_once(at=at)
        if time.monotonic() - station.tidied > TIDY_EVERY_S:
            _tidy(station, at)
    except BaseException:
        # Files may have been moved, filled or locked: begin anew with open eyes.
        close()
        raise
    if progress.read and not progress.more:
        station.rest_until = time.monotonic() + PAUSE_S
    return progress.more


def close() -> None:
    """Give the lease back and close the files."""
    while _station:
        _station.pop().closing.close()


def _open() -> _Station:
    var = Path(settings.ASSENT_VAR)
    if _station and _station[0].var == var:
        return _station[0]
    close()
    with ExitStack() as opening:
        log = api.open_log()
        opening.callback(log.close)
        gate = opening.enter_context(api.open_gate(log))
        _station.append(_Station(var, gate, opening.pop_all()))
    return _station[0]


def _tidy(station: _Station, at: datetime) -> None:
    station.gate.forget(at=at)
    for controller in tenancy.controllers():
        api.tidy(controller=controller.id, at=at)
    station.tidied = time.monotonic()
