"""Ingest is killed again and again while events come in: each acknowledged event ends up in the lake exactly once."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from assent.foundation.crypto import FileMasterKey
from assent.ingest import ports
from assent.ingest.tests.cast import HOME

pytestmark = [pytest.mark.timeout(240), pytest.mark.engine]

KILLS = 6


def play(role, var):
    env = {
        **os.environ,
        "ASSENT_VAR": str(var),
        "ASSENT_DATABASE": "sqlite",
        "DJANGO_SETTINGS_MODULE": "assent.config.settings",
    }
    env.pop("ASSENT_MASTER_KEY_FILE", None)
    command = [sys.executable, "-m", "assent.ingest.tests.player", role]
    return subprocess.Popen(command, env=env, cwd=HOME, stdout=subprocess.PIPE, text=True)


def ask(role, var):
    process = play(role, var)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return json.loads(out)


def request(numbers):
    at = datetime.now(UTC).isoformat()
    orders = [
        {
            "type": "track",
            "event": "Order Completed",
            "userId": f"c{number % 10}",
            "messageId": f"m{number}",
            "timestamp": "2026-11-20T12:00:00Z",
            "properties": {"order_id": f"o{number}", "total": 1, "currency": "RON"},
        }
        for number in numbers
    ]
    agreed = {"purpose": "direct_marketing", "channel": "email", "wording": "marketing_email"}
    choice = {"type": "track", "event": "Consent Given", "userId": f"c{numbers[0] % 10}", "messageId": f"y{numbers[0]}"}
    return json.dumps({"batch": [*orders, {**choice, "properties": agreed}], "sentAt": at}).encode()


def test_killed_at_any_moment_it_doubles_and_loses_nothing(tmp_path):
    draw = random.Random(3)  # noqa: S311 - a test that can be repeated
    made = ask("prepare", tmp_path)
    writer = ports.open_writer(var=tmp_path, master=FileMasterKey(tmp_path / "keys" / "master.key"))
    sent = 0
    choices = 0
    resent = 0
    for _ in range(KILLS):
        process = play("ingest", tmp_path)
        assert process.stdout.readline() == "working\n"
        until = time.monotonic() + draw.uniform(0.3, 1.5)
        while time.monotonic() < until:
            body = request(range(sent, sent + 5))
            sent += 5
            choices += 1
            now_ms = time.time_ns() // 1_000_000
            arrival = ports.Arrival(now_ms, made["property"], True, "batch", False, "", body)
            writer.write([arrival])
            if draw.random() < 0.2:
                writer.write([arrival])
                resent += 6
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = play("ingest", tmp_path)
    try:
        for _ in range(30):
            time.sleep(1)
            found = ask("tell", tmp_path)
            if found["settled"]:
                break
    finally:
        process.kill()
        process.communicate()
        writer.close()
    assert found["settled"]
    assert found["orders"] == sorted(f"o{number}" for number in range(sent))
    assert found["folded"] == sent
    assert found["consents"] == choices
    assert found["counted"] == sent + choices
    assert found["duplicates"] == resent
