"""Processes are killed at any moment, under load; what was acknowledged is in the lake exactly once, and no mail goes twice."""

import base64
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.running import House, house, wait_for

pytestmark = pytest.mark.timeout(300)

ROUNDS = 6

COUNT_EVENTS = """
from assent.records.events import api as events
from assent.ingest.ports import open_log
from assent.foundation import keys
from django.conf import settings
log = open_log(var=settings.ASSENT_VAR, master=keys.master())
done = log.tail() == log.consumed()
log.close()
print(json.dumps({"done": done, "events": events.count(controller=WHO)}))
"""


MAKE_PEOPLE = """
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
people = [PersonInput({"user_id": f"customer-{n}"}) for n in range(50)]
subjects.upsert_many(controller=WHO, people=people, by=US, at=now())
"""

READ_ORDERS = """
from assent.records.events.contracts import KIND
from assent.records.lake import api as lake
table = lake.unbound(KIND)
rows = lake.query(controller=WHO, expr=table.select("properties"), kinds=[KIND])
print(json.dumps([json.loads(p)["order_id"] for p in rows["properties"].to_pylist()]))
"""


class Sender(threading.Thread):
    """Sends batches of orders, again and again until each is acknowledged, as every client does."""

    def __init__(self, one: House) -> None:
        super().__init__(daemon=True)
        self.one, self.stop = one, threading.Event()
        self.acknowledged: set[str] = set()
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        auth = base64.b64encode(f"{self.one.made['secret']}:".encode()).decode()
        number = 0
        while not self.stop.is_set():
            batch = [self._order(number + i) for i in range(20)]
            number += 20
            body = json.dumps({"batch": batch}).encode()
            while not self.stop.is_set():
                request = urllib.request.Request(
                    f"{self.one.collect_url}/v1/batch", data=body, headers={"Authorization": f"Basic {auth}"}
                )
                try:
                    with urllib.request.urlopen(request, timeout=5) as answer:
                        self.answers[answer.status] += 1
                        self.acknowledged.update(item["messageId"] for item in batch)
                        break
                except urllib.error.HTTPError as error:
                    self.answers[error.code] += 1
                except OSError:
                    self.answers[0] += 1
                time.sleep(0.05)

    @staticmethod
    def _order(number: int) -> dict[str, object]:
        return {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"m-{number}",
            "userId": f"customer-{number % 50}",
            "timestamp": datetime.now(UTC).isoformat(),
            "properties": {"order_id": f"A-{number}", "total": 12.5, "currency": "RON"},
        }


def test_every_acknowledged_event_is_in_the_lake_exactly_once(tmp_path):
    draw = random.Random(4711)  # noqa: S311 - a repeatable story, not a secret
    with house(tmp_path / "var", "collect", "ingest") as one:
        one.ask(MAKE_PEOPLE.replace("WHO", str(one.made["controller"])))
        sender = Sender(one)
        sender.start()
        for round_number in range(ROUNDS):
            time.sleep(draw.uniform(0.4, 1.2))
            victim = "collect" if round_number % 3 == 2 else "ingest"
            one.kill(victim)
            one.start(victim)
        time.sleep(1)
        sender.stop.set()
        sender.join()
        assert len(sender.acknowledged) > 200

        def settled() -> bool:
            return one.ask(COUNT_EVENTS.replace("WHO", str(one.made["controller"])))["done"]

        wait_for(settled, seconds=60, what="ingest to empty the log")
        found = one.ask(COUNT_EVENTS.replace("WHO", str(one.made["controller"])))
        ids = one.ask(READ_ORDERS.replace("WHO", str(one.made["controller"])))
        # A batch whose answer was lost in the kill may have been taken all the same: never fewer, and each once.
        assert len(ids) == len(set(ids)) == found["events"]
        assert {f"A-{m.removeprefix('m-')}" for m in sender.acknowledged} <= set(ids)
        assert not [code for code in sender.answers if code not in (0, 200, 503)]


def test_a_house_whose_tables_are_behind_refuses_to_start(tmp_path):
    one = House(tmp_path / "var")
    (tmp_path / "var" / "profiles.sqlite3").unlink()
    done = one.assent("worker", "ingest", check=False)
    assert done.returncode != 0
    assert "assent prepare" in done.stderr


def test_a_taken_port_is_named_with_the_cure(tmp_path):
    with house(tmp_path / "var", "web") as one:
        done = one.assent("serve", "--port", str(one.web_port), check=False)
        assert done.returncode != 0
        assert f"port {one.web_port}" in done.stderr
        assert "--port" in done.stderr
