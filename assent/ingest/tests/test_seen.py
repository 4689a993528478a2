import pytest

from assent.ingest.seen import DAYS, Seen

TODAY = 20_777
MINUTE = TODAY * 1440


@pytest.fixture
def seen(tmp_path):
    index = Seen(tmp_path / "ingest" / "seen.sqlite3")
    yield index
    index.close()


def claim(index, keys, upto=9, partition="c0", day=TODAY):
    return index.claim({partition: keys}, upto={partition: upto}, day=day)


def test_a_message_seen_under_a_smaller_number_is_a_duplicate(seen):
    assert claim(seen, {(MINUTE, 1): 5}) == set()
    assert claim(seen, {(MINUTE, 1): 7, (MINUTE, 2): 7}) == {("c0", (MINUTE, 1))}


def test_a_replay_is_never_its_own_duplicate(seen):
    keys = {(MINUTE, 1): 5, (MINUTE, -2): 6}
    assert claim(seen, keys) == set()
    assert claim(seen, keys) == set()


def test_of_a_message_in_two_partitions_at_once_one_is_the_first(seen):
    key = (MINUTE, 1)
    assert seen.claim({"c0": {key: 3}, "c1": {key: 2}}, upto={"c0": 3, "c1": 2}, day=TODAY) == {("c0", key)}
    assert claim(seen, {key: 3}, partition="c0") == {("c0", key)}
    assert claim(seen, {key: 2}, partition="c1") == set()


def test_the_end_of_the_stretch_survives(seen, tmp_path):
    assert seen.planned("c0") == 0
    claim(seen, {}, upto=42)
    again = Seen(tmp_path / "ingest" / "seen.sqlite3")
    assert again.planned("c0") == 42
    again.close()


def test_messages_are_forgotten_by_when_they_came_whatever_their_clock_said(seen):
    old, new = TODAY - DAYS - 1, TODAY
    claim(seen, {(old * 1440, 1): 1, (MINUTE + 10**6, 2): 1, (0, 3): 1}, day=old)
    claim(seen, {(MINUTE, 4): 2, (0, 5): 2, (MINUTE + 10**6, 6): 2}, day=new)
    assert seen.forget(before_day=TODAY - DAYS) == 3
    repeated = claim(seen, {(0, 5): 3, (MINUTE, 4): 3, (0, 3): 3})
    assert repeated == {("c0", (0, 5)), ("c0", (MINUTE, 4))}


def test_no_number_is_too_large_or_too_small(seen):
    keys = {(-(2**31), -(2**63)): 2**39, (2**33, 2**63 - 1): 1}
    assert claim(seen, keys, upto=2**39) == set()
    assert claim(seen, keys, upto=2**39) == set()
