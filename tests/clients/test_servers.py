"""The official clients for servers, unchanged, against a running collector: every event arrives, resends are the same."""

import json
import subprocess
import time

import pytest
import rudderstack.analytics as rudder
import segment.analytics as segment

MANY = 230  # three batches of the Python clients, more of the one for Node


def send_all(client, *, identify):
    """Send one of each kind and many purchases; return the ids by kind."""
    ids = {}

    def noted(sent):
        _ok, message = sent
        ids[message["messageId"]] = message["type"]

    identify(client, noted)
    noted(client.page("ada", "Shop", "Home", {"url": "https://bloom.example/"}))
    noted(client.screen("ada", "Shop", "Basket"))
    noted(client.group("ada", "g1", {"plan": "gold"}))
    noted(client.alias("a1", "ada"))
    for number in range(MANY):
        noted(client.track("ada", "Order Completed", {"total": number / 100, "currency": "RON", "note": "ăâîșț 🎉"}))
    client.flush()
    client.join()
    return ids


def segment_client(house, url, errors, **options):
    return segment.Client(
        house.key("shop"), host=url, on_error=lambda error, _batch: errors.append(error), max_queue_size=10_000, **options
    )


def rudder_client(house, url, errors):
    return rudder.Client(
        house.key("till"), host=url, on_error=lambda error, _batch: errors.append(error), max_queue_size=10_000
    )


def identify(client, noted):
    noted(client.identify("ada", {"city": "Cluj-Napoca"}))


def check(found, ids):
    """Each message arrived, under its kind, and all copies of it are the same."""
    assert {name: copies[0]["type"] for name, copies in found.items()} == ids
    assert all(copy == copies[0] for copies in found.values() for copy in copies)
    totals = [copies[0]["properties"]["total"] for copies in found.values() if copies[0]["type"] == "track"]
    assert sorted(totals) == [number / 100 for number in range(MANY)]
    assert {copies[0]["properties"]["note"] for copies in found.values() if copies[0]["type"] == "track"} == {"ăâîșț 🎉"}


@pytest.mark.parametrize("gzip", [False, True])
def test_segment_python_delivers_each_event_once(house, inbox, gzip):
    errors = []
    ids = send_all(segment_client(house, house.url, errors, gzip=gzip), identify=identify)
    assert errors == []
    found = inbox.messages("shop")
    check(found, ids)
    assert {len(copies) for copies in found.values()} == {1}
    assert {(entry.kind, entry.secret) for entry in inbox.entries("shop")} == {("batch", True)}


def test_segment_python_resends_what_it_heard_no_answer_to(house, inbox, forgetful):
    errors = []
    ids = send_all(segment_client(house, forgetful.url, errors), identify=identify)
    assert errors == []
    found = inbox.messages("shop")
    check(found, ids)
    assert any(len(copies) > 1 for copies in found.values())
    assert {status for status, _lost in forgetful.log} == {200}


def test_rudder_python_delivers_each_event_once(house, inbox):
    errors = []
    ids = send_all(rudder_client(house, house.url, errors), identify=identify)
    assert errors == []
    found = inbox.messages("till")
    check(found, ids)
    assert {len(copies) for copies in found.values()} == {1}


def test_rudder_python_resends_what_it_heard_no_answer_to(house, inbox, forgetful):
    errors = []
    ids = send_all(rudder_client(house, forgetful.url, errors), identify=identify)
    assert errors == []
    found = inbox.messages("till")
    check(found, ids)
    assert any(len(copies) > 1 for copies in found.values())


def test_rudder_python_may_send_batches_of_four_mebibytes(house, inbox):
    errors = []
    client = rudder_client(house, house.url, errors)
    for number in range(12):
        client.track("ada", "Order Completed", {"n": number, "text": "ș" * 130_000})
    client.flush()
    client.join()
    assert errors == []
    assert sorted(copies[0]["properties"]["n"] for copies in inbox.messages("till").values()) == list(range(12))
    assert max(len(entry.body) for entry in inbox.entries("till")) > 4 << 20


@pytest.mark.parametrize("make", [segment_client, rudder_client])
def test_a_python_client_with_a_wrong_key_gives_up_at_once(house, inbox, forgetful, make):
    errors = []
    forgetful.loses = lambda _message: False
    client = make(house, forgetful.url, errors)
    for consumer in client.consumers:
        consumer.write_key = "sk_mistyped"
    client.track("ada", "Order Completed", {})
    client.flush()
    client.join()
    assert [status for status, _lost in forgetful.log] == [401]
    (error,) = errors
    assert "invalid_write_key" in str(error)
    assert inbox.messages("shop") == inbox.messages("till") == {}


REVOKE = """
from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.tenancy import api
for controller in api.controllers():
    for key, _start, _secret, place in api.write_keys_of(controller=controller.id):
        if place.slug == "kiosk":
            api.revoke_write_key(controller=controller.id, key=key, by=Actor.system("test"), at=now())
"""


def test_a_key_revoked_in_the_house_is_refused_within_two_seconds(house, inbox):
    def told():
        errors = []
        client = segment.Client(house.key("kiosk"), host=house.url, on_error=lambda error, _batch: errors.append(error))
        client.track("ada", "Order Completed", {})
        client.flush()
        client.join()
        return errors

    assert told() == []
    house.run(REVOKE)
    time.sleep(1.5)
    (error,) = told()
    assert "invalid_write_key" in str(error)
    assert len(inbox.messages("kiosk")) == 1


def test_segment_node_delivers_each_event_once(house, inbox, node):
    ids = _node(node, house.url, house.key("shop"))
    found = inbox.messages("shop")
    check(found, ids)
    assert {len(copies) for copies in found.values()} == {1}


def test_segment_node_resends_what_it_heard_no_answer_to(house, inbox, node, forgetful):
    ids = _node(node, forgetful.url, house.key("shop"))
    found = inbox.messages("shop")
    check(found, ids)
    assert any(len(copies) > 1 for copies in found.values())


def _node(folder, url, key):
    done = subprocess.run(
        ["node", "send.mjs", url, key, str(MANY)], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
