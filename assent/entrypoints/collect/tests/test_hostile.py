"""Whatever is sent: a clear answer in JSON, nothing half kept, nothing crashed."""

import gzip
import json
import sqlite3
import zlib
from pathlib import Path

import msgspec
import pytest

from assent.entrypoints.collect import shape
from assent.entrypoints.collect.tests.cast import RUDDER, SERVER, Door
from assent.ingest.ports import LogUnavailable

NAUGHTY = json.loads((Path(__file__).parent / "data/blns.json").read_text())
EVENT = {"type": "track", "event": "Order Completed", "userId": "ada", "messageId": "m1"}


def refused(answer, code, status=400):
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["message"]
    return True


@pytest.mark.parametrize("body", [
    b"", b" ", b"{", b"nonsense", b'{"batch":[]} {}', b'{"a":}', b'{"a":01}', b"{'a':1}", b"\x00", b"\xff\xfe{\x00}\x00",
    b'{"batch":[{"a":"\xff"}]}', b'{"batch":[{"a":"\xed\xa0\x80"}]}', b'{"batch":[' + b"[" * 200_000 + b"]" * 200_000 + b"]}",
    b'{"batch":[{"a":1e999},{"b":NaN}]}', b'{"batch":[' + b"9" * 5000 + b",NaN]}", b"a=1&b=2", b"<xml/>",
])  # fmt: skip
def test_what_is_not_json_is_refused_for_good(door, log, body):
    assert refused(door.post("/v1/batch", body), "invalid_json")
    assert log.read({}) == []


@pytest.mark.parametrize(
    "body",
    [b"[]", b"1", b'"batch"', b"null", b"true", b"{}", b'{"batch":{}}', b'{"batch":null}', b'{"batch":"x"}', b'{"Batch":[]}'],
)
def test_what_is_json_but_no_batch_is_refused_for_good(door, body):
    assert refused(door.post("/v1/batch", body), "invalid_batch")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b"[{}]"])
def test_what_is_json_but_no_message_is_refused_for_good(door, body):
    assert refused(door.post("/v1/track", body), "invalid_message")


def test_messages_of_any_type_go_to_ingest_which_counts_them(door, log):
    batch = [EVENT, 1, None, "text", [], {"type": 7}, {"type": "track", "event": {"a": 1}, "userId": [], "timestamp": 5}]
    assert door.post("/v1/batch", {"batch": batch}).status == 200
    (entry,) = log.read({})
    assert json.loads(entry.body)["batch"] == batch


@pytest.mark.parametrize(("written", "kept"), [
    (b'{"batch":[{"total":NaN},{"total":Infinity},{"total":1.5}]}', [{"total": None}] * 2 + [{"total": 1.5}]),
    (rb'{"batch":[{"name":"half \ud83d a pair"}]}', [{"name": "half \ufffd a pair"}]),
    (rb'{"batch":[{"name":"whole \ud83d\ude00 pair \udc00"}]}', [{"name": "whole \U0001f600 pair \ufffd"}]),
])  # fmt: skip
def test_values_json_has_no_word_for_do_not_cost_the_batch(door, log, written, kept):
    assert door.post("/v1/batch", written).status == 200
    (entry,) = log.read({})
    assert msgspec.json.decode(entry.body)["batch"] == kept


def test_naughty_strings_pass_unchanged_in_every_text_field(door, log):
    fields = ("type", "event", "userId", "anonymousId", "messageId", "timestamp", "groupId", "previousId", "name")
    batch = [dict.fromkeys(fields, text) | {"properties": {text: text}, "context": {"page": {"url": text}}} for text in NAUGHTY]
    for ascii_only in (True, False):
        body = json.dumps({"batch": batch, "writeKey": SERVER}, ensure_ascii=ascii_only).encode()
        assert door.post("/v1/batch", body, key=RUDDER).status == 200
    entries = log.read({})
    assert [json.loads(entry.body)["batch"] for entry in entries] == [batch, batch]
    assert [msgspec.json.decode(entry.body)["batch"] for entry in entries] == [batch, batch]


