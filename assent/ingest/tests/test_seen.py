import pytest

from assent.ingest.seen import DAYS, Seen, key

TODAY = 20_777
MINUTE = TODAY * 1440


@pytest.fixture
def seen(tmp_path):
    index = Seen(tmp_path / "ingest" / "seen.sqlite3")
    yield index
    index.close()


def claim(index, keys, upto=9, partition="c0", day=TODAY):
    return index.claim({one: (partition, seq) for one, seq in keys.items()}, upto={partition: upto}, day=day)


def at(minute, number):
    return key(minute, number.to_bytes(8, "big"))


def test_a_message_seen_under_a_smaller_number_is_a_duplicate(seen):
    assert claim(seen, {at(MINUTE, 1): 5}) == set()
    assert claim(seen, {at(MINUTE, 1): 7, at(MINUTE, 2): 7}) == {at(MINUTE, 1)}


def test_a_replay_is_never_its_own_duplicate(seen):
    keys = {at(MINUTE, 1): 5, at(MINUTE, 2): 6}
    assert claim(seen, keys) == set()
    assert claim(seen, keys) == set()


def test_a_message_in_two_partitions_is_first_where_it_was_seen_first(seen):
    first = at(MINUTE, 1)
    assert claim(seen, {first: 3}, partition="c0") == set()
    assert claim(seen, {first: 3}, partition="c1") == {first}
    assert claim(seen, {first: 3}, partition="c0") == set()


def test_the_end_of_the_stretch_survives(seen, tmp_path):
    assert seen.planned("c0") == 0
    claim(seen, {}, upto=42)
    again = Seen(tmp_path / "ingest" / "seen.sqlite3")
    assert again.planned("c0") == 42
    again.close()


def test_messages_are_forgotten_by_when_they_came_whatever_their_clock_said(seen):
    old, new = TODAY - DAYS - 1, TODAY
    claim(seen, {at(old * 1440, 1): 1, at(MINUTE + 10**6, 2): 1, at(0, 3): 1}, day=old)
    claim(seen, {at(MINUTE, 4): 2, at(0, 5): 2, at(MINUTE + 10**6, 6): 2}, day=new)
    assert seen.forget(before_day=TODAY - DAYS) == 3
    repeated = claim(seen, {at(0, 5): 3, at(MINUTE, 4): 3, at(0, 3): 3})
    assert repeated == {at(0, 5), at(MINUTE, 4)}


def test_no_number_is_too_large_or_too_small(seen):
    keys = {at(-(2**31), 2**64 - 1): 2**39, at(2**33, 0): 1}
    assert claim(seen, keys, upto=2**39) == set()
    assert claim(seen, keys, upto=2**39) == set()
