"""Writers are killed at any moment, readers look at any moment: every row is read exactly once."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from assent.records.lake import api
from assent.records.lake.drivers import named

from .player import BATCHES, ROWS, STEPS, limits

BLOOM = 1


def start(role, folder):
    home = Path(__file__).resolve().parents[4]
    command = [sys.executable, "-m", "assent.records.lake.tests.player", role, str(folder)]
    return subprocess.Popen(command, cwd=home, env={**os.environ, "PYTHONPATH": str(home)})


def test_rows_are_read_exactly_once_whoever_is_killed_when(settings):
    folder = settings.ASSENT_VAR / "lake" / str(BLOOM) / STEPS.name
    lake, chance = named("delta"), random.Random(11)  # noqa: S311 - dice that fall the same way each run
    expr = api.unbound(STEPS).select("step")
    players, reads, kills = {}, 0, 0
    until = time.monotonic() + 100
    try:
        while (known := lake.position(folder, source="arrival")) < BATCHES:
            assert time.monotonic() < until, f"only {known} of {BATCHES} batches"
            for role in ("deliver", "tend"):
                ended = players[role].poll() if role in players else -9
                assert ended in {None, 0, -9}, f"{role} failed by itself"
                if ended is not None:
                    players[role] = start(role, folder)
            time.sleep(chance.uniform(0.1, 0.5))
            steps = sorted(
                lake.query({STEPS.name: (folder, STEPS)}, expr, tables={}, subjects=None, limits=limits(folder))[
                    "step"
                ].to_pylist()
            )
            assert steps == list(range(len(steps))), "a row is missing or doubled"
            assert len(steps) >= known * ROWS, "a committed batch is not read"
            reads += 1
            # The first three in any case: on a fast machine there are few rounds.
            if known and (kills < 3 or (kills < 12 and chance.random() < 0.5)):
                players[chance.choice(["deliver", "tend"])].kill()
                kills += 1
    finally:
        for player in players.values():
            player.kill()
            player.wait()
    assert kills > 2
    assert reads > 5
    lake.move(folder, STEPS, limits=limits(folder))
    found = lake.query({STEPS.name: (folder, STEPS)}, expr, tables={}, subjects=None, limits=limits(folder))
    assert sorted(found["step"].to_pylist()) == list(range(BATCHES * ROWS))
    assert lake.erase(folder, [7919 * 3], limits=limits(folder)) == 1