def test_naughty_strings_as_keys_paths_and_headers_open_nothing(door, log):
    for text in NAUGHTY:
        assert door.post("/v1/batch", {"batch": [EVENT], "writeKey": text}, key=None).status == 401
        assert door.knock("GET", f"/v1/projects/{text}/settings").status in {401, 404}
        header = text.encode().decode("latin-1")
        names = ("sec-gpc", "content-type", "x-forwarded-for", "x-retry-count")
        assert door.post("/v1/t", EVENT, headers=[(name, header) for name in names]).status == 200
        assert door.post("/v1/t", EVENT, key=None, headers=[("authorization", header)]).status == 401
    assert len(log.read({})) == len(NAUGHTY)


def padded(size):
    """A batch of exactly so many bytes."""
    frame = b'{"batch":[{"event":""}]}'
    return frame.replace(b'""', b'"' + b"x" * (size - len(frame)) + b'"')


def test_a_batch_may_be_as_large_as_the_limit_and_not_a_byte_larger(door, log):
    assert door.post("/v1/batch", padded(shape.BATCH_BYTES)).status == 200
    assert refused(door.post("/v1/batch", padded(shape.BATCH_BYTES + 1)), "too_large")
    assert len(log.read({})) == 1


def test_a_rudderstack_batch_may_hold_four_mebibytes_and_the_message_that_crossed_them(door):
    assert door.post("/v1/batch", padded(4 << 20), key=RUDDER).status == 200
    assert door.post("/v1/batch", gzip.compress(padded((4 << 20) + 400_000)), key=RUDDER).status == 200
    assert refused(door.post("/v1/batch", padded(shape.RUDDER_BYTES + 1), key=RUDDER), "too_large")


def test_the_limit_is_that_of_the_key_wherever_the_key_stands(door):
    large = padded(600_000)
    assert refused(door.post("/v1/batch", large), "too_large")
    inside = b'{"writeKey":"%s",' % SERVER.encode() + large[1:]
    assert refused(door.post("/v1/batch", inside, key=None), "too_large")
    assert door.post("/v1/batch", b'{"writeKey":"%s",' % RUDDER.encode() + large[1:], key=None).status == 200


def test_a_message_alone_may_hold_32_kib(door):
    assert door.post("/v1/track", padded(shape.MESSAGE_BYTES)).status == 200
    assert refused(door.post("/v1/track", padded(shape.MESSAGE_BYTES + 1)), "too_large")


def test_a_large_message_in_a_batch_is_left_for_ingest_to_refuse(door, log):
    batch = [EVENT, EVENT | {"properties": {"text": "x" * 40_000}}]
    assert door.post("/v1/batch", {"batch": batch}).status == 200
    (entry,) = log.read({})
    assert len(json.loads(entry.body)["batch"]) == 2


def test_a_batch_holds_no_more_than_2500_messages(door):
    assert door.post("/v1/batch", {"batch": [{}] * 2500}).status == 200
    assert refused(door.post("/v1/batch", {"batch": [{}] * 2501}), "too_many_messages")


def test_a_gzip_bomb_is_refused_without_unpacking_it(door):
    bomb = gzip.compress(b'{"batch":["' + b"x" * 200_000_000 + b'"]}', compresslevel=1, mtime=0)
    pieces = [bomb[n : n + 65536] for n in range(0, len(bomb), 65536)]
    assert refused(door.post("/v1/batch", b"", key=RUDDER, headers=[("content-encoding", "gzip")], chunks=pieces), "too_large")


def test_many_empty_gzip_members_are_no_way_to_keep_us_busy(door):
    assert refused(
        door.post("/v1/batch", gzip.compress(b"", mtime=0) * 20_000, headers=[("content-encoding", "gzip")]), "invalid_gzip"
    )


