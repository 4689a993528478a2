import json

import msgspec
import pytest
from hypothesis import given, strategies as st

from assent.ingest.arrival import LogEntry
from assent.ingest.contracts import Refusal
from assent.ingest.wire import LARGEST, Message, messages, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4),
)
NAMES = st.sampled_from(
    ["type", "messageId", "userId", "anonymousId", "event", "name", "timestamp", "sentAt", "properties", "traits", "context"]
)


def entry(body, kind="batch"):
    return LogEntry("c0", 1, 0, 1, secret=True, kind=kind, gpc=False, ip_short="", body=body)


def read(body, kind="batch"):
    return [found for _, _, found in messages(entry(body, kind))]


def test_what_stands_beside_a_batch_holds_for_each_message_that_does_not_say_otherwise():
    shared = {"consent": {"categoryPreferences": {"performance": True}}, "locale": "ro-RO"}
    own = {"consent": {"categoryPreferences": {}}}
    body = {"batch": [{"type": "page"}, {"type": "page", "context": own, "sentAt": "b"}], "context": shared, "sentAt": "a"}
    first, second = read(json.dumps(body).encode())
    assert (first.sent_at, first.context.consent.categories) == ("a", {"performance": True})
    assert (second.sent_at, second.context.consent.categories, second.context.locale) == ("b", {}, "ro-RO")


def test_the_path_says_what_a_single_message_is():
    [found] = read(b'{"type": "page", "event": "Order Completed"}', kind="track")
    assert (found.type, found.event) == ("track", "Order Completed")


def test_one_bad_message_spoils_no_other():
    body = b'{"batch": [{"type": "page"}, 3, {"userId": []}, {"type": "page", "name": "%s"}]}' % (b"x" * LARGEST)
    good, *bad = read(body)
    assert isinstance(good, Message)
    assert bad == [Refusal.MALFORMED, Refusal.MALFORMED, Refusal.OVERSIZED]


@pytest.mark.parametrize(
    ("sent", "is_"),
    [("a", "a"), (7, "7"), (7.0, "7"), (7.5, "7.5"), (True, ""), (None, ""), ("", ""), (10**5000, ""), (1e300, "")],
    ids=range(9),
)
def test_ids_are_texts_and_numbers(sent, is_):
    assert text(sent) == is_


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=6) | JSON, max_size=5))
def test_nothing_that_is_json_breaks_the_reading(batch):
    found = read(msgspec.json.encode({"batch": batch}))
    assert len(found) == len(batch)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body):
    for kind in ("batch", "track"):
        for found in read(body, kind):
            assert isinstance(found, Message | Refusal)
