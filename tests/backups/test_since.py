"""What happened since the copy: two turned out to be one, people came who are not in it; and events still waited in it."""

import base64
import json
import urllib.request
from collections import Counter
from datetime import UTC, datetime

import pytest

from assent.connectors.smtp.tests.cast import Post, Server
from tests.backups.place import Place, dumped
from tests.backups.test_restore import CAMPAIGN, stands

pytestmark = [pytest.mark.timeout(400), pytest.mark.engine]


@pytest.fixture
def place(tmp_path):
    post = Post()
    server = Server(post)
    server.start()
    one = Place(tmp_path, ASSENT_SMTP_URL=server.url)
    one.post = post
    yield one
    server.stop()
    one.house.stop()


def batch(*orders):
    """Return orders as a client sends them, and sends them again."""
    return [
        {
            "type": "track", "event": "Order Completed", "messageId": f"m-{order}", "userId": who,
            "timestamp": datetime.now(UTC).isoformat(), "properties": {"order_id": order, "total": 12.5, "currency": "RON"},
        }
        for who, order in orders
    ]  # fmt: skip


def send(place, messages):
    """Send messages to the collector, and return when they are acknowledged."""
    auth = base64.b64encode(f"{place.house.made['secret']}:".encode()).decode()
    request = urllib.request.Request(
        f"{place.house.collect_url}/v1/batch", data=json.dumps({"batch": messages}).encode(),
        headers={"Authorization": f"Basic {auth}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


DRAIN = """
from assent.ingest import api as ingest
print(json.dumps(ingest.drain(at=now())))
"""

ORDERS = """
from assent.records.events import api as events
from assent.privacy.subjects import api as subjects
print(json.dumps({who: sorted(one["properties"]["order_id"] for one in events.timeline(
    controller=WHO, subject=subjects.recognise(controller=WHO, kind="user_id", values=[who])[0], purpose=None, limit=100))
    for who in NAMES}))
"""

MERGES = """
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
ids = IDS
consent.withdraw(controller=WHO, subject=ids["ben"], purpose="direct_marketing", channel="email", method=Method.ONE_CLICK,
    source="test", by=Actor.person(), at=now())
subjects.merge(controller=WHO, into=ids["ada"], other=ids["ben"], by=US, at=now())
suppression.suppress(controller=WHO, kind=Kind.OBJECTION, subject=ids["fay"], by=Actor.person(), at=now())
subjects.merge(controller=WHO, into=ids["fay"], other=ids["dan"], by=US, at=now())
subjects.merge(controller=WHO, into=ids["gus"], other=ids["eve"], by=US, at=now())
rights.erase(controller=WHO, subjects=[ids["gus"]], by=US, at=now())
"""


def test_whoever_turned_out_to_be_one_is_one_again_with_the_stricter_of_two_noes(place):
    ids = place.people("ada", "ben", "dan", "eve", "ina")
    data, _keys = place.backup()
    # Fay and Gus came after the copy, which knows nothing of them.
    ids |= place.people("fay", "gus")
    place.ask(MERGES.replace("IDS", dumped(ids)))
    done = place.restore(data, "--over")
    assert "merges 1" in done.stdout, "the others the copy can't merge, since it does not know one of the two"
    found = stands(place, ids)
    assert found["here"] == ["ada", "dan", "ina"], "Ben went into Ada; Gus was erased, and Eve was the same person"
    assert found["choices"]["ada"] == [2], "what Ben took back is taken back for both"
    assert found["stops"]["dan"] == ["objection"], "what Fay objected to holds for Dan, who is the same person"
    assert found["stops"]["ina"] == []
    place.house.start("collect")
    send(place, batch(("ada-1", "A-1"), ("ben-1", "A-2"), ("ina-1", "A-3")))
    assert place.ask(DRAIN) == 3
    both = ["A-1", "A-2"]
    assert place.ask(ORDERS.replace("NAMES", '["ada-1", "ben-1", "ina-1"]')) == {"ada-1": both, "ben-1": both, "ina-1": ["A-3"]}


HAND_OVER = "from assent.dispatch import tasks\nwhile tasks.hand_over(now()): pass\n"


def test_people_added_after_the_copy_and_added_again_after_the_restore_get_no_second_copy(place):
    old = list(place.people("p0", "p1", "p2").values())
    place.ask(CAMPAIGN + f"fill({old[:1]})\n" + HAND_OVER)
    data, _keys = place.backup()
    since = place.people("q0", "q1", "q2", "q3")
    place.ask(f"""
from assent.privacy.rights import api as rights
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
suppression.suppress(controller=WHO, kind=Kind.OBJECTION, subject={since["q3"]}, by=Actor.person(), at=now())
""")
    place.ask(CAMPAIGN + f"fill({[*old[:2], since['q0'], since['q1']]})\n" + HAND_OVER)
    assert len(place.post.kept) == 4
    assert "handed over 3" in place.restore(data, "--over").stdout
    again = place.people("q0", "q1", "q2", "q3")
    place.ask(CAMPAIGN + f"fill({[*old, *again.values()]})\n" + HAND_OVER)
    received = Counter(address for address, _ in place.post.kept)
    assert set(received.values()) == {1}, "nobody twice"
    assert sorted(received) == [f"{name}@people.example" for name in ("p0", "p1", "p2", "q0", "q1", "q2")], "Q3 said no"
    told = place.ask(f"""
from assent.dispatch import api as dispatch
print(json.dumps([[one.why for one in dispatch.messages(controller=WHO, subject=one)] for one in {list(again.values())}]))
""")
    assert told[:3] == [["had_it"], ["had_it"], [""]]
    ended = place.ask("""
from datetime import timedelta
from assent.dispatch import api as dispatch
print(json.dumps([dispatch.forget_marks(controller=WHO, at=now() + timedelta(days=days)) for days in (29, 31, 31)]))
""")
    assert ended == [0, 2, 0], "marks end when a copy made at the restore would"


def test_events_that_waited_in_the_copy_are_taken_in_exactly_once(place):
    place.people("ada", "ben")
    place.house.start("collect")
    send(place, batch(("ada-1", "A-1"), ("ben-1", "B-1")))
    assert place.ask(DRAIN) == 2
    waiting = [("ada-1", f"A-{number}") for number in range(2, 40)] + [("ben-1", f"B-{number}") for number in range(2, 40)]
    messages = batch(*waiting)
    send(place, messages)
    data, keys = place.backup()
    place.ask(DRAIN)
    # The hour goes by: of what was taken in, not even its key is left.
    place.ask("""
import time
from django.conf import settings
from assent.foundation import keys
from assent.ingest.log import SqliteLog
log = SqliteLog(Path(settings.ASSENT_VAR) / "arrival", keys.master(), lambda: int(time.time() * 1000) + 7_200_000)
assert log.settle()
log.close()
""")
    place.house.stop()
    place.restore(data, "--over", "--keys", str(keys))
    sent = [("ada-1", "A-1"), ("ben-1", "B-1"), *waiting]
    everything = {one: sorted(order for who, order in sent if who == one) for one in ("ada-1", "ben-1")}
    assert place.ask(ORDERS.replace("NAMES", '["ada-1", "ben-1"]')) == everything, "the restore itself took them in"
    assert place.ask(DRAIN) == 0
    # A client that never heard that they were taken sends them once more.
    place.house.start("collect")
    send(place, messages)
    place.ask(DRAIN)
    assert place.ask(ORDERS.replace("NAMES", '["ada-1", "ben-1"]')) == everything