@pytest.mark.parametrize(("body", "encoding", "code"), [
    (b'{"batch":[]}', "gzip", "invalid_gzip"),
    (gzip.compress(b'{"batch":[]}', mtime=0)[:-3], "gzip", "invalid_gzip"),
    (gzip.compress(b'{"batch":[]}', mtime=0)[:12] + b"damage" * 9, "gzip", "invalid_gzip"),
    (gzip.compress(b'{"batch":[]}', mtime=0) + b"behind", "gzip", "invalid_gzip"),
    (gzip.compress(gzip.compress(b'{"batch":[]}', mtime=0), mtime=0), "gzip", "invalid_json"),
    (zlib.compress(b'{"batch":[]}'), "deflate", "unsupported_encoding"),
    (b"x", "br", "unsupported_encoding"),
    (b"x", "gzip, gzip", "unsupported_encoding"),
])  # fmt: skip
def test_a_damaged_or_unknown_encoding_is_refused_for_good(door, body, encoding, code):
    assert refused(door.post("/v1/batch", body, headers=[("content-encoding", encoding)]), code)


def test_an_endless_body_is_cut_off(door):
    assert refused(door.post("/v1/batch", b"", chunks=[b"x" * 100_000] * 400), "too_large")


def test_a_locked_log_answers_503_with_retry_after_and_recovers_by_itself(tmp_path, monkeypatch, door, log):
    monkeypatch.setattr("assent.ingest.log.WAIT_S", 0.05)
    monkeypatch.setattr("assent.entrypoints.collect.group.PAUSE_S", 0.0)
    assert door.post("/v1/t", EVENT).status == 200
    door.app._group._writer._disconnect()  # to open it anew with the shorter wait
    other = sqlite3.connect(tmp_path / "arrival/c0.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = door.post("/v1/t", EVENT)
    assert refused(answer, "unavailable", 503)
    assert int(answer.headers["retry-after"]) > 0
    assert refused(door.knock("GET", "/healthz"), "unavailable", 503)
    other.execute("ROLLBACK")
    assert door.post("/v1/t", EVENT).status == 200
    assert len(log.read({})) == 2


def test_after_a_failure_the_log_is_left_alone_for_a_moment(door):
    class Broken:
        partition, calls = "c0", 0

        def write(self, arrivals):
            self.calls += 1
            raise LogUnavailable("database or disk is full")

        def close(self):
            pass

    broken = Broken()
    door.app._group._writer = broken
    assert [door.post("/v1/t", EVENT).status for _ in range(5)] == [503] * 5
    assert broken.calls == 1


def test_an_unforeseen_fault_of_the_log_is_an_answer_too(door):
    class Broken:
        def write(self, arrivals):
            raise ZeroDivisionError

        def close(self):
            pass

    door.app._group._writer = Broken()
    assert refused(door.post("/v1/t", EVENT), "unavailable", 503)


def test_too_much_waiting_is_answered_with_429(door, monkeypatch):
    monkeypatch.setattr("assent.entrypoints.collect.group.WAITING_BYTES", -1)
    answer = door.post("/v1/t", EVENT)
    assert refused(answer, "overloaded", 429)
    assert int(answer.headers["retry-after"]) > 0


def test_neither_bodies_nor_keys_reach_the_log_files_of_the_process(writer, caplog):
    caplog.set_level(0)
    door = Door(writer)
    for body in (b'{"batch":[{"email":"ada@bloom.example"}]', b'{"batch":1,"email":"ada@bloom.example"}'):
        door.post("/v1/batch", body)
        door.post("/v1/batch", body, key="sk_mistyped")
    door.keys._load = lambda: 1 / 0
    door.keys.reload()
    said = caplog.text
    assert "write keys can't be read" in said
    assert not [word for word in ("ada@bloom", SERVER, "sk_mistyped") if word in said]
