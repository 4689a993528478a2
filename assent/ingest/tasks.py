"""The loop that `assent worker` runs: from the log to the records, for as long as it is told to."""

import logging
import random
import time
from collections.abc import Callable

from assent.foundation import clock
from assent.ingest import api
from assent.tenancy import api as tenancy

__all__ = ["run"]

logger = logging.getLogger(__name__)

# A commit is a file of the lake: at most one a second, unless so much waits that files are large anyway.
PAUSE_S = 1.0
# After a fault: soon again, then ever later, and never in step with others who wait for the same.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
TIDY_EVERY_S = 3600.0


def run(stopped: Callable[[], bool], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """
    Ingest until ``stopped`` says so. Faults of disk, database or lake are waited out; nothing acknowledged is lost.

    :raises assent.ingest.api.AlreadyRunning: if another process ingests
    """
    log = api.open_log()
    wait = FIRST_WAIT_S
    tidied = float("-inf")
    try:
        with api.open_gate(log) as gate:
            while not stopped():
                try:
                    progress = gate.run_once(at=clock.now())
                    if time.monotonic() - tidied > TIDY_EVERY_S:
                        tidied = time.monotonic()
                        _tidy(gate)
                except Exception as error:
                    level = logging.WARNING if isinstance(error, api.TRANSIENT) else logging.ERROR
                    logger.log(
                        level, "ingest waits %.1f s after %s", wait, type(error).__name__, exc_info=level > logging.WARNING
                    )
                    sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - a pause, not a secret
                    wait = min(wait * 2, LONGEST_WAIT_S)
                    continue
                wait = FIRST_WAIT_S
                if not progress.more:
                    sleep(PAUSE_S)
    finally:
        log.close()


def _tidy(gate: api.Gate) -> None:
    at = clock.now()
    gate.forget(at=at)
    for controller in tenancy.controllers():
        api.tidy(controller=controller.id, at=at)
