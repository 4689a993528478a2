"""The collector as processes: killed, orphaned, revoked, out of room, and still nothing acknowledged is lost."""

import json
import socket
import sqlite3
import threading
import time
import urllib.error

import psutil
import pytest

from assent.entrypoints.collect import serve
from assent.entrypoints.collect.tests.cast import RUDDER, SERVER, basic
from assent.entrypoints.collect.tests.live import Live, free_port, running
from assent.foundation.crypto import FileMasterKey
from assent.ingest.ports import open_log

AUTH = {"Authorization": basic(SERVER)}


def batch(*names):
    return json.dumps({"batch": [{"messageId": name} for name in names]}).encode()


def kept(var):
    log = open_log(var=var, master=FileMasterKey(var / "master.key"))
    entries = log.read({}, limit_bytes=1 << 30)
    log.close()
    return [message["messageId"] for entry in entries for message in json.loads(entry.body)["batch"]]


def test_what_was_acknowledged_survives_kill_9_again_and_again(tmp_path):
    port, acknowledged, sent = free_port(), [], []
    for round_ in range(4):
        server = Live(tmp_path, port).wait()
        over = threading.Event()

        def send(number, server=server, over=over, round_=round_):
            count = 0
            while not over.is_set():
                name = f"{round_}-{number}-{count}"
                sent.append(name)
                try:
                    status = server.post(batch(name), AUTH)[0]
                except (OSError, urllib.error.URLError):
                    return
                if status == 200:
                    acknowledged.append(name)
                count += 1

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        server.kill()
        over.set()
        for thread in threads:
            thread.join()
    found = kept(tmp_path)
    assert len(acknowledged) > 100
    assert set(acknowledged) <= set(found) <= set(sent)
    assert len(found) == len(set(found))


def test_stopping_answers_what_is_under_way_and_ends_with_success(tmp_path):
    with running(tmp_path) as server:
        assert server.post(batch("a"), AUTH)[0] == 200
        assert server.stop() == 0
    assert kept(tmp_path) == ["a"]


def test_workers_die_with_their_parent(tmp_path):
    with running(tmp_path, workers=2) as server:
        workers = server.workers()
        assert len(workers) == 2
        server.process.kill()
        server.process.wait()
        _gone, alive = psutil.wait_procs(workers, timeout=5)
        assert alive == []


def test_each_worker_writes_a_partition_of_its_own(tmp_path):
    with running(tmp_path, workers=2) as server:
        names = [f"m{number}" for number in range(60)]
        for name in names:
            assert server.post(batch(name), AUTH)[0] == 200
        assert sorted(path.name for path in (tmp_path / "arrival").glob("*.lock")) == ["c0.lock", "c1.lock"]
    assert sorted(kept(tmp_path)) == sorted(names)


def test_a_second_server_on_the_same_port_is_refused(tmp_path):
    with running(tmp_path) as server, pytest.raises(serve.PortTaken, match="taken"):
        serve.serve("127.0.0.1", server.port, 1, tmp_path)


def test_a_revoked_key_is_refused_within_two_seconds(tmp_path):
    with running(tmp_path) as server:
        assert server.post(batch("a"), AUTH)[0] == 200
        (tmp_path / "revoked.json").write_text("[11]")
        time.sleep(1.8)
        status, answer, _headers = server.post(batch("b"), AUTH)
        assert (status, answer["code"]) == (401, "invalid_write_key")
        (tmp_path / "revoked.json").write_text("not json")  # as unreadable as a locked database
        time.sleep(1.3)
        assert server.post(batch("c"), {"Authorization": basic(RUDDER)})[0] == 200


def test_a_locked_log_is_503_until_it_is_free_again(tmp_path):
    with running(tmp_path) as server:
        assert server.post(batch("a"), AUTH)[0] == 200
        other = sqlite3.connect(tmp_path / "arrival/c0.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        status, answer, headers = server.post(batch("b"), AUTH)
        assert (status, answer["code"]) == (503, "unavailable")
        assert int(headers["retry-after"]) > 0
        other.execute("ROLLBACK")
        other.close()
        time.sleep(1.1)
        assert server.post(batch("b"), AUTH)[0] == 200
    assert kept(tmp_path) == ["a", "b"]


def test_a_full_disk_is_503_until_there_is_room_again(tmp_path):
    # The shell's file size limit (in KiB) makes writes fail as a full disk does; consuming makes room again.
    with running(tmp_path, limit="ulimit -f 512; ") as server:
        acknowledged, answers = [], []
        for number in range(200):
            name = f"{number}-" + "".join(chr(33 + (number * 7919 + i * i * 31) % 90) for i in range(20_000))
            status, answer, headers = server.post(batch(name), AUTH)
            answers.append(status)
            if status == 503:
                assert answer["code"] == "unavailable"
                assert int(headers["retry-after"]) > 0
                break
            acknowledged.append(name)
        assert answers[-1] == 503
        assert kept(tmp_path) == acknowledged
        log = open_log(var=tmp_path, master=FileMasterKey(tmp_path / "master.key"))
        log.consume("c0", len(acknowledged))
        log.settle()
        log.close()
        time.sleep(1.1)
        assert server.post(batch("after"), AUTH)[0] == 200
    assert kept(tmp_path) == ["after"]


def test_a_client_gets_to_read_its_refusal_even_while_it_is_still_sending(tmp_path):
    with running(tmp_path) as server:
        for headers in (AUTH, {"Authorization": basic("wrong")}):
            status, answer, _headers = server.post(b'{"batch":["' + b"x" * 6_000_000 + b'"]}', headers)
            assert (status, answer["code"]) in {(400, "too_large"), (401, "invalid_write_key")}


def test_torn_and_raw_connections_do_not_disturb_others(tmp_path):
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTH['Authorization']}\r\n"
    with running(tmp_path) as server:
        for start in (
            b"",
            b"\x16\x03\x01",
            b"GET / HTTP/9\r\n\r\n",
            head.encode(),
            f"{head}Content-Length: 99\r\n\r\n{{".encode(),
        ):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(start)
        chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        body = batch("chunked")
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(chunked + b"%x\r\n" % 5 + body[:5] + b"\r\n")
            time.sleep(0.05)
            connection.sendall(b"%x\r\n" % len(body[5:]) + body[5:] + b"\r\n0\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert server.post(batch("b"), AUTH)[0] == 200
    assert kept(tmp_path) == ["chunked", "b"]
