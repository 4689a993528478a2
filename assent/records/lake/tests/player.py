"""A process that works on a lake until it is done or killed: ``python -m assent.records.lake.tests.player <role> <folder>``."""

import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from assent.records.lake.contracts import Kind
from assent.records.lake.drivers import Limits, named

STEPS = Kind("steps", pa.schema([("subject", pa.int64()), ("step", pa.int64())]))
BATCHES, ROWS = 120, 50


def limits(folder: Path) -> Limits:
    return Limits(memory_mb=512, threads=1, spill=folder.parent / ".spill")


def deliver(folder: Path) -> None:
    """Deliver every batch twice, as a log does whose reader died after the commit and before it said so."""
    lake = named("delta")
    while (done := lake.position(folder, source="arrival")) < BATCHES:
        for position in (done, done + 1):
            if position:
                steps = np.arange((position - 1) * ROWS, position * ROWS)
                rows = pa.table({"subject": steps * 7919, "step": steps}, schema=STEPS.schema)
                lake.append(folder, STEPS, rows, source="arrival", position=position)


def tend(folder: Path) -> None:
    lake = named("delta")
    while True:
        lake.move(folder, STEPS, limits=limits(folder))
        lake.compact(folder, STEPS, seconds=0.2)
        time.sleep(0.02)


if __name__ == "__main__":
    {"deliver": deliver, "tend": tend}[sys.argv[1]](Path(sys.argv[2]))
