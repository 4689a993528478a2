"""Each client's way of speaking is understood, and each gets the answer it needs."""

import asyncio
import gzip
import json

import pytest

from assent.entrypoints.collect.tests.cast import PAGE, RUDDER, SERVER, Door, basic, write_keys

EVENT = {"type": "track", "event": "Order Completed", "userId": "ada", "messageId": "m1"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/batch", "batch"),
        ("/v1/b", "batch"),
        ("/v1/identify", "identify"),
        ("/v1/i", "identify"),
        ("/v1/track", "track"),
        ("/v1/t", "track"),
        ("/v1/page", "page"),
        ("/v1/p", "page"),
        ("/v1/screen", "screen"),
        ("/v1/s", "screen"),
        ("/v1/group", "group"),
        ("/v1/g", "group"),
        ("/v1/alias", "alias"),
        ("/v1/a", "alias"),
    ],
)
def test_every_path_takes_its_kind(door, log, path, kind):
    content = {"batch": [EVENT], "sentAt": "2026-11-23T12:00:00Z"} if kind == "batch" else EVENT
    answer = door.post(path, content)
    assert (answer.status, answer.body) == (200, b'{"success":true}')
    (entry,) = log.read({})
    assert (entry.kind, json.loads(entry.body)) == (kind, content)


def test_the_entry_says_whose_key_it_was_and_whether_anybody_could_have_copied_it(door, log):
    door.post("/v1/track", EVENT, key=SERVER)
    door.post("/v1/track", EVENT, key=PAGE)
    assert [(entry.property, entry.secret) for entry in log.read({})] == [(11, True), (12, False)]


@pytest.mark.parametrize(
    ("authorization", "inside"),
    [
        (basic(SERVER), None),  # rudder-sdk-python
        (basic(SERVER), SERVER),  # analytics-node, analytics-next, segment-analytics-python 2.4
        (None, SERVER),  # segment-analytics-python 2.3
        ("Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", SERVER),  # OAuth
        (basic(""), SERVER),
        ("Basic %%%", SERVER),
        (basic(SERVER).replace("Basic", "basic"), None),
    ],
)
def test_the_write_key_comes_as_basic_credentials_or_inside_the_body(door, log, authorization, inside):
    headers = [("authorization", authorization)] if authorization else []
    content = {"batch": [EVENT]} | ({"writeKey": inside} if inside else {})
    assert door.post("/v1/batch", content, key=None, headers=headers).status == 200
    (entry,) = log.read({})
    assert entry.property == 11


@pytest.mark.parametrize(
    ("headers", "inside", "code"),
    [
        ([], None, "missing_write_key"),
        ([], 42, "missing_write_key"),
        ([], {"a": 1}, "missing_write_key"),
        ([], "wrong", "invalid_write_key"),
        ([], "\ud800", "invalid_write_key"),
        ([("authorization", basic("wrong"))], SERVER, "invalid_write_key"),
        ([("authorization", "Bearer abc")], None, "missing_write_key"),
    ],
)
def test_a_missing_or_wrong_key_is_told_as_json_that_clients_do_not_retry(door, log, headers, inside, code):
    content = {"batch": [EVENT], "writeKey": inside}
    answer = door.post("/v1/batch", content, key=None, headers=headers)
    assert answer.status == 401
    assert answer.json["code"] == code
    assert answer.json["message"]
    assert log.read({}) == []


def test_before_the_keys_are_known_nobody_is_told_that_a_key_is_wrong(writer):
    def broken():
        raise OSError

    answer = Door(writer, broken).post("/v1/track", EVENT)
    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "starting", "1")


def test_a_revoked_key_is_refused_and_the_last_known_keys_stay_when_the_database_does_not_answer(writer):
    door = Door(writer)
    door.keys._load = lambda: 1 / 0
    door.keys.reload()
    assert door.post("/v1/track", EVENT).status == 200
    door.keys._load = lambda: {digest: key for digest, key in write_keys().items() if key.property.id != 11}
    door.keys.reload()
    assert door.post("/v1/track", EVENT).status == 401
    assert door.post("/v1/track", EVENT | {"writeKey": SERVER}, key=None).status == 401
    assert door.post("/v1/track", EVENT, key=PAGE).status == 200


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/plain;charset=UTF-8", "x/y", None])
def test_json_is_json_whatever_the_content_type_says(door, content_type):
    headers = [("content-type", content_type)] if content_type else []
    assert door.post("/v1/t", EVENT, key=PAGE, headers=headers).status == 200


@pytest.mark.parametrize(
    "headers", [[("content-encoding", "gzip")], [("content-encoding", "GZIP"), ("content-type", "text/plain")], []]
)
def test_gzip_is_unpacked_whatever_the_headers_say(door, log, headers):
    body = gzip.compress(json.dumps({"batch": [EVENT]}).encode())
    assert door.post("/v1/batch", body, key=RUDDER, headers=headers).status == 200
    (entry,) = log.read({})
    assert json.loads(entry.body) == {"batch": [EVENT]}


def test_gzip_in_two_members_is_one_body(door, log):
    plain = json.dumps({"batch": [EVENT]}).encode()
    body = gzip.compress(plain[:10]) + gzip.compress(plain[10:])
    assert door.post("/v1/batch", body, headers=[("content-encoding", "gzip")]).status == 200
    (entry,) = log.read({})
    assert entry.body == plain


def test_a_body_in_pieces_is_put_together(door, log):
    body = json.dumps({"batch": [EVENT]}).encode()
    assert door.post("/v1/batch", b"", chunks=[body[:5], b"", body[5:9], body[9:]]).status == 200
    (entry,) = log.read({})
    assert entry.body == body


