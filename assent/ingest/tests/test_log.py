"""The arrival log: durable when it says so, sealed, in order, and gone when consumed."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from assent.foundation.crypto import FileMasterKey
from assent.ingest.hours import HOUR_MS
from assent.ingest.log import SqliteLog, SqliteWriter
from assent.ingest.ports import Arrival, LogEntry, LogUnavailable, PartitionTaken, Unreadable, open_log, open_writer

HOME = Path(__file__).resolve().parents[3]


class Clock:
    """A clock to turn by hand."""

    def __init__(self):
        self.ms = 400_000 * HOUR_MS

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def master(tmp_path):
    return FileMasterKey(tmp_path / "master.key")


@pytest.fixture
def writer(tmp_path, master, clock):
    writer = SqliteWriter.open(tmp_path / "arrival", master, "c0", clock)
    yield writer
    writer.close()


@pytest.fixture
def log(tmp_path, master, clock):
    log = SqliteLog(tmp_path / "arrival", master, clock)
    yield log
    log.close()


def arrival(name="a", *, at=1000, size=0):
    body = b'{"name":"%s%s"}' % (name.encode(), b"." * size)
    return Arrival(at, 7, False, "track", True, "203.0.113.0", body)


def bodies(entries):
    return [entry.body for entry in entries]


def keys_on_disk(tmp_path):
    return sorted((tmp_path / "arrival" / "hours" / "c0").glob("*.key"))


def test_what_was_written_is_read_back_with_all_that_only_the_connection_knew(writer, log):
    assert writer.write([arrival("a"), arrival("b")]) == 2
    first, second = log.read({})
    assert first == LogEntry("c0", 1, 1000, 7, False, "track", True, "203.0.113.0", b'{"name":"a"}')
    assert (second.seq, second.body) == (2, b'{"name":"b"}')


def test_a_reader_goes_on_behind_its_position_even_inside_a_group(writer, log):
    writer.write([arrival("a"), arrival("b"), arrival("c")])
    writer.write([arrival("d")])
    assert [entry.seq for entry in log.read({"c0": 2})] == [3, 4]
    assert log.read({"c0": 4}) == []


def test_a_read_stops_at_its_limit_but_always_gets_on(writer, log):
    writer.write([arrival(str(n), size=1000) for n in range(10)])
    assert len(log.read({}, limit_bytes=2500)) == 3
    assert len(log.read({}, limit_bytes=1)) == 1


def test_entries_of_two_partitions_come_in_the_order_of_their_arrival(tmp_path, master, log):
    for partition, times in (("c0", (1, 4, 5)), ("c1", (2, 3, 6))):
        writer = open_writer(var=tmp_path, master=master, partition=partition)
        for at in times:
            writer.write([arrival(str(at), at=at)])
        writer.close()
    assert [entry.received_ms for entry in log.read({})] == [1, 2, 3, 4, 5, 6]
    assert [entry.received_ms for entry in log.read({"c0": 2, "c1": 1})] == [3, 5, 6]


def test_an_empty_folder_is_an_empty_log(tmp_path, master):
    log = open_log(var=tmp_path / "nothing", master=master)
    assert (log.read({}), log.tail(), log.consumed(), log.settle()) == ([], {}, {}, True)


def test_sequence_numbers_go_on_after_everything_was_consumed_and_the_writer_started_anew(tmp_path, master, writer, log):
    writer.write([arrival("a"), arrival("b")])
    log.consume("c0", 2)
    writer.close()
    again = SqliteWriter.open(tmp_path / "arrival", master, "c0")
    assert again.write([arrival("c")]) == 3
    again.close()
    assert (log.tail(), log.consumed()) == ({"c0": 3}, {"c0": 2})
    writer._lock = os.open(os.devnull, os.O_RDONLY)  # the fixture closes it once more


def test_consuming_further_than_the_tail_does_not_swallow_what_comes_next(writer, log):
    writer.write([arrival("a")])
    log.consume("c0", 99)
    writer.write([arrival("b")])
    assert bodies(log.read({})) == [b'{"name":"b"}']


def test_consumed_entries_never_come_back_to_a_reader_that_lost_its_position(writer, log):
    writer.write([arrival("a"), arrival("b")])
    log.consume("c0", 1)
    assert bodies(log.read({})) == [b'{"name":"b"}']


def test_a_partition_has_one_living_writer_and_the_next_one_takes_the_next_free_partition(tmp_path, master, writer):
    with pytest.raises(PartitionTaken):
        open_writer(var=tmp_path, master=master, partition="c0")
    other = open_writer(var=tmp_path, master=master)
    assert other.partition == "c1"
    other.close()


def test_nothing_of_a_body_lies_open_on_the_disk(tmp_path, writer):
    secret = "ada.lovelace@mail.example"
    writer.write([arrival(secret)])
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_after_settling_no_file_holds_even_a_sealed_byte_of_what_was_consumed(tmp_path, writer, log):
    writer.write([arrival(str(n), size=5000) for n in range(20)])
    sealed = sqlite3.connect(tmp_path / "arrival/c0.sqlite3").execute("SELECT sealed FROM entries").fetchone()[0][40:72]
    assert [path for path in tmp_path.rglob("c0.*") if sealed in path.read_bytes()]
    log.consume("c0", 20)
    assert log.settle()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and sealed in path.read_bytes()]


def test_settling_says_no_while_a_reader_elsewhere_keeps_old_bytes_alive(tmp_path, writer, log):
    writer.write([arrival("a")])
    reader = sqlite3.connect(tmp_path / "arrival/c0.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    log.consume("c0", 1)
    assert not log.settle()
    reader.close()
    assert log.settle()


def test_settling_says_no_while_a_group_is_consumed_only_in_part(writer, log):
    writer.write([arrival("a"), arrival("b")])
    log.consume("c0", 1)
    assert not log.settle()
    log.consume("c0", 2)
    assert log.settle()


def test_an_hours_key_dies_when_the_hour_is_over_and_all_of_it_is_consumed(tmp_path, clock, writer, log):
    writer.write([arrival("a")])
    (first,) = keys_on_disk(tmp_path)
    clock.ms += HOUR_MS
    writer.write([arrival("b")])
    assert len(keys_on_disk(tmp_path)) == 2
    assert log.settle()
    assert first in keys_on_disk(tmp_path)  # the hour is over, but not consumed
    log.consume("c0", 1)
    log.settle()
    assert first not in keys_on_disk(tmp_path)
    assert bodies(log.read({})) == [b'{"name":"b"}']


def test_the_key_of_the_current_hour_stays_though_all_is_consumed(tmp_path, writer, log):
    writer.write([arrival("a")])
    log.consume("c0", 1)
    log.settle()
    assert len(keys_on_disk(tmp_path)) == 1


def test_a_clock_that_goes_back_costs_no_entry(tmp_path, clock, writer, log):
    writer.write([arrival("a")])
    clock.ms += HOUR_MS
    writer.write([arrival("b")])
    clock.ms -= HOUR_MS
    writer.write([arrival("c")])
    assert bodies(log.read({})) == [b'{"name":"a"}', b'{"name":"b"}', b'{"name":"c"}']
    log.consume("c0", 3)
    clock.ms += 2 * HOUR_MS
    assert log.settle()
    assert keys_on_disk(tmp_path) == []


def test_a_writer_whose_key_was_destroyed_makes_a_new_one(tmp_path, writer, log):
    writer.write([arrival("a")])
    keys_on_disk(tmp_path)[0].unlink()
    writer.write([arrival("b")])
    gone, there = log.read({})
    assert isinstance(gone, Unreadable)
    assert (gone.seq, gone.why) == (1, "its hour's key is gone")
    assert there.body == b'{"name":"b"}'


def test_altered_bytes_are_told_and_do_not_stop_the_line(tmp_path, writer, log):
    writer.write([arrival("a"), arrival("b")])
    writer.write([arrival("c")])
    with sqlite3.connect(tmp_path / "arrival/c0.sqlite3") as other:
        other.execute("UPDATE entries SET sealed = zeroblob(length(sealed)) WHERE last = 2")
    first, second, third = log.read({})
    assert (first.why, second.why) == ("its bytes were altered", "its bytes were altered")
    assert third.body == b'{"name":"c"}'


def test_a_group_moved_to_another_place_does_not_open(tmp_path, writer, log):
    writer.write([arrival("a")])
    with sqlite3.connect(tmp_path / "arrival/c0.sqlite3") as other:
        other.execute("UPDATE entries SET first = 5, last = 5")
    (moved,) = log.read({})
    assert isinstance(moved, Unreadable)


def test_a_locked_file_is_told_and_writing_goes_on_after_it(tmp_path, monkeypatch, writer, log):
    monkeypatch.setattr("assent.ingest.log.WAIT_S", 0.05)
    writer.write([arrival("a")])
    writer._disconnect()
    other = sqlite3.connect(tmp_path / "arrival/c0.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable, match="locked") as told:
        writer.write([arrival("b")])
    assert told.value.retry_after > 0
    other.execute("ROLLBACK")
    assert writer.write([arrival("b")]) == 2
    assert bodies(log.read({})) == [b'{"name":"a"}', b'{"name":"b"}']


def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(writer, log):
    writer.write([arrival("a")])
    connection = writer._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LogUnavailable, match="full"):
        writer.write([arrival(os.urandom(40_000).hex())])
    assert bodies(log.read({})) == [b'{"name":"a"}']
    assert writer.write([arrival("b")]) == 2


def test_a_consumer_that_finds_the_file_locked_goes_on_later(tmp_path, monkeypatch, writer, log):
    monkeypatch.setattr("assent.ingest.log.WAIT_S", 0.05)
    writer.write([arrival("a")])
    other = sqlite3.connect(tmp_path / "arrival/c0.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogUnavailable):
        log.consume("c0", 1)
    other.execute("ROLLBACK")
    log.consume("c0", 1)
    assert log.consumed() == {"c0": 1}


def test_a_killed_writer_loses_nothing_it_had_confirmed(tmp_path, master):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from assent.foundation.crypto import FileMasterKey
        from assent.ingest.ports import Arrival, open_writer
        var = Path(sys.argv[1])
        writer = open_writer(var=var, master=FileMasterKey(var / "master.key"), partition="c0")
        number = int(sys.argv[2])
        while True:
            group = [Arrival(1, 7, True, "track", False, "", b'{"n":%d}' % (number + i)) for i in range(5)]
            print(writer.write(group), number + 4, flush=True)
            number += 5
    """)
    confirmed: dict[int, int] = {}
    for _round in range(5):
        start = max(confirmed.values(), default=-1) + 1
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(start)], stdout=subprocess.PIPE, cwd=HOME, text=True
        )
        for _ in range(40):
            seq, number = map(int, child.stdout.readline().split())
            confirmed[seq] = number
        child.send_signal(signal.SIGKILL)
        # What it still managed to say before it died counts, too; a torn last line does not.
        for line in child.stdout.read().splitlines(keepends=True):
            if line.endswith("\n"):
                seq, number = map(int, line.split())
                confirmed[seq] = number
        child.wait()
        child.stdout.close()
    log = open_log(var=tmp_path, master=master)
    found = {entry.seq: entry.body for entry in log.read({}, limit_bytes=1 << 30)}
    log.close()
    assert {seq: b'{"n":%d}' % number for seq, number in confirmed.items()}.items() <= found.items()
    assert len(confirmed) >= 200


def test_the_log_needs_no_django(tmp_path):
    program = "import sys, assent.ingest.ports; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=HOME, check=False).returncode == 0
