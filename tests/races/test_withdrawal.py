"""
People say stop while a campaign runs, and workers are killed: nothing leaves after an acknowledgement, nothing twice.

Real processes, a real mail server on loopback, on whichever engine the tests run on.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from assent.connectors.smtp.tests.cast import Post, Server
from tests.prepared import own_database
from tests.running import HOME, House, wait_for

pytestmark = pytest.mark.engine

DRAW = random.Random(5)  # noqa: S311 - draws pauses, no secrets


class SlowPost(Post):
    """Accepts after up to 30 ms, as providers do, and notes when."""

    def __init__(self):
        super().__init__()
        self.accepted = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(DRAW.random() * 0.03)
        self.accepted.append((envelope.rcpt_tos[0], time.time()))
        return "250 2.0.0 Ok: queued as R1"


@pytest.fixture
def race(tmp_path, request):
    with ExitStack() as stack:
        post = SlowPost()
        server = Server(post)
        server.start()
        stack.callback(server.stop)
        house = House(
            tmp_path, ASSENT_SMTP_URL=server.url, ASSENT_SEND_TIMEOUT=getattr(request, "param", "10"), **own_database()
        )
        stack.callback(house.stop)
        yield Race(house, post)


class Race:
    def __init__(self, house, post):
        self.house, self.post = house, post
        self.controller = house.made["controller"]

    def start(self, verb, count=0):
        command = [sys.executable, "-m", "tests.races.parts", verb, str(self.controller), str(count)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=HOME, env=self.house.env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def end(self, process, words=None):
        out, err = process.communicate(words, timeout=150)
        assert process.returncode == 0, err[-3000:]
        return json.loads(out.strip().splitlines()[-1])


def test_nothing_leaves_after_a_withdrawal_is_acknowledged_though_two_workers_send(race):
    addresses = race.end(race.start("setup", 2_400))
    withdrawing = race.start("withdraw", 300)
    assert withdrawing.stdout.readline() == "ready\n"
    workers = [race.start("hand_over"), race.start("hand_over")]
    wait_for(lambda: len(race.post.accepted) > 20, seconds=60, what="the campaign to run")
    told = race.end(withdrawing, " ".join(addresses) + "\n")
    states = [race.end(worker) for worker in workers][-1]

    accepted = dict(race.post.accepted)
    late = [one for one, (_, at) in told.items() if accepted.get(addresses[one], 0) > at]
    assert late == []
    assert max(Counter(address for address, _ in race.post.accepted).values()) == 1
    assert len(told) == 300
    assert states["sent"] + states["refused"] == 2_400
    assert states["sent"] == len(accepted)
    # It was a race: some said stop before their message left, others after.
    before = sum(addresses[one] not in accepted for one in told)
    assert 0 < before < 300


@pytest.mark.parametrize("race", ["3"], indirect=True)  # seconds a killed worker's claims are waited for
def test_no_message_is_sent_twice_however_often_a_worker_is_killed(race):
    addresses = race.end(race.start("setup", 800))
    for _ in range(3):
        worker = race.start("hand_over")
        wanted = len(race.post.accepted) + 60
        wait_for(lambda: len(race.post.accepted) >= wanted, seconds=60, what="messages to leave")  # noqa: B023 - called here
        time.sleep(DRAW.random() * 0.1)
        worker.kill()
        worker.communicate()
    states = race.end(race.start("hand_over"))

    counted = Counter(address for address, _ in race.post.accepted)
    assert max(counted.values()) == 1
    assert set(counted) <= set(addresses.values())
    assert states["sent"] + states["unknown"] == 800
    assert states["unknown"] > 0
    # Whatever is neither known to be sent nor unknown was never sent; what is known to be sent was.
    assert states["sent"] <= len(counted) <= states["sent"] + states["unknown"]