def test_a_client_that_leaves_in_the_middle_leaves_nothing(door, log):
    body = json.dumps({"batch": [EVENT]}).encode()
    inbox = [{"type": "http.request", "body": body, "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return inbox.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/batch", "headers": [(b"authorization", basic(SERVER).encode())]}
    asyncio.run(door.app(scope, receive, send))
    assert sent == []
    assert log.read({}) == []


def test_an_empty_batch_is_a_success_and_no_entry(door, log):
    assert door.post("/v1/batch", {"batch": []}).status == 200
    assert log.read({}) == []


def test_a_preflight_allows_the_headers_that_browsers_send(door):
    asked = [
        ("origin", "https://bloom.example"),
        ("access-control-request-headers", "authorization,content-type,x-retry-count"),
    ]
    for path in ("/v1/t", "/v1/batch", "/v1/m", "/v1/projects/x/settings"):
        answer = door.knock("OPTIONS", path, headers=asked)
        assert answer.status == 204
        allowed = {word.strip() for word in answer.headers["access-control-allow-headers"].split(",")}
        assert {"authorization", "content-type", "x-retry-count"} <= allowed
        assert {"GET", "POST", "OPTIONS"} == {w.strip() for w in answer.headers["access-control-allow-methods"].split(",")}
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_page_may_read_answers_and_refusals(door):
    for answer in (door.post("/v1/t", EVENT), door.post("/v1/t", b"no"), door.post("/v1/t", EVENT, key="wrong")):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "retry-after" in answer.headers["access-control-expose-headers"]


def test_settings_tell_a_browser_to_send_here_and_not_to_the_vendor(door):
    answer = door.knock("GET", f"/v1/projects/{PAGE}/settings")
    assert answer.status == 200
    segment = answer.json["integrations"]["Segment.io"]
    assert (segment["apiKey"], segment["apiHost"], segment["protocol"]) == (PAGE, "in.bloom.example/v1", "https")
    assert answer.json["plan"]["track"]["__default"]["enabled"] is True
    assert answer.json["analyticsNextEnabled"] is True
    assert answer.json["metrics"] == {"sampleRate": 0}


def test_settings_are_refused_to_unknown_keys_and_to_secret_ones_on_a_page(door):
    assert door.knock("GET", "/v1/projects/wrong/settings").json["code"] == "invalid_write_key"
    assert door.knock("GET", f"/v1/projects/{SERVER}/settings").json["code"] == "secret_key"


def test_a_clients_reports_on_itself_are_taken_and_dropped(door, log):
    assert door.knock("POST", "/v1/m", b'{"series":[]}').body == b'{"success":true}'
    assert log.read({}) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/track", 405),
        ("PUT", "/v1/batch", 405),
        ("GET", "/v1/m", 405),
        ("POST", f"/v1/projects/{PAGE}/settings", 405),
        ("POST", "/", 404),
        ("GET", "/", 404),
        ("POST", "/v1/", 404),
        ("POST", "/v1/x", 404),
        ("POST", "/v2/batch", 404),
        ("GET", "/../etc", 404),
    ],
)
def test_other_paths_and_methods_are_told_so_in_json(door, method, path, status):
    answer = door.knock(method, path, b"{}")
    assert answer.status == status
    assert set(answer.json) == {"code", "message"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], False),
        (["1"], True),
        (["0"], False),
        (["true"], False),
        (["1,1"], True),
        (["0", "1"], True),
        (["1", "1"], True),
        ([" 1 "], True),
        (["11"], False),
        (["1;a"], False),
        ([""], False),
        (["one"], False),
        (["0, 1"], True),
        (["01"], False),
    ],
)
def test_global_privacy_control_is_exactly_one(door, log, values, expected):
    door.post("/v1/t", EVENT, key=PAGE, headers=[("sec-gpc", value) for value in values])
    (entry,) = log.read({})
    assert entry.gpc is expected


@pytest.mark.parametrize(
    ("peer", "short"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_the_address_is_cut_to_its_network(door, log, peer, short):
    door.post("/v1/t", EVENT, peer=peer)
    (entry,) = log.read({})
    assert entry.ip_short == short


@pytest.mark.parametrize(
    ("peer", "forwarded", "short"),
    [
        ("10.0.0.1", ["198.51.100.9"], "198.51.100.0"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.9, 10.0.0.2"], "198.51.100.0"),
        ("10.0.0.1", ["1.2.3.4", "198.51.100.9"], "198.51.100.0"),
        ("10.0.0.1", ["2001:db8:7:8::1"], "2001:db8:7::"),
        ("10.0.0.1", [], "10.0.0.0"),
        ("10.0.0.1", ["nonsense"], "10.0.0.0"),
        ("203.0.113.77", ["198.51.100.9"], "203.0.113.0"),
    ],
)
def test_only_a_trusted_proxy_may_say_whom_it_speaks_for(writer, log, peer, forwarded, short):
    door = Door(writer, proxies=["10.0.0.0/8"])
    door.post("/v1/t", EVENT, peer=peer, headers=[("x-forwarded-for", value) for value in forwarded])
    (entry,) = log.read({})
    assert entry.ip_short == short


def test_requests_that_come_together_are_kept_together_in_order(door, log):
    requests = [("POST", "/v1/t", b'{"n":%d}' % n, [("authorization", basic(SERVER))]) for n in range(100)]
    assert {answer.status for answer in door.knock_together(requests)} == {200}
    assert [json.loads(entry.body)["n"] for entry in log.read({})] == list(range(100))


def test_health_is_well_when_events_can_be_kept(door):
    assert door.knock("GET", "/healthz").json == {"status": "ok"}
